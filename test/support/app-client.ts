import assert from 'node:assert/strict'
import { Agent, request as httpRequest } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Clock } from '../../src/base/clock.ts'

/** Header lines by name; several of one name as a list, none with null. */
export type Lines = Readonly<Record<string, string | readonly string[] | null>>

export interface Sent {
  readonly method?: string
  readonly path: string
  readonly headers?: Lines
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
  /** Bytes as they are. */
  readonly body?: string | Uint8Array
}

/** What came back, line by line. */
export interface Answer {
  readonly status: number
  readonly lines: readonly (readonly [name: string, value: string])[]
  /** All lines of that name, joined; undefined when there is none. */
  readonly header: (name: string) => string | undefined
  readonly cookies: readonly SetCookie[]
  readonly body: string
  readonly json: () => Readonly<Record<string, unknown>>
  /** `reason` of a problem document or an OAuth error. */
  readonly reason: string | undefined
}

export interface SetCookie {
  readonly name: string
  readonly value: string
  /** Attributes by lower-case name; `true` for those without a value. */
  readonly attributes: ReadonlyMap<string, string | true>
  readonly line: string
}

/** One connection to an application, with a memory of all that was said on it. */
export interface Wire {
  send(request: Sent): Promise<Answer>
  get(path: string, headers?: Lines): Promise<Answer>
  post(path: string, json?: unknown, headers?: Lines): Promise<Answer>
  /** Heads without their Set-Cookie lines, and bodies but for those of token answers. */
  readonly said: readonly string[]
  /** Every cookie value and token that was issued to somebody. */
  readonly issued: ReadonlySet<string>
  close(): void
}

export function createWire(port: number, names: readonly string[]): Wire {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const said: string[] = []
  const issued = new Set<string>()

  async function send(sent: Sent): Promise<Answer> {
    const answer = await exchange(port, agent, sent)
    checkCookieLaws(answer, names)
    remember(answer)
    return answer
  }

  function remember(answer: Answer): void {
    for (const { name, value } of answer.cookies) if (names.includes(name) && value !== '') issued.add(value)
    const tokens = tokensOf(answer)
    for (const token of tokens) issued.add(token)
    const heads = answer.lines
      .filter(([name]) => !['set-cookie', 'set-cookie2'].includes(name.toLowerCase()))
      .map((line) => line.join(': '))
    said.push(...heads, ...(tokens.length === 0 ? [answer.body] : []))
  }

  return {
    send,
    get: (path, headers) => send({ path, ...(headers === undefined ? {} : { headers }) }),
    post: (path, json, headers) => send({ method: 'POST', path, json, ...(headers === undefined ? {} : { headers }) }),
    said,
    issued,
    close: () => agent.destroy(),
  }
}

function tokensOf(answer: Answer): readonly string[] {
  if (answer.status !== 200 || !answer.body.startsWith('{"access_token"')) return []
  const { access_token, refresh_token } = answer.json()
  return [access_token, refresh_token].filter((token) => typeof token === 'string')
}

async function exchange(port: number, agent: Agent, sent: Sent): Promise<Answer> {
  const body = bodyOf(sent)
  const lines = { Host: `127.0.0.1:${port}`, ...body.headers, ...sent.headers }
  const flat = Object.entries(lines).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().flatMap((one) => [name, one]),
  )
  return new Promise((resolve, reject) => {
    const { method = 'GET', path } = sent
    const outgoing = httpRequest({ port, agent, method, path, headers: flat }, (incoming) => {
      buffer(incoming).then((bytes) => resolve(answerOf(incoming.statusCode ?? 0, incoming.rawHeaders, bytes)), reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body.bytes)
  })
}

function bodyOf({ json, form, body }: Sent): { readonly headers: Lines; readonly bytes?: string | Uint8Array } {
  if (body !== undefined) return { headers: { 'Content-Length': String(Buffer.byteLength(body)) }, bytes: body }
  if (json === undefined && form === undefined) return { headers: {} }
  const bytes = form === undefined ? JSON.stringify(json) : new URLSearchParams(form).toString()
  const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded'
  return { headers: { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(bytes)) }, bytes }
}

