import { type Auth, handstamp } from '../../src/http/auth.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'

/**
 * A process of an application on an SQLite file, told over IPC what to do: `node refresh-worker.ts <path> <secret> <nodes> <now>`. Its clock moves when it is told to. Has
 * several nodes, each with a connection of its own, so that requests inside one process race as well.
 */
export interface Asked {
  readonly id: number
  readonly act: keyof Acts
  readonly args: readonly unknown[]
}

export type Answered =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }

export interface Acts {
  advance(ms: number): Promise<void>
  create(user: string): Promise<{ readonly id: string; readonly refreshToken: string; readonly accessToken: string }>
  /** Presents one refresh token so many times at once, by turns at each node. */
  refresh(token: string, times: number): Promise<readonly Refreshed[]>
  /** null, or why not. */
  validate(accessToken: string): Promise<string | null>
  revoke(id: string): Promise<boolean>
  /** Kinds of the events since the last time it was asked. */
  events(): Promise<readonly string[]>
}

export type Refreshed =
  | { readonly ok: true; readonly refreshToken: string | null; readonly accessToken: string }
  | { readonly ok: false; readonly reason: string }

/** What to do, on some nodes of one process. */
export function actsOf(auths: readonly Auth[], clock: ManualClock, events: string[]): Acts {
  const [auth] = auths as [Auth]
  const refreshAt = async (node: number, token: string): Promise<Refreshed> => {
    const answer = await (auths[node % auths.length] as Auth).refresh(token)
    if (!answer.ok) return { ok: false, reason: answer.reason }
    return { ok: true, refreshToken: answer.value.refresh_token ?? null, accessToken: answer.value.access_token }
  }
  return {
    advance: async (ms) => clock.advance(ms),
    create: async (user) => {
      const created = await auth.create({ user, present: 'token' })
      if (!created.ok) throw new Error(created.reason)
      const { session, credential, snapshot } = created.value
      return { id: session.id, refreshToken: credential, accessToken: snapshot }
    },
    refresh: (token, times) => Promise.all(Array.from({ length: times }, (_, index) => refreshAt(index, token))),
    validate: async (accessToken) => {
      const checked = await auth.validate({ accessToken })
      return checked.ok ? null : checked.reason
    },
    revoke: (id) => auth.revoke(id),
    events: async () => events.splice(0),
  }
}

async function work([path = '', secrets = '', nodes = '', now = '']: readonly string[]): Promise<void> {
  const clock = manualClock(Number(now))
  const kinds: string[] = []
  const auths = Array.from({ length: Number(nodes) }, () =>
    handstamp({
      backend: sqlite({ path, clock, busyTimeout: 10_000 }),
      clock,
      secrets,
      present: 'token',
      events: ({ kind }) => kinds.push(kind),
    }),
  )
  for (const auth of auths) await auth.ready()
  const acts = actsOf(auths, clock, kinds) as unknown as Readonly<
    Record<string, (...args: unknown[]) => Promise<unknown>>
  >
  process.on('message', ({ id, act, args }: Asked) => {
    acts[act]?.(...args).then(
      (value) => process.send?.({ id, value }),
      (error: unknown) => process.send?.({ id, error: String(error) }),
    )
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.({ id: 0, value: 'ready' })
}

if (process.argv[1] === import.meta.filename) await work(process.argv.slice(2))
