import { setTimeout } from 'node:timers/promises'
import type { Ability, Door, OpenDoor } from './door.ts'
import { type Heard, linesOf } from './heard.ts'
import { createNormalForm } from './normal-form.ts'
import { type Connection, type HeaderPair, openConnection, requestBytes, type Said, type Wire } from './wire.ts'

/** One thing that every door must do alike. */
export interface Case {
  readonly name: string
  readonly needs?: readonly Ability[]
  run(talk: Talk): Promise<void>
}

/** What a case has to speak with a door. What is asked and answered is written down; so is what is noted. */
export interface Talk {
  readonly door: Door
  readonly port: number
  readonly control: OpenDoor['control']
  /** Somebody with a browser, whose name is in the transcript. */
  person(name: string): Person
  /** The same, signed in; not written down. */
  signedIn(name: string, options?: Readonly<Record<string, unknown>>): Promise<Person>
  /** Somebody without cookies: what is given is what is sent. */
  ask(said: Said): Promise<Heard>
  /** The same, not written down. */
  whisper(said: Said): Promise<Heard>
  /** A connection of HTTP/1.1. */
  connection(): Connection
  bytes(said: Said): string
  note(line: string): void
  hear(label: string, heard: Heard): void
}

export interface Person {
  readonly name: string
  readonly jar: Map<string, string>
  /** The jar as a header. */
  cookies(): readonly HeaderPair[]
  ask(said: Said): Promise<Heard>
  get(path: string, headers?: readonly HeaderPair[]): Promise<Heard>
  post(path: string, json?: unknown, headers?: readonly HeaderPair[]): Promise<Heard>
  /** Not written down. */
  whisper(said: Said): Promise<Heard>
  /** Keeps what an answer sets. */
  take(heard: Heard): void
}

const own: HeaderPair = ['Sec-Fetch-Site', 'same-origin']

/** Runs a case and gives its transcript. */
export async function transcribe(one: Case, door: Door, open: OpenDoor, wire: Wire): Promise<readonly string[]> {
  const lines: string[] = []
  const connections: Connection[] = []
  const form = createNormalForm()
  const { port, control } = open

  function hear(label: string, heard: Heard): void {
    lines.push(`> ${label}`, ...form.lines(heard).map((line) => `  ${line}`))
  }

  function person(name: string): Person {
    const jar = new Map<string, string>()
    const cookies = (): readonly HeaderPair[] =>
      jar.size === 0 ? [] : [['Cookie', [...jar].map((pair) => pair.join('=')).join('; ')]]
    const take = (heard: Heard): void => keep(jar, heard)
    const whisper = async (said: Said): Promise<Heard> => {
      const heard = await wire.ask({ ...said, headers: [...cookies(), own, ...(said.headers ?? [])] })
      take(heard)
      return heard
    }
    const ask = async (said: Said): Promise<Heard> => {
      const heard = await whisper(said)
      hear(`${name}: ${described(said)}`, heard)
      return heard
    }
    const get = (path: string, headers: readonly HeaderPair[] = []): Promise<Heard> => ask({ path, headers })
    const post = (path: string, json?: unknown, headers: readonly HeaderPair[] = []): Promise<Heard> =>
      ask({ ...withJson(json), method: 'POST', path, headers: [...(withJson(json).headers ?? []), ...headers] })
    return { name, jar, cookies, ask, get, post, whisper, take }
  }

  const talk: Talk = {
    ...{ door, port, control, person, hear },
    signedIn: async (name, options = {}) => {
      const one = person(name)
      const { status } = await one.whisper({
        method: 'POST',
        path: '/login',
        ...withJson({ user: name, ...options }),
      })
      if (status !== 200) throw new Error(`${name} could not sign in: ${status}`)
      return one
    },
    ask: async (said) => {
      const heard = await wire.ask(said)
      hear(described(said), heard)
      return heard
    },
    whisper: (said) => wire.ask(said),
    connection: () => {
      const connection = openConnection(port)
      connections.push(connection)
      return connection
    },
    bytes: (said) => requestBytes(port, said),
    note: (line) => lines.push(`= ${line}`),
  }
  try {
    await inTime(one.run(talk))
  } catch (error) {
    lines.push(`! ${error instanceof Error ? error.message : error}`)
  } finally {
    for (const connection of connections) connection.cut()
    await control.store('up')
  }
  return lines
}

const longest = 20_000

/** So that a door that never answers is a line in the transcript. */
async function inTime(running: Promise<void>): Promise<void> {
  const over = new AbortController()
  const late = setTimeout(longest, undefined, { signal: over.signal }).then(() => {
    throw new Error(`no answer in ${longest / 1000} seconds`)
  })
  try {
    await Promise.race([running, late])
  } finally {
    over.abort()
    late.catch(() => {})
  }
}

export function withJson(json: unknown): Pick<Said, 'headers' | 'body'> {
  return json === undefined ? {} : { headers: [['Content-Type', 'application/json']], body: JSON.stringify(json) }
}

function keep(jar: Map<string, string>, heard: Heard): void {
  for (const line of linesOf(heard, 'set-cookie')) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/; Max-Age=0(;|$)/.test(line)) jar.delete(name)
    else jar.set(name, value)
  }
}

function described({ method = 'GET', path, headers = [], body }: Said): string {
  const shown = headers
    .filter(([name]) => !/^(cookie|content-type)$/i.test(name))
    .map(([name, value]) => {
      const text = /^authorization$/i.test(name) ? value.replace(/ .{20,}/, ' <token>') : value
      return ` [${name}: ${text}]`
    })
  const bodyShown = body === undefined ? '' : body.length > 100 ? ` ${body.length} bytes` : ` ${hidden(body)}`
  return `${method} ${path}${shown.join('')}${bodyShown}`
}

function hidden(body: string): string {
  return body.replace(/token=[^&]{20,}/g, 'token=<token>')
}
