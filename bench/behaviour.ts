import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../test/laws/client.ts'
import { playScript, type ScriptResult } from '../test/laws/race-script.ts'
import { seededRandom } from '../test/support/random.ts'
import type { Contestant } from './contestant.ts'
import { headerOf, userName } from './credentials.ts'
import { type ServerProcess, startServer } from './processes.ts'

/** What a contestant does beside being fast. */
export interface Behaviour {
  readonly name: string
  /** Milliseconds from the acknowledged logout to the last acceptance of a copied credential; null: it was accepted until we stopped looking. */
  readonly acceptedFor: number | null
  /** How long we looked, in milliseconds. */
  readonly watchedFor: number
  /** The same where the session is ended in one process and shown to another one on the same store; undefined where there is one process. */
  readonly acceptedElsewhereFor?: number | null
  /** Of so many trials, those in which a slow request brought a session back, and those in which one of two writes was lost; null where no data is kept. */
  readonly races: ScriptResult | null
  readonly forged: Forged
  readonly endsBy: string
}

export interface Forged {
  readonly shown: number
  readonly accepted: number
  /** Calls of the store that they caused; null where there is no store. */
  readonly storeCalls: number | null
}

export interface BehaviourOptions {
  readonly contestants: readonly Contestant[]
  /** Life of tokens and of cached sessions, in seconds. */
  readonly lifetime: number
  readonly trials: number
  readonly forgeries: number
  readonly seed: number
  readonly progress: (line: string) => void
}

/** How often a copied credential is shown again, in milliseconds. */
const askEvery = 20

/** One after the other where there is work to do, and all at once where there is nothing but waiting for credentials to end. */
export async function watchBehaviour(options: BehaviourOptions): Promise<readonly Behaviour[]> {
  const found: Behaviour[] = []
  const waiting: Promise<unknown>[] = []
  for (const contestant of options.contestants) {
    const waits = await watch(contestant, options)
    options.progress(`${contestant.name}: waiting for its credentials to end`)
    waiting.push(waits().then((behaviour) => found.push(behaviour)))
  }
  await Promise.all(waiting)
  const order = options.contestants.map(({ name }) => name)
  return found.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
}

