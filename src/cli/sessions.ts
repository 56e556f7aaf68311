import type { PublicSession } from '../model/session.ts'
import type { Configuration } from '../server/config.ts'
import { type OpenAuth, openAuth } from '../server/open.ts'
import { deviceOf } from '../server/pages/device.ts'
import { english } from '../server/pages/words/english.ts'
import { type Action, columns, runAction } from './actions.ts'
import { exit, type Io } from './io.ts'

const most = 10_000

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['list', { run: list, usage: { positionals: ['NAME'] } }],
  ['show', { run: show, usage: { positionals: ['ID'] } }],
  ['revoke', { run: revoke, usage: { positionals: ['ID'] } }],
  ['revoke-all', { run: revokeAll, usage: { positionals: ['NAME'] } }],
  ['revoke-everyone', { run: revokeEveryone, usage: {} }],
])

/** `handstamp sessions list | show | revoke | revoke-all | revoke-everyone`: who is signed in, and an end to it. */
export function sessions(argv: readonly string[], io: Io): Promise<number> {
  return runAction('sessions', actions, argv, io)
}

async function list({ config, positionals }: Configuration, io: Io): Promise<number> {
  const [name = ''] = positionals
  return withServer({ config }, io, async (open) => {
    const user = await userOf(open, name)
    const found = await open.auth.list(user, most)
    if (config.json) io.out(JSON.stringify(found.map(shown)))
    else for (const line of columns(found.map(rowOf))) io.out(line)
    if (found.length === 0) io.note(`${name} is not signed in anywhere.`)
    return exit.ok
  })
}

async function show({ config, positionals }: Configuration, io: Io): Promise<number> {
  const [id = ''] = positionals
  return withServer({ config }, io, async ({ auth }) => {
    const session = await auth.find(id)
    if (session === null) return notFound(io)
    const fields = shown(session)
    if (config.json) io.out(JSON.stringify(fields))
    else for (const line of columns(Object.entries(fields).map(([name, value]) => [name, text(value)]))) io.out(line)
    return exit.ok
  })
}

async function revoke({ config, positionals }: Configuration, io: Io): Promise<number> {
  const [id = ''] = positionals
  return withServer({ config }, io, async ({ auth }) => {
    const ended = await auth.revoke(id, { confirm: true })
    if (!ended) return notFound(io)
    if (config.json) io.out(JSON.stringify({ id, ended }))
    else io.note('It is ended, and every node refuses it.')
    return exit.ok
  })
}

async function revokeAll({ config, positionals }: Configuration, io: Io): Promise<number> {
  const [name = ''] = positionals
  return withServer({ config }, io, async (open) => {
    await open.auth.revokeAll({ user: await userOf(open, name) }, { confirm: true })
    if (config.json) io.out(JSON.stringify({ user: name, ended: true }))
    else io.note(`Every session of ${name} is ended, and every node refuses them.`)
    return exit.ok
  })
}

async function revokeEveryone({ config }: Configuration, io: Io): Promise<number> {
  return withServer({ config }, io, async ({ auth }) => {
    await auth.revokeAll('everyone', { confirm: true })
    if (config.json) io.out(JSON.stringify({ everyone: true, ended: true }))
    else io.note('Every session is ended, and every node refuses them.')
    return exit.ok
  })
}

/** A name of an account, or what sessions carry as `user`. */
async function userOf({ accounts }: OpenAuth, name: string): Promise<string> {
  return (await accounts.find(name))?.id ?? name
}

function notFound(io: Io): number {
  io.fail(
    'handstamp sessions: there is no such session, or it has ended. handstamp sessions list NAME shows those of a user.',
  )
  return exit.notFound
}

async function withServer<T>(
  { config }: Pick<Configuration, 'config'>,
  io: Io,
  work: (open: OpenAuth) => Promise<T>,
): Promise<T> {
  const open = await openAuth(config, io.note)
  try {
    return await work(open)
  } finally {
    await open.close()
  }
}

function shown(session: PublicSession) {
  const { id, user, tenant, claims, level, methods, presentation, persistent, device, binding } = session
  const at = (millis: number | null): string | null => (millis === null ? null : new Date(millis).toISOString())
  return {
    id,
    user,
    tenant,
    claims,
    level,
    methods,
    presentation,
    remembered: persistent,
    device: deviceOf(device.agent, english.device),
    address: device.address,
    bound: binding,
    createdAt: at(session.createdAt),
    authenticatedAt: at(session.authenticatedAt),
    lastSeenAt: at(session.seenAt),
    expiresAt: at(session.expiresAt),
    endsAt: at(session.endsAt),
  }
}

function rowOf(session: PublicSession): readonly string[] {
  const { id, device, presentation, address, lastSeenAt, expiresAt } = shown(session)
  return [id, device, presentation, address ?? '-', `last seen ${lastSeenAt}`, `ends ${expiresAt}`]
}

function text(value: unknown): string {
  if (value === null) return '-'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
