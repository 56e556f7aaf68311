import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AnyAuth } from '../../src/http/auth.ts'
import { type Auth, handstamp, memory } from '../../src/index.ts'
import { intercept } from '../../src/testing/intercept.ts'
import { password, secrets } from '../support/app.ts'
import { type Answer, createWire, type Lines, type Wire } from '../support/app-client.ts'
import { manualClock } from '../support/manual-clock.ts'
import { type CsrfDoor, type Notes, openDoor } from './csrf-doors.ts'

export const own = 'https://example.com'
export const sibling = 'https://app.example.com'

/** Where the headers of a request say that it was started. */
export interface Source {
  readonly origin?: string | readonly string[]
  readonly referer?: string
}

/** Sec-Fetch-Site: the four values, none, one that nobody knows, and two lines. */
export const sites: readonly (string | readonly string[] | null)[] = [
  null,
  'same-origin',
  'same-site',
  'cross-site',
  'none',
  'same-origin, cross-site',
  ['cross-site', 'same-origin'],
]

export const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

const honest: readonly Source[] = [{ origin: own }, { origin: sibling }, { referer: `${own}/page` }]

/** What is not our origin, however much it looks like it. */
const tricks: readonly Source[] = [
  {},
  { origin: 'null' },
  { origin: 'https://evil.example', referer: `${own}/` },
  { origin: 'http://example.com' },
  { origin: 'https://example.com.evil.example' },
  { origin: 'https://EXAMPLE.com' },
  { origin: [own, own] },
  { referer: 'https://example.com.evil.example/' },
]

/** One of each kind, for every run of the tests; the figure has all. */
export const fewSources: readonly Source[] = [
  { origin: own },
  { origin: sibling },
  {},
  { origin: 'null' },
  { origin: 'https://evil.example', referer: `${own}/` },
  { origin: 'https://example.com.evil.example' },
  { referer: 'https://example.com.evil.example/' },
]

/** Further ones, for the whole figure. */
const moreTricks: readonly Source[] = [
  ...['https://evil.example', 'https://example.com:8443', 'https://evilexample.com', 'https://user@example.com'],
  ...[
    'https://example.com.',
    'NULL',
    '',
    '*',
    'https://www.example.com',
    'https://example.co',
    'https://com',
    'ws://example.com',
  ],
  ...['https:example.com', '//example.com', 'example.com', 'https://example.com:80', 'https://example.com:443'],
  ...['https://example.com:', 'HTTPS://example.com', 'https://example.com/', 'https://example.com#', 'file://'],
  ...['https://user:pass@example.com', 'https://example.com@evil.example', 'https://example.com:x@evil.example'],
  ...['https://evil.example\\@example.com', 'https://evil.example/https://example.com', 'about:blank'],
  ...['https://example.com, https://evil.example', 'https://example.com https://evil.example', 'https://[::1]'],
  ...['https://xn--exmple-4nf.com', 'https://ex%61mple.com', 'https://evil.app.example.com', 'https://127.0.0.1'],
  ...['https://app.example.com.evil', 'https://app.example.com:8443', 'http://app.example.com', 'data:text/html,x'],
  ...['https://App.example.com', 'https://user@app.example.com', 'blob:https://example.com', 'chrome-extension://abc'],
].map((origin) => ({ origin }))

const evil = 'https://evil.example'
const doubled: readonly Source[] = [
  { origin: [own, evil] },
  { origin: [evil, own] },
  { origin: [sibling, sibling] },
  { referer: evil },
  { referer: `${evil}/?${own}/` },
  { referer: `https://example.com@evil.example/` },
  { referer: 'http://example.com/' },
]

export const everySource: readonly Source[] = [...honest, ...tricks, ...moreTricks, ...doubled]

/** What is asked for, in a form that would be carried out if it came from us. */
interface Endpoint {
  readonly name: string
  readonly path: string
  /** Whether the victim's cookies come along. */
  readonly cookies: boolean
  /** The body is JSON (a form). */
  readonly json?: true
  body(victim: Victim): Readonly<Record<string, string>>
}

