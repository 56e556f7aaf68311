import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Browser, chromium, type Frame, type Page } from 'playwright-core'
import { session } from '../../src/adapters/node.ts'
import { type Auth, type CookieOptions, handstamp, isFault, memory } from '../../src/index.ts'
import { arrive, findWholeChromium, flags, type HeldCookie, type Person, watch } from '../support/browser.ts'
import { selfSigned } from './cookie-jar-certificate.ts'

/** Where applications of ours stand; every other name is somebody else's. All lead to this machine. */
export const hosts = {
  /** As it comes. */
  app: 'app.example.com',
  /** Below a domain that it shares its session with. */
  shared: 'www.example.org',
  /** In the frames of others. */
  framed: 'frame.example.net',
} as const

const options: Readonly<Record<string, CookieOptions>> = {
  [hosts.app]: {},
  [hosts.shared]: { sharedDomain: 'example.org' },
  [hosts.framed]: { sameSite: 'None', partitioned: true },
}

/** Servers over https and http, and a Chromium that takes their certificate. */
export interface CookieWorld {
  readonly browser: Browser
  at(host: string): string
  /** Plain http, under the name `localhost`. */
  readonly plain: string
  arrive(): Promise<Person>
  /** A browser of its own that keeps its jar in this folder. */
  withProfile(folder: string): Promise<Person>
  close(): Promise<void>
}

export async function openCookieWorld(): Promise<CookieWorld> {
  const { key, cert, spkiHash } = selfSigned()
  const [secure, plain] = [createSecureServer({ key, cert }), createServer()]
  const [port, plainPort] = [await listen(secure), await listen(plain)]
  const at = (host: string): string => `https://${host}:${port}`
  const auths = new Map(
    Object.entries(options).map(([host, cookies]) => [host, make({ origin: at(host), cookies })] as const),
  )
  const local = make({})
  const listeners = new Map([...auths].map(([host, auth]) => [host, application(auth)]))
  secure.on('request', (request, response) => {
    const { hostname } = new URL(`https://${request.headers.host}`)
    serveAnybody(request, response, listeners.get(hostname))
  })
  const onLocalhost = application(local)
  plain.on('request', (request, response) => serveAnybody(request, response, onLocalhost))
  const executablePath = findWholeChromium() as string
  const args = [...flags, `--ignore-certificate-errors-spki-list=${spkiHash}`]
  const browser = await chromium.launch({ executablePath, args })
  return {
    browser,
    at,
    plain: `http://localhost:${plainPort}`,
    arrive: () => arrive(browser),
    withProfile: async (folder) => watch(await chromium.launchPersistentContext(folder, { executablePath, args })),
    close: async () => {
      await browser.close()
      for (const server of [secure, plain]) await stop(server)
      for (const auth of [...auths.values(), local]) await auth.close()
    },
  }
}

function make(more: { readonly origin?: string; readonly cookies?: CookieOptions }): Auth {
  return handstamp({ secrets: 'cookie-world-secret-of-32-bytes-or-more', backend: memory(), ...more })
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** What every host answers, of ours or not: an empty page, a page with a frame, what cookies came, and lines as they are given. */
function serveAnybody(request: IncomingMessage, response: ServerResponse, ours: RequestListener | undefined): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://any')
  if (pathname === '/') page(response, '')
  else if (pathname === '/frame') page(response, `<iframe src="${searchParams.get('of')}"></iframe>`)
  else if (pathname.endsWith('/held')) json(response, 200, request.headers.cookie ?? '')
  else if (pathname === '/raw') void bodyOf(request).then((lines) => setRaw(response, lines as string[]))
  else if (ours === undefined) response.writeHead(404).end()
  else ours(request, response)
}

function setRaw(response: ServerResponse, lines: readonly string[]): void {
  response.setHeader('Set-Cookie', lines)
  json(response, 200, lines.length)
}

function page(response: ServerResponse, html: string): void {
  response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<!doctype html><title>A page</title>${html}`)
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  return JSON.parse(await text(request))
}

/** Signs in and out, tells who is there, and sets cookies of its own, within the budget. */
function application(auth: Auth): RequestListener {
  return session(auth)(async (request, response) => {
    const { session } = request
    const path = new URL(request.url ?? '/', 'https://any').pathname
    if (path === '/me') json(response, 200, { user: session.user, id: session.id })
    else if (path === '/login') {
      const { user, remember } = (await bodyOf(request)) as { user: string; remember: boolean }
      await session.login({ user, remember })
      json(response, 200, { user: session.user, id: session.id })
    } else if (path === '/logout') {
      await session.logout()
      response.writeHead(204).end()
    } else if (path === '/own') setOwn(response, (await bodyOf(request)) as string[])
    else response.writeHead(404).end()
  })
}

function setOwn(response: ServerResponse, lines: readonly string[]): void {
  try {
    response.setHeader('Set-Cookie', lines)
    json(response, 200, lines.length)
  } catch (error) {
    if (!isFault(error)) throw error
    json(response, error.status, { kind: error.kind, message: error.message })
  }
}

export interface Answered {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: what the routes above answer, looked at by tests.
  readonly answer: any
}

/** A request by a script of the page. */
export async function call(where: Page | Frame, path: string, body?: unknown): Promise<Answered> {
  const sent = { path, body: body === undefined ? null : JSON.stringify(body) }
  const { status, said } = await where.evaluate(async ({ path, body }) => {
    const response = await fetch(path, body === null ? {} : { method: 'POST', body })
    return { status: response.status, said: await response.text() }
  }, sent)
  return { status, answer: said === '' ? null : JSON.parse(said) }
}

/** Somebody who is signed in, and whether that is still so. */
export interface Visitor {
  readonly person: Person
  readonly page: Page
  readonly origin: string
  readonly id: string
  /** Our two cookies as the browser holds them. */
  ours(): Promise<readonly HeldCookie[]>
  /** What the server sees. */
  me(): Promise<Answered>
  /** Has these lines set by another host, whose page is opened for it. */
  toss(origin: string, lines: readonly string[]): Promise<void>
  /** Takes out all cookies that are not ours. */
  sweep(): Promise<void>
}

export async function signedIn(person: Person, origin: string, user: string, remember = false): Promise<Visitor> {
  const { page } = person
  await page.goto(origin)
  const { answer } = await call(page, '/login', { user, remember })
  const { hostname } = new URL(origin)
  const [prefix, domain] = hostname === hosts.shared ? ['__Secure-', '.example.org'] : ['__Host-', hostname]
  const names = [`${prefix}session`, `${prefix}snapshot`]
  const ours = async (): Promise<readonly HeldCookie[]> =>
    (await person.context.cookies(origin))
      // By domain as well: the protocol shows a name that begins with U+00A0 without it.
      .filter((one) => names.includes(one.name) && one.domain === domain)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const comeBack = async (): Promise<void> => {
    if (!page.url().startsWith(origin)) await page.goto(origin)
  }
  return {
    person,
    page,
    origin,
    id: answer.id,
    ours,
    me: async () => {
      await comeBack()
      return call(page, '/me')
    },
    toss: async (from, lines) => {
      await page.goto(from)
      for (let at = 0; at < lines.length; at += 50) await call(page, '/raw', lines.slice(at, at + 50))
    },
    sweep: async () => {
      const held = await ours()
      await person.context.clearCookies()
      await person.context.addCookies([...held])
    },
  }
}
