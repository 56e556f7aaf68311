import type { Configuration } from '../server/config.ts'
import { type OpenAuth, openAuth } from '../server/open.ts'
import { type Action, columns, runAction } from './actions.ts'
import { exit, type Io } from './io.ts'

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['list', { run: list, usage: {} }],
  ['rotate', { run: rotate, usage: {} }],
  ['remove', { run: remove, usage: { positionals: ['KID'] } }],
])

/** `handstamp keys list | rotate | remove`: the keys that sign access tokens. */
export function keys(argv: readonly string[], io: Io): Promise<number> {
  return runAction('keys', actions, argv, io)
}

async function list({ config }: Configuration, io: Io): Promise<number> {
  const all = await withKeys({ config }, io, async (auth) => (await auth.keys()).jwks().keys)
  const rows = all.map(({ kid = '', alg = '' }) => ({ kid, alg }))
  if (config.json) io.out(JSON.stringify(rows))
  else for (const line of columns(rows.map(({ kid, alg }) => [kid, alg]))) io.out(line)
  return exit.ok
}

async function rotate({ config }: Configuration, io: Io): Promise<number> {
  const kid = await withKeys({ config }, io, async (auth) => (await auth.keys()).rotate())
  io.out(config.json ? JSON.stringify({ kid }) : kid)
  io.note('It signs in ten seconds, when every node knows it. The keys before it still verify.')
  return exit.ok
}

async function remove({ config, positionals }: Configuration, io: Io): Promise<number> {
  const [kid = ''] = positionals
  const removed = await withKeys({ config }, io, async (auth) => (await auth.keys()).remove(kid))
  if (!removed) {
    io.fail('handstamp keys: there is no key of that id. handstamp keys list shows them.')
    return exit.notFound
  }
  if (config.json) io.out(JSON.stringify({ kid, removed }))
  else io.note(`Every token that ${kid} has signed is refused. Clients get another one at their next refresh.`)
  return exit.ok
}

async function withKeys<T>(
  { config }: Pick<Configuration, 'config'>,
  io: Io,
  work: (auth: OpenAuth['auth']) => Promise<T>,
): Promise<T> {
  const open = await openAuth(config, io.note)
  try {
    return await work(open.auth)
  } finally {
    await open.close()
  }
}
