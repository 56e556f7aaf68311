import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Auth, handstamp } from '../http/auth.ts'
import type { HandstampOptions } from '../http/settings.ts'
import type { Backend } from '../model/backend.ts'
import type { Presentation } from '../model/session.ts'
import { memory } from '../stores/memory.ts'
import { type ManualClock, manualClock } from '../testing/manual-clock.ts'
import { createApplication, type Deeds, type LabData, type Route } from './application.ts'
import { type Browsers, openBrowsers } from './browsers.ts'
import { type Client, createClient } from './client.ts'
import { recorded } from './recording.ts'
import { createTranscript, type Entry, type Lane, type Transcript } from './transcript.ts'

/** A server that the lab has started on a free port of loopback, and that ends with the run. */
export interface Target {
  /** As its clients name it; every name leads to this machine. */
  readonly origin: string
  readonly port: number
  readonly deeds: Deeds
  readonly asked: Asked
  /** Resolves when so many slow requests have come to where they wait. */
  waiting(count: number): Promise<void>
  /** Lets them go on. */
  goOn(): void
}

/** A request by which somebody signs in, and the like. */
export interface Deed {
  readonly path: string
  readonly fields: Readonly<Record<string, string>>
}

/** What pages ask the application for. */
export interface Asked {
  readonly me: string
  login(user: 'ada' | 'mallory'): Deed
  readonly logout: Deed
  readonly note: Deed
}

const ownAsked: Asked = {
  me: '/me',
  login: (user) => ({ path: '/login', fields: { user } }),
  logout: { path: '/logout', fields: {} },
  note: { path: '/note', fields: { text: 'hello' } },
}

export interface OwnTarget extends Target {
  readonly auth: Auth<LabData, LabData>
  readonly backend: Backend
}

export interface Opening
  extends Partial<
    Pick<HandstampOptions, 'policy' | 'keys' | 'issuer' | 'cookies' | 'trustedOrigins' | 'insecureHttp'>
  > {
  /** (`app.localhost`, which browsers trust as they trust https) */
  readonly host?: string
  readonly secret?: string
  readonly backend?: Backend
  readonly route?: Route
  /** (as the run shows sessions) */
  readonly present?: Presentation | 'both'
}

/** Another product in place of ours, as its documentation sets it up. */
export interface Other {
  readonly name: string
  open(making: {
    readonly origin: string
    readonly deeds: Deeds
    readonly hold: () => Promise<void>
  }): Promise<OtherOpened>
}

export interface OtherOpened {
  readonly listener: RequestListener
  /** (as ours) */
  readonly asked?: Asked
  close(): Promise<void>
}

/** What an attack is carried out on. Everything on it is gone when the run is over. */
export interface Stage {
  readonly present: Presentation
  readonly clock: ManualClock
  /** Whether a defence is in place; always, where another product is tried. */
  has(defence: string): boolean
  open(opening?: Opening): Promise<Target>
  /** For attacks that look inside. @throws where another product is tried */
  openOwn(opening?: Opening): Promise<OwnTarget>
  /** Any other server that the attack needs, such as the attacker's. @returns its port */
  serve(lane: Lane, listener: RequestListener): Promise<number>
  client(lane: Lane, target: Pick<Target, 'origin' | 'port'>): Client
  browsers(): Promise<Browsers>
  tell(lane: Lane | 'everybody', text: string): void
  /** Carried out when the run is over, the last one first. */
  after(end: () => Promise<unknown> | unknown): void
}

export interface Staging {
  readonly present: Presentation
  readonly on: ReadonlySet<string>
  readonly other: Other | null
}

export interface Staged {
  readonly stage: Stage
  entries(): readonly Entry[]
  close(): Promise<void>
}

export function createStage({ present, on, other }: Staging): Staged {
  const transcript = createTranscript()
  const clock = manualClock()
  const senders = new Map<number, Lane>()
  const ends: (() => Promise<unknown> | unknown)[] = []
  let closed = false
  const sender = (port: number): Lane => senders.get(port) ?? 'victim'

  /** What is opened after the end, by an attack that was given up, ends at once. */
  const stillOpen = (): void => {
    if (closed) throw new Error('The run is over.')
  }
  const listen = async (server: Server): Promise<number> => {
    stillOpen()
    ends.push(() => stop(server))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  async function openOwn(opening: Opening = {}): Promise<OwnTarget> {
    if (other !== null) throw new Error('This attack is tried on Handstamp alone.')
    const {
      host = 'app.localhost',
      secret = randomBytes(32).toString('base64url'),
      route = () => false,
      ...rest
    } = opening
    const backend = opening.backend ?? memory({ clock })
    const server = createServer()
    const port = await listen(server)
    const origin = `http://${host}:${port}`
    const auth = handstamp<LabData, LabData>({ present, clock, origin, ...rest, backend, secrets: secret })
    ends.push(() => auth.close())
    const deeds: Deeds = { notes: 0 }
    const gate = createHold()
    const listener = createApplication({ auth, present, deeds, hold: gate.hold, route })
    server.on('request', recorded(listener, transcript, 'application', sender))
    return { origin, port, auth, backend, deeds, asked: ownAsked, waiting: gate.waiting, goOn: gate.goOn }
  }

  async function openOther({ host = 'app.localhost' }: Opening, product: Other): Promise<Target> {
    const server = createServer()
    const port = await listen(server)
    const origin = `http://${host}:${port}`
    const deeds: Deeds = { notes: 0 }
    const gate = createHold()
    const opened = await product.open({ origin, deeds, hold: gate.hold })
    ends.push(() => opened.close())
    server.on('request', recorded(opened.listener, transcript, 'application', sender))
    return { origin, port, deeds, asked: opened.asked ?? ownAsked, waiting: gate.waiting, goOn: gate.goOn }
  }

  const stage: Stage = {
    present,
    clock,
    has: (defence) => other !== null || on.has(defence),
    open: (opening = {}) => (other === null ? openOwn(opening) : openOther(opening, other)),
    openOwn,
    serve: (lane, listener) => listen(createServer(recorded(listener, transcript, lane, sender))),
    client: (lane, target) => createClient(lane, target, (port) => senders.set(port, lane)),
    browsers: () => {
      stillOpen()
      return openBrowsers((end) => ends.push(end))
    },
    tell: (lane, text) => tell(transcript, lane, text),
    after: (end) => ends.push(end),
  }
  return {
    stage,
    entries: transcript.entries,
    close: async () => {
      closed = true
      const failed: unknown[] = []
      while (ends.length > 0) await (async () => ends.pop()?.())().catch((error: unknown) => failed.push(error))
      if (failed.length > 0) throw new AggregateError(failed, 'something of the run could not be ended')
    },
  }
}

function tell(transcript: Transcript, lane: Lane | 'everybody', text: string): void {
  transcript.add({ kind: 'happening', lane, text })
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** Where slow requests wait, until they are told to go on. */
function createHold(): Pick<Target, 'waiting' | 'goOn'> & { readonly hold: () => Promise<void> } {
  const released = Promise.withResolvers<void>()
  const watchers: { readonly count: number; readonly resolve: () => void }[] = []
  let held = 0
  const look = (): void => {
    for (const { count, resolve } of watchers) if (held >= count) resolve()
  }
  return {
    hold: () => {
      held++
      look()
      return released.promise
    },
    waiting: (count) =>
      new Promise((resolve) => {
        watchers.push({ count, resolve })
        look()
      }),
    goOn: () => released.resolve(),
  }
}