const nothing = (): Readonly<Record<string, string>> => ({})

function endpointsOf(door: CsrfDoor): readonly Endpoint[] {
  const at = door === 'server' ? '' : '/auth'
  const user = door === 'server' ? { username: 'mallory', password } : { user: 'mallory' }
  return [
    { name: 'login', path: '/login', cookies: true, body: () => user },
    { name: 'login of nobody', path: '/login', cookies: false, body: () => user },
    { name: 'logout', path: '/logout', cookies: true, body: nothing },
    {
      name: 'token',
      path: `${at}/token`,
      cookies: true,
      body: (victim) => ({ grant_type: 'refresh_token', refresh_token: victim.refreshToken }),
    },
    { name: 'revoke', path: `${at}/revoke`, cookies: true, body: (victim) => ({ token: victim.refreshToken }) },
    { name: 'preferences', path: '/preferences', cookies: true, body: () => ({ theme: 'dark' }) },
    ...(door === 'server'
      ? [
          {
            name: 'preferences in JSON',
            path: '/preferences',
            cookies: true,
            json: true as const,
            body: () => ({ theme: 'dark' }),
          },
          { name: 'end all', path: '/sessions?scope=all', cookies: true, body: nothing },
        ]
      : [
          { name: 'endpoint logout', path: '/auth/logout', cookies: true, body: nothing },
          { name: 'application', path: '/note', cookies: true, body: nothing },
          { name: 'data', path: '/data', cookies: true, body: nothing },
        ]),
  ]
}

/**
 * Whether the request may change something, by the requirements alone and not by the code under test: X1 where Sec-Fetch-Site is there, else X2.
 */
function mayChange(site: (typeof sites)[number], { origin, referer }: Source, cookies: boolean): boolean {
  if (site !== null) return site === 'same-origin' || site === 'none' || (site === 'same-site' && origin === sibling)
  if (origin !== undefined) return origin === own || origin === sibling
  if (referer !== undefined)
    return referer === own || referer.startsWith(`${own}/`) || referer.startsWith(`${sibling}/`)
  return !cookies
}

export interface MatrixFinding {
  readonly door: CsrfDoor
  /** Requests in all. */
  readonly tried: number
  /** Requests that must not change anything: safe ones, and unsafe ones that others have started. */
  readonly forbidden: number
  /** What such requests have changed all the same. */
  readonly changes: readonly string[]
  /** Unsafe requests that others have started and that were not answered with 403. */
  readonly notRefused: readonly string[]
  /** Unsafe requests of the application itself that did change something, by endpoint: the law is not held by refusing everything. */
  readonly carriedOut: Readonly<Record<string, number>>
  /** Unsafe requests of the application itself that were refused for their origin. */
  readonly wronglyRefused: readonly string[]
}

interface Victim {
  cookie: string
  refreshToken: string
}

const writes =
  /^(?:store\.(?:insert|rotate|move|touch|amend|kill|bump|retireKey|patch)|once\.|documents\.(?:put|replace|remove))/

/** Runs the matrix at one door: sites x methods x endpoints x sources. Nothing in it is random. */
export async function runMatrix(door: CsrfDoor, sources: readonly Source[]): Promise<MatrixFinding> {
  const world = await openWorld(door)
  const tally = { tried: 0, forbidden: 0 }
  const changes: string[] = []
  const notRefused: string[] = []
  const wronglyRefused: string[] = []
  const carriedOut: Record<string, number> = {}
  try {
    for (const endpoint of endpointsOf(door))
      for (const method of methods)
        for (const site of sites)
          for (const source of sources) {
            const unsafe = !['GET', 'HEAD', 'OPTIONS'].includes(method)
            const allowed = unsafe && mayChange(site, source, endpoint.cookies)
            const label = `${door} ${method} ${endpoint.name} site=${site} ${JSON.stringify(source)}`
            const before = world.changes()
            const answer = await world.send(endpoint, method, site, source)
            const changed =
              world.changes() !== before || answer.cookies.length > 0 || answer.body.includes('access_token')
            tally.tried++
            if (!allowed) tally.forbidden++
            if (changed && !allowed) changes.push(label)
            if (changed && allowed) carriedOut[endpoint.name] = (carriedOut[endpoint.name] ?? 0) + 1
            const refused = answer.status === 403
            if (unsafe && !allowed && !refused) notRefused.push(`${label}: ${answer.status}`)
            if (allowed && refused) wronglyRefused.push(label)
            if (changed) await world.restore()
          }
  } finally {
    await world.close()
  }
  return { door, ...tally, changes, notRefused, carriedOut, wronglyRefused }
}

