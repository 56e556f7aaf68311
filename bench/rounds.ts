import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Contestant, Framework } from './contestant.ts'
import { requestOf, sessions, signInAll } from './credentials.ts'
import { bareName } from './field.ts'
import type { Settings } from './process-talk.ts'
import { type Driver, type ServerProcess, startDriver, startServer } from './processes.ts'
import { type Estimate, estimate, paired } from './stats.ts'

/** What one contestant costs over the bare server of its framework, on the same requests. */
export interface Speed {
  readonly name: string
  readonly framework: Framework
  /** Microseconds of CPU time a request, of the server's whole process. */
  readonly cpu: Estimate
  /** The same over the bare server, paired by rounds. */
  readonly added: Estimate
  /** The same in requests of the bare server: how it carries over to a machine of another speed. */
  readonly share: Estimate
  readonly perSecond: Estimate
  /** Of the bare server, on the same requests. */
  readonly barePerSecond: Estimate
  /** Milliseconds, with 64 requests under way. */
  readonly p50: Estimate
  readonly p99: Estimate
  /** Bytes of a whole request. */
  readonly requestBytes: number
  /** How many were measured, beside as many of the bare server. */
  readonly requests: number
}

export interface RoundsOptions {
  readonly contestants: readonly Contestant[]
  readonly rounds: number
  /** Milliseconds of one slot; each round has two a contestant. */
  readonly slot: number
  /** Milliseconds before each slot that do not count: the caches of the processor are full of the one before. */
  readonly lead: number
  /** Slots before the first round that do not count: until the compilers are done. */
  readonly warmUp: number
  readonly sessions?: number
  readonly seed: number
  readonly progress: (line: string) => void
}

const connections = 64
/** Access tokens and cached sessions of others live for a day here, so that nothing has to be renewed while it is measured. */
const lifetime = 86_400
/** Handstamp's own T is five minutes: sessions are begun anew before that. */
const freshFor = 270_000

interface Entrant {
  readonly contestant: Contestant
  readonly server: ServerProcess
  readonly bare: ServerProcess
  readonly folder: string
  readonly measured: { readonly ours: Slot[]; readonly bare: Slot[] }
  signedInAt: number
  requestBytes: number
}

interface Slot {
  readonly count: number
  readonly cpu: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

/**
 * Measures what a checked request costs: every contestant and, right before or after it, the bare server of its framework on the very same requests; all of them in each round, so that whatever the machine does it
 * does to all.
 */
export async function measureSpeed(options: RoundsOptions): Promise<readonly Speed[]> {
  const driver = startDriver()
  const bares = new Map<Framework, ServerProcess>()
  const entrants: Entrant[] = []
  try {
    for (const contestant of options.contestants) {
      const bare = bares.get(contestant.framework) ?? (await startBare(contestant.framework))
      bares.set(contestant.framework, bare)
      entrants.push(await enter(contestant, bare, driver, options))
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const entrant of inTurn(entrants, round)) await playRound(entrant, driver, options, round)
      options.progress(`round ${round + 1} of ${options.rounds}`)
    }
    return entrants.map(speedOf)
  } finally {
    await driver.close()
    for (const { server, folder } of entrants) {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    }
    for (const bare of bares.values()) await bare.close()
  }
}

function startBare(framework: Framework): Promise<ServerProcess> {
  return startServer(settingsOf(bareName(framework), tmpdir()))
}

function settingsOf(name: string, folder: string): Settings {
  return { name, secret: randomBytes(36).toString('base64url'), folder, lifetime, role: 'begins' }
}

async function enter(
  contestant: Contestant,
  bare: ServerProcess,
  driver: Driver,
  options: RoundsOptions,
): Promise<Entrant> {
  const folder = mkdtempSync(join(tmpdir(), 'handstamp-bench-'))
  const server = await startServer(settingsOf(contestant.name, folder))
  const measured = { ours: [], bare: [] }
  const entrant: Entrant = { contestant, server, bare, folder, measured, signedInAt: 0, requestBytes: 0 }
  options.progress(`${contestant.name}: signing in`)
  await signIn(entrant, driver, options)
  for (let time = 0; time < options.warmUp; time++) {
    await slot(entrant.server, contestant.name, driver, options, time)
    await slot(bare, bareSet(contestant), driver, options, time)
  }
  return entrant
}