/** Does what is work, and gives what is waiting. */
async function watch(contestant: Contestant, options: BehaviourOptions): Promise<() => Promise<Behaviour>> {
  const folder = mkdtempSync(join(tmpdir(), 'handstamp-bench-'))
  const { name, endsBy, carries, keepsData } = contestant
  const settings = { name, folder, lifetime: options.lifetime, role: 'begins', secret: randomSecret() } as const
  const server = await startServer(settings)
  const races = keepsData && carries === 'cookie' ? await race(server, options) : null
  const forged = await forge(contestant, server, options)
  const other = isShared(name) ? await startServer({ ...settings, role: 'joins' }) : null
  // Longer than anything lives that lives for a lifetime, and no longer than that.
  const watchedFor = options.lifetime * 1000 + Math.min(10_000, options.lifetime * 1000)
  return async () => {
    try {
      const [acceptedFor, elsewhere] = await Promise.all([
        acceptedAfterLogout(contestant, server, server, watchedFor),
        other === null ? undefined : acceptedAfterLogout(contestant, server, other, watchedFor),
      ])
      const acceptedElsewhere = elsewhere === undefined ? {} : { acceptedElsewhereFor: elsewhere }
      return { name, endsBy, races, forged, acceptedFor, ...acceptedElsewhere, watchedFor }
    } finally {
      await other?.close()
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Whether two processes can stand on its store. */
function isShared(name: string): boolean {
  return /SQLite|Redis/.test(name)
}

function randomSecret(): string {
  return randomBytes(36).toString('base64url')
}

function race(server: ServerProcess, { trials, seed }: BehaviourOptions): Promise<ScriptResult> {
  const hold = {
    pause: () => Promise.reject(new Error('the handlers wait in their own process')),
    arrived: async (count: number) => void (await server.ask('arrived', count)),
    release: (place: number) => void server.ask('release', place),
  }
  return playScript({ url: `http://127.0.0.1:${server.port}`, hold }, trials, seed)
}

/** Signs in at one server, logs out there, and shows the copy to another one (or the same) until it is refused. */
async function acceptedAfterLogout(
  { name, carries }: Contestant,
  at: ServerProcess,
  shownTo: ServerProcess,
  longest: number,
): Promise<number | null> {
  const client = connect(`http://127.0.0.1:${at.port}`)
  const other = connect(`http://127.0.0.1:${shownTo.port}`)
  try {
    const header = headerOf(await client.ask('POST', `/login?user=${userName(1)}`), carries)
    const headers = asHeaders(header)
    const before = await other.ask('GET', '/me', { headers })
    if (before.status !== 200)
      throw new Error(`${name}: a good credential was answered ${before.status} ${before.body}`)
    const { status } = await client.ask('POST', '/logout', { headers })
    if (status !== 204) throw new Error(`logout answered ${status}`)
    const endedAt = performance.now()
    for (let lastAt = 0; ; ) {
      const askedAt = performance.now()
      if (askedAt - endedAt > longest) return null
      const answer = await other.ask('GET', '/me', { headers })
      if (answer.status !== 200) return lastAt
      lastAt = Math.round(performance.now() - endedAt)
      await new Promise((resolve) => setTimeout(resolve, askEvery))
    }
  } finally {
    client.close()
    other.close()
  }
}

/** A header line as an object. */
function asHeaders(line: string): Readonly<Record<string, string>> {
  const colon = line.indexOf(': ')
  return { [line.slice(0, colon).toLowerCase()]: line.slice(colon + 2) }
}

/** Credentials that nobody has issued: another server's, good ones with one character changed in each part, random ones of the same form. */
async function forge(contestant: Contestant, server: ServerProcess, options: BehaviourOptions): Promise<Forged> {
  const { name, carries } = contestant
  const folder = mkdtempSync(join(tmpdir(), 'handstamp-bench-'))
  const stranger = await startServer({
    name,
    folder,
    lifetime: options.lifetime,
    role: 'begins',
    secret: randomSecret(),
  })
  const client = connect(`http://127.0.0.1:${server.port}`)
  const foreign = connect(`http://127.0.0.1:${stranger.port}`)
  const random = seededRandom(options.seed)
  try {
    const good = headerOf(await client.ask('POST', `/login?user=${userName(2)}`), carries)
    const others = headerOf(await foreign.ask('POST', `/login?user=${userName(2)}`), carries)
    const before = (await server.ask('store calls')) as number | null
    let accepted = 0
    for (let shown = 0; shown < options.forgeries; shown++) {
      const kinds = [() => others, () => changed(good, random.below), () => shuffled(good, random.below)]
      const header = (kinds[shown % kinds.length] as () => string)()
      const { status } = await client.ask('GET', '/me', { headers: asHeaders(header) })
      if (status === 200) accepted++
    }
    const after = (await server.ask('store calls')) as number | null
    const storeCalls = before === null || after === null ? null : after - before
    return { shown: options.forgeries, accepted, storeCalls }
  } finally {
    client.close()
    foreign.close()
    await stranger.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Below = (limit: number) => number

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Every value of the header rewritten: of a Cookie header those behind `=`, of Authorization the parts of the token. */
function rewritten(header: string, rewrite: (value: string) => string): string {
  const colon = header.indexOf(': ') + 2
  const text = header.slice(colon)
  if (header.startsWith('Authorization')) return header.slice(0, colon) + text.replace(/[\w-]{20,}/g, rewrite)
  const pairs = text.split('; ').map((pair) => {
    const equals = pair.indexOf('=') + 1
    return pair.slice(0, equals) + rewrite(pair.slice(equals))
  })
  return header.slice(0, colon) + pairs.join('; ')
}

function changed(header: string, below: Below): string {
  return rewritten(header, (value) => {
    const places = [...value.matchAll(/[A-Za-z0-9]/g)].map(({ index }) => index)
    const at = places[below(places.length)] ?? 0
    const other = letters[(letters.indexOf(value[at] ?? 'A') + 1 + below(letters.length - 1)) % letters.length]
    return value.slice(0, at) + other + value.slice(at + 1)
  })
}

function shuffled(header: string, below: Below): string {
  return rewritten(header, (value) =>
    value.replace(/[A-Za-z0-9]/g, (letter, at: number) =>
      at < 2 ? letter : (letters[below(letters.length)] as string),
    ),
  )
}