interface World {
  changes(): number
  send(endpoint: Endpoint, method: string, site: (typeof sites)[number], source: Source): Promise<Answer>
  /** The victim signs in anew, in the browser and with the token client. */
  restore(): Promise<void>
  close(): Promise<void>
}

async function openWorld(door: CsrfDoor): Promise<World> {
  const clock = manualClock()
  const notes: Notes = { count: 0 }
  let written = 0
  const backend = intercept(memory({ clock }), {
    call: async ({ name, args }, carryOut) => {
      if (writes.test(name)) written++
      return carryOut(args)
    },
  })
  const policy = { maxSessions: 100 }
  const auth = handstamp({
    ...{ secrets: secrets[0], backend, clock, policy },
    ...{ present: 'both', origin: own, trustedOrigins: [sibling] },
    ...(door === 'server' ? { claims: { role: 'string', preferred_username: 'string' } } : {}),
  })
  await auth.ready()
  const server = await openDoor(door, auth as AnyAuth as Auth, notes)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const wire = createWire((server.address() as AddressInfo).port, ['__Host-session', '__Host-snapshot'])
  const victim = { cookie: '', refreshToken: '' }
  const restore = async (): Promise<void> => {
    // Who is evicted when there are too many is the oldest.
    clock.advance(1)
    const created = await auth.create({ user: 'ada', present: 'token' })
    assert.ok(created.ok)
    Object.assign(victim, { cookie: await signIn(wire, door), refreshToken: created.value.credential })
  }
  await restore()
  return {
    changes: () => written + notes.count,
    send: (endpoint, method, site, source) => wire.send(requestOf(endpoint, method, site, source, victim)),
    restore,
    close: async () => {
      wire.close()
      await stop(server)
      await auth.close()
    },
  }
}

function requestOf(
  { path, body, cookies, json }: Endpoint,
  method: string,
  site: (typeof sites)[number],
  source: Source,
  victim: Victim,
): Parameters<Wire['send']>[0] {
  const headers: Lines = {
    ...(cookies ? { Cookie: victim.cookie } : {}),
    ...(site === null ? {} : { 'Sec-Fetch-Site': site }),
    ...(source.origin === undefined ? {} : { Origin: source.origin }),
    ...(source.referer === undefined ? {} : { Referer: source.referer }),
    // X5: none of these makes anything of a method.
    'X-HTTP-Method-Override': 'POST',
    'X-HTTP-Method': 'POST',
  }
  const target = `${path}${path.includes('?') ? '&' : '?'}_method=${method === 'GET' ? 'POST' : 'DELETE'}`
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return { method, path: target, headers }
  const fields = body(victim)
  return { method, path: target, headers, ...(json === true ? { json: fields } : { form: fields }) }
}

async function signIn(wire: Wire, door: CsrfDoor): Promise<string> {
  const form = door === 'server' ? { username: 'ada', password } : { user: 'ada' }
  const headers = { 'Sec-Fetch-Site': 'same-origin' }
  const answer = await wire.send({ method: 'POST', path: '/login', form, headers })
  assert.equal(answer.cookies.length, 2, answer.body)
  return answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