function bareSet({ name }: Contestant): string {
  return `${name}, bare`
}

/** Begins all sessions and shows each of them once, so that it has been seen. */
async function signIn(entrant: Entrant, driver: Driver, options: RoundsOptions): Promise<void> {
  const { contestant, server, bare } = entrant
  const count = options.sessions ?? sessions
  const headers = await signInAll(driver, server.port, contestant.carries, count)
  const requests = headers.map((header) => requestOf(server.port, header))
  await driver.load(contestant.name, requests)
  await driver.load(
    bareSet(contestant),
    headers.map((header) => requestOf(bare.port, header)),
  )
  const all = { set: contestant.name, port: server.port, connections, for: 'once', seed: 0, status: 200 } as const
  const { wrong } = await driver.run(all)
  if (wrong !== null) throw new Error(`${contestant.name}: ${wrong}`)
  entrant.signedInAt = performance.now()
  entrant.requestBytes = requests[0]?.length ?? 0
}

async function playRound(entrant: Entrant, driver: Driver, options: RoundsOptions, round: number): Promise<void> {
  const { contestant, server, bare, measured } = entrant
  if (performance.now() - entrant.signedInAt > freshFor && contestant.name.startsWith('Handstamp'))
    await signIn(entrant, driver, options)
  const ours = async (): Promise<unknown> =>
    measured.ours.push(await slot(server, contestant.name, driver, options, round))
  const theirs = async (): Promise<unknown> =>
    measured.bare.push(await slot(bare, bareSet(contestant), driver, options, round))
  for (const play of round % 2 === 0 ? [ours, theirs] : [theirs, ours]) await play()
}

async function slot(
  server: ServerProcess,
  set: string,
  driver: Driver,
  options: RoundsOptions,
  round: number,
): Promise<Slot> {
  const seed = options.seed + 7919 * (round + 1)
  const task = { set, port: server.port, connections, status: 200 }
  await server.ask('measured', 1)
  if (options.lead > 0) await driver.run({ ...task, for: options.lead, seed: seed + 1 })
  const before = await server.cpu()
  const driven = await driver.run({ ...task, for: options.slot, seed })
  const cpu = (await server.cpu()) - before
  await server.ask('measured', 0)
  if (driven.wrong !== null) throw new Error(`${set}: ${driven.wrong}`)
  const { count, seconds, p50, p99 } = driven
  return { count, cpu: cpu / count, perSecond: count / seconds, p50, p99 }
}

/** Each round begins with another one. */
function inTurn<T>(items: readonly T[], round: number): readonly T[] {
  const from = (round * 7) % items.length
  return [...items.slice(from), ...items.slice(0, from)]
}

function speedOf({ contestant, measured, requestBytes }: Entrant): Speed {
  const of = (slots: readonly Slot[], what: keyof Slot): readonly number[] => slots.map((slot) => slot[what])
  return {
    name: contestant.name,
    framework: contestant.framework,
    cpu: estimate(of(measured.ours, 'cpu')),
    added: paired(of(measured.ours, 'cpu'), of(measured.bare, 'cpu')),
    share: estimate(of(measured.ours, 'cpu').map((cpu, round) => cpu / (measured.bare[round] as Slot).cpu - 1)),
    perSecond: estimate(of(measured.ours, 'perSecond')),
    barePerSecond: estimate(of(measured.bare, 'perSecond')),
    p50: estimate(of(measured.ours, 'p50')),
    p99: estimate(of(measured.ours, 'p99')),
    requestBytes,
    requests: of(measured.ours, 'count').reduce((sum, count) => sum + count, 0),
  }
}