export function answerOf(status: number, raw: readonly string[], bytes: Uint8Array): Answer {
  const lines = Array.from({ length: raw.length / 2 }, (_, at) => [raw[2 * at] ?? '', raw[2 * at + 1] ?? ''] as const)
  const body = Buffer.from(bytes).toString()
  const valuesOf = (name: string): readonly string[] =>
    lines.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value)
  const json = (): Readonly<Record<string, unknown>> => JSON.parse(body) as Readonly<Record<string, unknown>>
  const isJson = /[/+]json/.test(valuesOf('content-type').join())
  const reason = isJson && body.startsWith('{') ? json().reason : undefined
  return {
    status,
    lines,
    header: (name) => (valuesOf(name).length === 0 ? undefined : valuesOf(name).join(', ')),
    cookies: valuesOf('set-cookie').map(readSetCookie),
    body,
    json,
    reason: typeof reason === 'string' ? reason : undefined,
  }
}

export function readSetCookie(line: string): SetCookie {
  const [pair = '', ...rest] = line.split('; ')
  const [name, value] = splitAt(pair)
  const attributes = rest.map((part) => {
    const [key, text] = splitAt(part)
    return [key.toLowerCase(), part.includes('=') ? text : true] as const
  })
  assert.equal(new Map(attributes).size, attributes.length, `an attribute twice: ${line}`)
  return { name, value, attributes: new Map(attributes), line }
}

