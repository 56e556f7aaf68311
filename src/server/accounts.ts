import { toBase64url } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import { randomBytes } from '../crypto/random.ts'
import type { Document, Documents } from '../model/backend.ts'
import type { Claims, Level } from '../model/session.ts'
import { type Account, formatAccount, parseAccount, type StoredAccount } from './account.ts'
import { isGoodPassword } from './new-password.ts'
import { createPasswords, type Passwords } from './password.ts'
import { usernameKey } from './username.ts'

/** The people who may sign in, kept in the documents of the backend. */
export interface Accounts {
  /**
   * Adds an account. Of several that add one name at once, in any spelling, one succeeds.
   *
   * @returns or the reason `bad_username`, `weak_password`, `account_exists`, `too_many_logins`
   * @throws Fault `invalid_value` for a role that is no word
   * Cost: one hash, one read, two writes.
   */
  add(account: NewAccount): Promise<Check<Account>>
  /**
   * Checks a name and a password. Unknown, wrong and disabled get the same answer after the same work. Does not limit how often one may try.
   *
   * A login then reads the user's generation, asks `isCurrent`, and only then inserts the session with that generation: so no session begins beside a
   * disabling or a change of password.
   *
   * @returns or the reason `wrong_login`, `too_many_logins`
   * @throws Fault `store_unavailable`, also when the stored account is damaged
   * Cost: one read, one hash; one more hash and a write when the hash is of an older cost.
   */
  verify(username: string, password: string): Promise<Check<Account>>
  /** Whether nothing about the account has changed since it was read, and it is not disabled. Cost: two reads. */
  isCurrent(account: Account): Promise<boolean>
  /** By name, in any spelling. Cost: one read. */
  find(username: string): Promise<Account | null>
  /** By the id that sessions carry as `user`. Cost: two reads. */
  findById(id: string): Promise<Account | null>
  /** In the order of their names, after a name. Cost: one read. */
  list(limit: number, after?: string): Promise<readonly Account[]>
  /**
   * Sets another password. Does not ask for the old one and ends no sessions: both are the caller's.
   *
   * @returns or the reason `not_found`, `weak_password`, `too_many_logins`
   * Cost: three reads, one hash, one write.
   */
  setPassword(id: string, password: string): Promise<Check<Account>>
  /**
   * Lets the account sign in no more. Ends no sessions: the caller does, afterwards (S7).
   *
   * @returns the account, also when it was disabled before; or the reason `not_found`
   * Cost: two reads, one write.
   */
  disable(id: string): Promise<Check<Account>>
  /**
   * Erases the account; its id is never given again. Ends no sessions: the caller does, before. False when there was none.
   *
   * Cost: two reads, two writes.
   */
  remove(id: string): Promise<boolean>
  /** Lets it sign in again; the sessions that have ended stay so. @returns as `disable`. Cost: as `disable`. */
  enable(id: string): Promise<Check<Account>>
}

export interface NewAccount {
  readonly username: string
  readonly password: string
  /** One word, e.g. `admin`. */
  readonly role?: string
}

export interface AccountsOptions {
  readonly passwords?: Passwords
  readonly random?: (length: number) => Uint8Array
}

const kind = 'account'
/** From an id to the key of its account; counts only where the account found there has that id. */
const idKind = 'account-id'
const mostTries = 16

