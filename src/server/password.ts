import { argon2, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { fromBase64url, toBase64url, toUtf8 } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import { randomBytes } from '../crypto/random.ts'
import { createWorkQueue } from './work-queue.ts'

/** What one hash costs. */
export interface HashCost {
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
export const defaultCost: HashCost = Object.freeze({ memory: 19_456, passes: 2, parallelism: 1 })

/** What a stored hash may ask for at most, so that no row can take the memory: RFC 9106 section 4, its second recommendation, and some passes. */
export const greatestCost: HashCost = Object.freeze({ memory: 65_536, passes: 10, parallelism: 4 })

const saltBytes = 16 // RFC 9106 section 4
const tagBytes = 32

/** Longest password, in bytes of UTF-8. SP 800-63B-4 3.1.1.2 wants at least 64 characters allowed and nothing cut off. */
export const longestPassword = 1024

/** The costly step: argon2id, version 19. */
export type Derive = (password: Uint8Array, salt: Uint8Array, cost: HashCost, length: number) => Promise<Uint8Array>

export interface PasswordOptions {
  readonly cost?: HashCost
  /** Hashes under way at once (one per core, three at most: libuv has four threads, and files and names need one). */
  readonly atOnce?: number
  /** Hashes waiting for their turn (64 for each under way: a wait of a few seconds). */
  readonly waiting?: number
  readonly random?: (length: number) => Uint8Array
  readonly derive?: Derive
}

/** Hashes passwords and compares them. Holds none: hashes go out and come back as text. */
export interface Passwords {
  /**
   * Hashes with a fresh salt. Does not judge whether the password is a good one.
   *
   * @returns a PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`; or the reason `too_many_logins`
   * @throws Fault `invalid_value` for what is no password at all (see `passwordBytes`)
   */
  hash(password: string): Promise<Check<string>>
  /**
   * Whether the password is the one that was hashed. With null, for a user who does not exist, does the same work and says no.
   * A hash of an older cost takes its own time until it is renewed.
   *
   * @returns or the reason `too_many_logins`
   * @throws Fault `store_unavailable` when `stored` is not a PHC string of bounded argon2id
   */
  verify(password: string, stored: string | null): Promise<Check<boolean>>
  /** Whether the hash was made at another cost than today's. */
  needsRehash(stored: string): boolean
}

export function createPasswords(options: PasswordOptions = {}): Passwords {
  const { cost = defaultCost, random = randomBytes, derive = deriveArgon2id } = options
  const atOnce = options.atOnce ?? Math.min(availableParallelism(), 3)
  const queue = createWorkQueue({ atOnce, waiting: options.waiting ?? 64 * atOnce })
  if (!isBounded(cost)) throw new Fault('invalid_option', `cost must stay within ${JSON.stringify(greatestCost)}`)
  // Nobody's hash. Drawn, not computed: the first unknown user costs one hash like every other.
  const nobody: StoredHash = { cost, salt: random(saltBytes), tag: random(tagBytes) }

  async function tagOf(
    password: Uint8Array,
    salt: Uint8Array,
    at: HashCost,
    length: number,
  ): Promise<Check<Uint8Array>> {
    const tag = queue.run(() => derive(password, salt, at, length))
    return tag === null ? refuse('too_many_logins') : accept(await tag)
  }

  return {
    async hash(password) {
      const bytes = passwordBytes(password)
      if (bytes === null) throw new Fault('invalid_value', `A password has 1 to ${longestPassword} bytes of text.`)
      const salt = random(saltBytes)
      const tag = await tagOf(bytes, salt, cost, tagBytes)
      return tag.ok ? accept(formatHash({ cost, salt, tag: tag.value })) : tag
    },

    async verify(password, stored) {
      const expected = stored === null ? nobody : parseStored(stored)
      const bytes = passwordBytes(password)
      if (bytes === null) return accept(false)
      const tag = await tagOf(bytes, expected.salt, expected.cost, expected.tag.length)
      if (!tag.ok) return tag
      const equal = timingSafeEqual(tag.value, expected.tag)
      return accept(equal && stored !== null)
    },

    needsRehash(stored) {
      const hash = parseStored(stored)
      return !isSameCost(hash.cost, cost) || hash.salt.length !== saltBytes || hash.tag.length !== tagBytes
    },
  }
}

/**
 * The bytes that are hashed: spaces of every kind as U+0020, NFC, UTF-8 (RFC 8265 section 4.2.2; SP 800-63B-4 3.1.1.2).
 *
 * @returns null for what cannot be a password: empty, over 1024 bytes, with control characters or half a character
 */
export function passwordBytes(password: string): Uint8Array | null {
  const text = normalPassword(password)
  if (text === null) return null
  const bytes = toUtf8(text)
  return bytes.length <= longestPassword ? bytes : null
}

/** The text of a password as it is hashed, or null when it cannot be one. */
export function normalPassword(password: string): string | null {
  if (password === '' || password.length > longestPassword || !password.isWellFormed()) return null
  return /\p{Cc}/u.test(password) ? null : password.replace(/\p{Zs}/gu, ' ').normalize('NFC')
}

interface StoredHash {
  readonly cost: HashCost
  readonly salt: Uint8Array
  readonly tag: Uint8Array
}

const phc =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,5}),t=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/

function formatHash(hash: StoredHash): string {
  const { memory, passes, parallelism } = hash.cost
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${toBase64(hash.salt)}$${toBase64(hash.tag)}`
}

/** Reads one form only: the parameters in this order, base64 without padding and without stray bits, all within `greatestCost`. */
function parseStored(text: string): StoredHash {
  const found = text.length <= 256 ? phc.exec(text) : null
  const cost = { memory: Number(found?.[1]), passes: Number(found?.[2]), parallelism: Number(found?.[3]) }
  const salt = fromBase64(found?.[4] ?? '')
  const tag = fromBase64(found?.[5] ?? '')
  if (found === null || !isBounded(cost) || salt === null || tag === null)
    throw new Fault('store_unavailable', 'A stored password hash is damaged or of a kind that is not accepted here.')
  return { cost, salt, tag }
}

function isBounded(cost: HashCost): boolean {
  return (
    Number.isInteger(cost.memory) &&
    cost.memory >= 8 * cost.parallelism &&
    cost.memory <= greatestCost.memory &&
    isWithin(cost.passes, greatestCost.passes) &&
    isWithin(cost.parallelism, greatestCost.parallelism)
  )
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most
}

function isSameCost(a: HashCost, b: HashCost): boolean {
  return a.memory === b.memory && a.passes === b.passes && a.parallelism === b.parallelism
}

function toBase64(bytes: Uint8Array): string {
  return toBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
}

function fromBase64(text: string): Uint8Array | null {
  return fromBase64url(text.replaceAll('+', '-').replaceAll('/', '_'))
}

export function deriveArgon2id(
  password: Uint8Array,
  salt: Uint8Array,
  cost: HashCost,
  length: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const { memory, passes, parallelism } = cost
    const parameters = { message: password, nonce: salt, memory, passes, parallelism, tagLength: length }
    argon2('argon2id', parameters, (error, tag) => (error === null ? resolve(tag) : reject(error)))
  })
}
