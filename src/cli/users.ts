import { systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { type Refusal, reasons } from '../base/reasons.ts'
import type { Backend } from '../model/backend.ts'
import type { Account } from '../server/account.ts'
import { type Accounts, createAccounts } from '../server/accounts.ts'
import { openBackend } from '../server/backend.ts'
import type { Config, Configuration } from '../server/config.ts'
import { generatePassword } from '../server/new-password.ts'
import { attemptsOn, endSessions } from '../server/open.ts'
import { longestPassword } from '../server/password.ts'
import { type Action, columns, runAction } from './actions.ts'
import { exit, type Io } from './io.ts'

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  [
    'add',
    {
      run: add,
      usage: {
        positionals: ['NAME'],
        flags: [
          { name: 'role', isSwitch: false },
          { name: 'password-stdin', isSwitch: true },
        ],
      },
    },
  ],
  ['list', { run: list, usage: {} }],
  [
    'password',
    { run: password, usage: { positionals: ['NAME'], flags: [{ name: 'password-stdin', isSwitch: true }] } },
  ],
  ['disable', { run: disable, usage: { positionals: ['NAME'] } }],
  ['enable', { run: enable, usage: { positionals: ['NAME'] } }],
])

/** `handstamp users add | list | password | disable | enable`: the accounts that may sign in. */
export function users(argv: readonly string[], io: Io): Promise<number> {
  return runAction('users', actions, argv, io)
}

async function add({ config, flags, positionals }: Configuration, io: Io): Promise<number> {
  const [username = ''] = positionals
  const role = flags.get('role')
  const generated = flags.has('password-stdin') ? null : generatePassword()
  const password = generated ?? (await passwordFrom(io))
  const added = await withAccounts(config, (accounts) =>
    accounts.add({ username, password, ...(typeof role === 'string' ? { role } : {}) }),
  )
  if (!added.ok) return refused(io, added)
  return tell(added.value, generated, config, io)
}

/** The account, and the password that was made for it. */
function tell(account: Account, generated: string | null, config: Config, io: Io): number {
  const lines = { ...shown(account), ...(generated === null ? {} : { password: generated }) }
  if (config.json) io.out(JSON.stringify(lines))
  else for (const [name, value] of Object.entries(lines)) io.out(`${name}: ${value ?? 'none'}`)
  if (generated !== null) io.note('The password is shown only now: nobody can read it back.')
  return exit.ok
}

/** Sets another password, ends all sessions, and lets the name be tried again. */
async function password({ config, flags, positionals }: Configuration, io: Io): Promise<number> {
  const [username = ''] = positionals
  const generated = flags.has('password-stdin') ? null : generatePassword()
  const chosen = generated ?? (await passwordFrom(io))
  return withAccounts(config, async (accounts, backend) => {
    const account = await accounts.find(username)
    if (account === null) return notFound(io)
    const changed = await accounts.setPassword(account.id, chosen)
    if (!changed.ok) return refused(io, changed)
    try {
      await endSessions(backend, config, account.id, 'password_changed')
      await attemptsOn(backend).forgive(username)
    } catch (error) {
      io.fail(
        `handstamp users: the password of ${account.username} is changed, but its sessions are not ended yet: run this again.`,
      )
      throw error
    }
    return tell(changed.value, generated, config, io)
  })
}

async function enable({ config, positionals }: Configuration, io: Io): Promise<number> {
  const [username = ''] = positionals
  return withAccounts(config, async (accounts) => {
    const account = await accounts.find(username)
    const enabled = account === null ? null : await accounts.enable(account.id)
    if (enabled === null || !enabled.ok) return notFound(io)
    if (config.json) io.out(JSON.stringify(shown(enabled.value)))
    else io.note(`${enabled.value.username} can sign in again.`)
    return exit.ok
  })
}

/** The password without the line end that `echo` puts behind it. */
async function passwordFrom(io: Io): Promise<string> {
  const text = await io.input(longestPassword + 2)
  if (text === null)
    throw new Fault('invalid_value', `Standard input holds no password of up to ${longestPassword} bytes.`)
  return text.replace(/\r?\n$/, '')
}

async function list({ config }: Configuration, io: Io): Promise<number> {
  const all = await withAccounts(config, everyAccount)
  if (config.json) io.out(JSON.stringify(all.map(shown)))
  else for (const line of columns(all.map(rowOf))) io.out(line)
  if (all.length === 0) io.note('There are no accounts yet: handstamp users add NAME')
  return exit.ok
}

async function everyAccount(accounts: Accounts): Promise<readonly Account[]> {
  const page = 500
  const all: Account[] = []
  for (;;) {
    const more = await accounts.list(page, all.at(-1)?.username)
    all.push(...more)
    if (more.length < page) return all
  }
}

/** Disables first, then ends the sessions, so that none begins in between. Does both again when it is repeated. */
async function disable({ config, positionals }: Configuration, io: Io): Promise<number> {
  const [username = ''] = positionals
  return withAccounts(config, async (accounts, backend) => {
    const account = await accounts.find(username)
    if (account === null) return notFound(io)
    const disabled = await accounts.disable(account.id)
    if (!disabled.ok) return notFound(io)
    try {
      await endSessions(backend, config, account.id, 'disabled')
    } catch (error) {
      io.fail(`handstamp users: ${account.username} is disabled, but its sessions are not ended yet: run this again.`)
      throw error
    }
    if (config.json) io.out(JSON.stringify(shown(disabled.value)))
    else io.note(`${account.username} can sign in no more, and all sessions are ended.`)
    return exit.ok
  })
}

async function withAccounts<T>(config: Config, work: (accounts: Accounts, backend: Backend) => Promise<T>): Promise<T> {
  const backend = await openBackend(config)
  try {
    await backend.ready()
    return await work(createAccounts(backend.documents, systemClock), backend)
  } finally {
    await backend.close()
  }
}

function refused(io: Io, refusal: Refusal): number {
  const { sentence, remedy } = reasons[refusal.reason]
  io.fail(`handstamp users: ${sentence} ${remedy}`)
  return exit.failed
}

function notFound(io: Io): number {
  io.fail('handstamp users: there is no account of that name. handstamp users list shows them.')
  return exit.notFound
}

interface ShownAccount {
  readonly id: string
  readonly username: string
  readonly role: string | null
  readonly createdAt: string
  readonly disabled: boolean
}

function shown({ id, username, role, createdAt, disabled }: Account): ShownAccount {
  return { id, username, role, createdAt: new Date(createdAt).toISOString(), disabled }
}

function rowOf(account: Account): readonly string[] {
  const { username, role, createdAt, disabled, id } = shown(account)
  return [username, role ?? '-', disabled ? 'disabled' : 'active', createdAt, id]
}