export function createAccounts(documents: Documents, clock: Clock, options: AccountsOptions = {}): Accounts {
  const { passwords = createPasswords(), random = randomBytes } = options

  async function add({ username, password, role }: NewAccount): Promise<Check<Account>> {
    const key = usernameKey(username)
    if (key === null) return refuse('bad_username')
    if (role !== undefined && !isRole(role)) throw new Fault('invalid_value', 'A role is one word of 1 to 64 letters.')
    if (!isGoodPassword(password, username)) return refuse('weak_password')
    if ((await documents.find(kind, key)) !== null) return refuse('account_exists')
    const hash = await passwords.hash(password)
    if (!hash.ok) return hash
    const id = toBase64url(random(16))
    const created = { id, username: username.trim(), role: role ?? null, createdAt: clock.now(), disabled: false }
    // The way from the id first: a crash in between leaves a signpost to nothing, never an account that its sessions cannot find.
    if (!(await documents.insert(idKind, id, key))) throw new Fault('not_stored', 'The new account id is taken.')
    const account = { ...created, version: 1 }
    if (await documents.insert(kind, key, formatAccount({ account, hash: hash.value }))) return accept(account)
    await documents.remove(idKind, id)
    return refuse('account_exists')
  }

  async function verify(username: string, password: string): Promise<Check<Account>> {
    const key = usernameKey(username)
    const stored = key === null ? null : await read(key)
    const verdict = await passwords.verify(password, stored?.hash ?? null)
    if (!verdict.ok) return verdict
    if (key === null || stored === null || !verdict.value || stored.account.disabled) return refuse('wrong_login')
    return accept(passwords.needsRehash(stored.hash) ? await rehash(key, stored, password) : stored.account)
  }

  /** When there is no time for it, or somebody else was first, the next login does it. */
  async function rehash(key: string, stored: StoredAccount, password: string): Promise<Account> {
    const hash = await passwords.hash(password)
    if (!hash.ok) return stored.account
    return (await replace(key, stored, { ...stored, hash: hash.value })) ?? stored.account
  }

  async function setPassword(id: string, password: string): Promise<Check<Account>> {
    const found = await findStored(id)
    if (found === null) return refuse('not_found')
    if (!isGoodPassword(password, found.stored.account.username)) return refuse('weak_password')
    const hash = await passwords.hash(password)
    return hash.ok ? change(id, (stored) => ({ ...stored, hash: hash.value })) : hash
  }

  const turn = (disabled: boolean) => (id: string) =>
    change(id, (stored) => ({ ...stored, account: { ...stored.account, disabled } }))

  async function change(id: string, to: (stored: StoredAccount) => StoredAccount): Promise<Check<Account>> {
    for (let tries = 0; tries < mostTries; tries++) {
      const found = await findStored(id)
      if (found === null) return refuse('not_found')
      const account = await replace(found.key, found.stored, to(found.stored))
      if (account !== null) return accept(account)
    }
    throw new Fault('not_stored', 'The account was changed by others all the time: nothing was changed.')
  }

  /** @returns null, and nothing changed, when the stored one is of another version by now */
  async function replace(key: string, from: StoredAccount, to: StoredAccount): Promise<Account | null> {
    const { version } = from.account
    const done = await documents.replace(kind, key, version, formatAccount(to))
    return done ? { ...to.account, version: version + 1 } : null
  }

  /** The account first: a crash in between leaves a signpost to nothing. */
  async function remove(id: string): Promise<boolean> {
    const found = await findStored(id)
    const removed = found !== null && (await documents.remove(kind, found.key))
    await documents.remove(idKind, id)
    return removed
  }

  async function read(key: string): Promise<StoredAccount | null> {
    const document = await documents.find(kind, key)
    return document === null ? null : parseAccount(document)
  }

  async function findStored(id: string): Promise<{ readonly key: string; readonly stored: StoredAccount } | null> {
    const signpost = await documents.find(idKind, id)
    const stored = signpost === null ? null : await read(signpost.value)
    return signpost !== null && stored?.account.id === id ? { key: signpost.value, stored } : null
  }

  async function find(username: string): Promise<Account | null> {
    const key = usernameKey(username)
    return key === null ? null : ((await read(key))?.account ?? null)
  }

  async function findById(id: string): Promise<Account | null> {
    return (await findStored(id))?.stored.account ?? null
  }

  async function isCurrent(account: Account): Promise<boolean> {
    const now = await findById(account.id)
    return now !== null && now.version === account.version && !now.disabled
  }

  async function list(limit: number, after?: string): Promise<readonly Account[]> {
    const key = after === undefined ? undefined : usernameKey(after)
    if (key === null) return []
    const page: readonly Document[] = await documents.list(kind, limit, key)
    return page.map((document) => parseAccount(document).account)
  }

  return { add, verify, isCurrent, find, findById, list, setPassword, remove, disable: turn(true), enable: turn(false) }
}

function isRole(role: string): boolean {
  return /^[\p{L}\p{N}_.:-]{1,64}$/u.test(role)
}

export interface Credentials {
  readonly username: string
  readonly password: string
}

/** Who has signed in, and how well. */
export interface VerifiedUser {
  /** What sessions carry as `user`: stable and never given to somebody else. */
  readonly user: string
  /** What people call them; shown to them and carried as the claim `preferred_username`. */
  readonly name?: string
  readonly role?: string
  readonly claims?: Claims
  readonly level?: Level
  /** RFC 8176 values. */
  readonly methods?: readonly string[]
  /** Whether they may still sign in, asked just before the session is stored. */
  readonly confirm?: () => Promise<boolean>
}

/**
 * Checks a name and a password; an application may bring its own. It answers `wrong_login` for unknown, wrong and disabled alike, after the same work (L4),
 * and throws when it cannot tell: a directory that is down is no wrong password.
 */
export type VerifyCredentials = (credentials: Credentials) => Promise<Check<VerifiedUser>>

export function accountsVerifier(accounts: Accounts): VerifyCredentials {
  return async ({ username, password }) => {
    const account = await accounts.verify(username, password)
    if (!account.ok) return account
    const { id, username: name, role } = account.value
    const confirm = (): Promise<boolean> => accounts.isCurrent(account.value)
    return accept({ user: id, name, ...(role === null ? {} : { role }), level: 1, methods: ['pwd'], confirm })
  }
}