function splitAt(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** C1-C4, C9-C11 on every answer of every test: what holds of each Set-Cookie line of ours, wherever it stands. */
function checkCookieLaws(answer: Answer, names: readonly string[]): void {
  const ours = answer.cookies.filter(({ name }) => names.includes(name))
  if (ours.length === 0) return
  assert.equal(new Set(ours.map(({ name }) => name)).size, ours.length, 'C5 one line for each cookie')
  assert.equal(answer.header('cache-control'), 'no-store', 'C10')
  assert.match(answer.header('vary') ?? '', /^\*$|(^|, )Cookie($|,)/i, 'C10')
  for (const { name, value, attributes, line } of ours) checkCookieLine(name, value, attributes, line)
}

function checkCookieLine(name: string, value: string, attributes: SetCookie['attributes'], line: string): void {
  const secure = name.startsWith('__Host-')
  const deleting = value === ''
  const allowed = [
    'max-age',
    'path',
    'httponly',
    'samesite',
    ...(secure ? ['secure'] : []),
    ...(deleting ? ['expires'] : []),
  ]
  assert.deepEqual(
    [...attributes.keys()].filter((key) => !allowed.includes(key)),
    [],
    `C1 ${line}`,
  )
  assert.equal(attributes.get('path'), '/', 'C1')
  assert.equal(attributes.get('httponly'), true, 'C1')
  assert.equal(attributes.get('secure'), secure ? true : undefined, 'C1')
  assert.equal(attributes.get('samesite'), 'Lax', 'C2')
  assert.ok(name.length + value.length <= 4096, 'C3')
  assert.match(value, /^[A-Za-z0-9_-]*$/, 'C6, C11')
  const maxAge = attributes.get('max-age')
  if (maxAge !== undefined) assert.match(String(maxAge), /^[0-9]+$/, 'C4')
  if (maxAge !== undefined) assert.ok(Number(maxAge) <= 34_560_000, 'C4')
  if (deleting) assert.equal(maxAge, '0', 'C9')
  else assert.notEqual(maxAge, '0', 'C9')
}

/** A browser: keeps cookies as RFC 6265bis says, and tells where its requests come from. */
export interface Browser {
  /** Values by name. */
  readonly jar: ReadonlyMap<string, string>
  /** The Cookie header that the next request carries; undefined with an empty jar. */
  cookie(): string | undefined
  send(request: Sent): Promise<Answer>
  get(path: string, headers?: Lines): Promise<Answer>
  post(path: string, json?: unknown, headers?: Lines): Promise<Answer>
  /** Puts a cookie into the jar, or takes it out, behind the server's back. */
  put(name: string, value: string | null): void
  /** Takes the Set-Cookie lines of an answer that came another way. */
  take(answer: Answer): void
  /** The same jar, as it is now, in another browser. */
  copy(): Browser
  /** The user closes the browser: cookies without Max-Age go. */
  restart(): void
}

interface Kept {
  readonly value: string
  /** null: until the browser is closed. */
  readonly until: number | null
}

export function createBrowser(
  wire: Pick<Wire, 'send'>,
  clock: Clock,
  kept: ReadonlyMap<string, Kept> = new Map(),
): Browser {
  const jar = new Map(kept)

  function values(): ReadonlyMap<string, string> {
    const now = clock.now()
    for (const [name, { until }] of jar) if (until !== null && until <= now) jar.delete(name)
    return new Map([...jar].map(([name, { value }]) => [name, value]))
  }

  function cookie(): string | undefined {
    const pairs = [...values()].map((pair) => pair.join('='))
    return pairs.length === 0 ? undefined : pairs.join('; ')
  }

  function take(answer: Answer): void {
    for (const { name, value, attributes } of answer.cookies) {
      const maxAge = attributes.get('max-age')
      const until = maxAge === undefined ? null : clock.now() + Number(maxAge) * 1000
      if (maxAge === '0') jar.delete(name)
      else jar.set(name, { value, until })
    }
  }

  async function send(request: Sent): Promise<Answer> {
    const headers = { 'Sec-Fetch-Site': 'same-origin', Cookie: cookie() ?? null, ...request.headers }
    const answer = await wire.send({ ...request, headers })
    take(answer)
    return answer
  }

  return {
    get jar() {
      return values()
    },
    cookie,
    send,
    get: (path, headers = {}) => send({ path, headers }),
    post: (path, json, headers = {}) => send({ method: 'POST', path, json, headers }),
    put: (name, value) => {
      if (value === null) jar.delete(name)
      else jar.set(name, { value, until: null })
    },
    take,
    copy: () => createBrowser(wire, clock, jar),
    restart: () => {
      for (const [name, { until }] of jar) if (until === null) jar.delete(name)
    },
  }
}

/** A client that keeps tokens and sends them in Authorization. */
export interface TokenClient {
  access: string
  refreshToken: string
  send(request: Sent): Promise<Answer>
  get(path: string, headers?: Lines): Promise<Answer>
  post(path: string, json?: unknown, headers?: Lines): Promise<Answer>
  /** Asks the token endpoint, with the token that is kept unless told otherwise; keeps what it gets. */
  refresh(token?: string, more?: Readonly<Record<string, string>>): Promise<Answer>
  /** Takes a token answer. */
  take(answer: Answer): void
}

export function createTokenClient(wire: Wire, at: string): TokenClient {
  const kept = { access: '', refreshToken: '' }

  function take(answer: Answer): void {
    const { access_token, refresh_token } = answer.json()
    if (typeof access_token === 'string') kept.access = access_token
    if (typeof refresh_token === 'string') kept.refreshToken = refresh_token
  }

  const send = (request: Sent): Promise<Answer> =>
    wire.send({ ...request, headers: { Authorization: `Bearer ${kept.access}`, ...request.headers } })

  return Object.assign(kept, {
    take,
    send,
    get: (path: string, headers: Lines = {}) => send({ path, headers }),
    post: (path: string, json?: unknown, headers: Lines = {}) => send({ method: 'POST', path, json, headers }),
    refresh: async (token: string = kept.refreshToken, more: Readonly<Record<string, string>> = {}) => {
      const form = { grant_type: 'refresh_token', refresh_token: token, ...more }
      const answer = await wire.send({ method: 'POST', path: `${at}/token`, form })
      if (answer.status === 200) take(answer)
      return answer
    },
  })
}
