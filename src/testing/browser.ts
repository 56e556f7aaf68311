import { type Clock, systemClock } from '../base/clock.ts'
import { createJar, type Jar, type JarCookie, type Trip } from './jar.ts'
import { headersFor, type Journey, type RequestHeaders, siteBetween } from './request-headers.ts'
import type { SignedIn } from './signed-in.ts'
import { siteOf } from './site.ts'
import { type Exchange, exchangeWith, originOf, type Target } from './target.ts'

export interface BrowserOptions {
  /** The origin that an application without one of its own stands for (`http://localhost`). Cookies, `Host` and `Origin` go by it. */
  readonly origin?: string
  /** What cookies end by: the one that the application was given (the machine's). */
  readonly clock?: Clock
  /** Sent with every request; null leaves one out that a browser sends, e.g. `{ 'Sec-Fetch-Site': null }` for an old one. */
  readonly headers?: RequestHeaders
  /** What a session begun with `signedIn` goes into: its cookies into the jar, its access token into `Authorization`. */
  readonly signedIn?: SignedIn
  /** Further origins that this browser can reach, e.g. where redirects lead; every other one is refused. */
  readonly others?: Readonly<Record<string, Target>>
  /** Domains like `co.uk` below which anybody may have a name (the last label of each host is one anyway). */
  readonly publicSuffixes?: readonly string[]
  /** Whether redirects are followed where a request does not say (`manual`). */
  readonly redirect?: 'manual' | 'follow'
}

/** What is sent; at most one of `json`, `form` and `body`. */
export interface RequestOptions {
  readonly headers?: RequestHeaders
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>> | URLSearchParams | FormData
  readonly body?: string | Uint8Array<ArrayBuffer>
  /** `navigate`: the user follows a link or sends a form, so the page itself changes. `cors`: a script's fetch with credentials. (`navigate` with `form`, else `cors`) */
  readonly mode?: 'navigate' | 'cors'
  readonly redirect?: 'manual' | 'follow'
}

export interface BrowserRequest extends RequestOptions {
  /** (`GET`) */
  readonly method?: string
  /** Path below the application's origin, or a whole URL. */
  readonly path: string
}

/** A page in a test browser: what sends requests. All pages of one browser share its jar. */
export interface Browser {
  /** Sends a request as this page would, and keeps the cookies of the answer. */
  send(request: BrowserRequest): Promise<Response>
  get(path: string, options?: RequestOptions): Promise<Response>
  post(path: string, options?: RequestOptions): Promise<Response>
  /** All that is in the jar, of every origin. */
  cookies(): readonly JarCookie[]
  /** The value of the only cookie of that name; undefined where there is none. @throws where there are several */
  cookie(name: string): string | undefined
  /**
   * Takes a Set-Cookie line as if the application had sent it to this page.
   *
   * @returns null, or one sentence on why a browser would drop it
   */
  setCookie(line: string): string | null
  /** What a script of this page can do with cookies; HttpOnly ones are out of its reach. */
  readonly document: { cookie: string }
  /**
   * A page of another origin in the same browser, for requests that the user never meant. Its paths are still those of the application.
   *
   * Does NOT ask for permission first (CORS), and shows it every answer: what must not happen, the application has to refuse.
   */
  at(origin: string): Browser
  /** Another browser with what is in the jar now: a thief. */
  copy(): Browser
  /** Closes and opens the browser: cookies without a lifetime are gone. */
  restart(): void
}

/**
 * A browser in memory, for tests of one application or several: keeps cookies by RFC 6265bis section 5, and tells with each request where it was started
 * (`Origin`, `Referer`, Fetch Metadata).
 *
 * Does NOT run scripts, keep a cache, answer preflights, or block cookies of third parties. Opens no port, and needs no closing.
 *
 * @param target the application: see `Target`
 * @see RFC 6265bis section 5, W3C Fetch Metadata
 */
export function browser(target: Target, options: BrowserOptions = {}): Browser {
  const { origin, clock = systemClock, signedIn, others = {}, publicSuffixes = [], redirect = 'manual' } = options
  const home = originOf(target) ?? new URL(origin ?? 'http://localhost').origin
  const exchanges = new Map([[home, exchangeWith(target)]])
  for (const [name, other] of Object.entries(others)) exchanges.set(new URL(name).origin, exchangeWith(other))
  const authorization = signedIn?.headers.Authorization ?? null
  const house: House = { home, exchanges, authorization, headers: options.headers ?? {}, publicSuffixes, redirect }
  const jar = createJar(clock, publicSuffixes)
  const page = createPage(house, jar, home)
  for (const line of signedIn?.setCookies ?? []) {
    const flaw = page.setCookie(line)
    if (flaw !== null) throw new Error(`A browser at ${home} would not keep the cookie of the session. ${flaw}`)
  }
  return page
}

interface House {
  /** The application's origin. */
  readonly home: string
  readonly exchanges: ReadonlyMap<string, Exchange>
  /** What scripts of the application's own pages send to it. */
  readonly authorization: string | null
  readonly headers: RequestHeaders
  readonly publicSuffixes: readonly string[]
  readonly redirect: 'manual' | 'follow'
}

function createPage(house: House, jar: Jar, origin: string): Browser {
  const send = (request: BrowserRequest): Promise<Response> => follow(house, jar, origin, request)
  const own = (): Trip => tripOf(house, { page: origin, urls: [new URL('/', origin)], method: 'GET', mode: 'cors' })
  return {
    send,
    get: (path, options = {}) => send({ ...options, path }),
    post: (path, options = {}) => send({ ...options, method: 'POST', path }),
    cookies: () => jar.list(),
    cookie: (name) => {
      const found = jar.list().filter((cookie) => cookie.name === name)
      if (found.length > 1) throw new Error(`There are ${found.length} cookies ${name}: look at cookies().`)
      return found[0]?.value
    },
    setCookie: (line) => jar.put(line, own(), 'http'),
    document: {
      get cookie() {
        return jar.lineFor(own(), 'script') ?? ''
      },
      set cookie(line: string) {
        jar.put(line, own(), 'script')
      },
    },
    at: (other) => createPage(house, jar, new URL(other).origin),
    copy: () => createPage(house, jar.copy(), origin),
    restart: () => jar.endBrowser(),
  }
}

const mostRedirects = 20

/** One request, and those that it leads to if they are to be followed. */
async function follow(house: House, jar: Jar, page: string, request: BrowserRequest): Promise<Response> {
  const { method = 'GET', path, form, mode = form === undefined ? 'cors' : 'navigate' } = request
  const { redirect = house.redirect } = request
  let body = bodyOf(request)
  let journey: Journey = { page, urls: [new URL(path, house.home)], method: method.toUpperCase(), mode }
  for (;;) {
    const response = await step(house, jar, journey, request.headers ?? {}, body)
    const next = redirect === 'follow' ? locationOf(response, journey) : null
    if (next === null) return response
    if (journey.urls.length > mostRedirects)
      throw new Error(`More than ${mostRedirects} redirects, the last to ${next.href}`)
    await response.body?.cancel()
    const isGet = becomesGet(response.status, journey.method)
    if (isGet) body = null
    journey = { ...journey, method: isGet ? 'GET' : journey.method, urls: [...journey.urls, next] }
  }
}

async function step(
  house: House,
  jar: Jar,
  journey: Journey,
  own: RequestHeaders,
  body: Body | null,
): Promise<Response> {
  const url = journey.urls.at(-1) as URL
  const exchange = house.exchanges.get(url.origin)
  if (exchange === undefined) throw new Error(`This browser does not reach ${url.origin}: name it in \`others\`.`)
  const trip = tripOf(house, journey)
  const type = body === null || body.type === null ? {} : { 'Content-Type': body.type }
  const headers = headersFor(journey, house.publicSuffixes, {
    ...type,
    Cookie: jar.lineFor(trip, 'http') ?? null,
    Authorization: journey.page === house.home && url.origin === house.home ? house.authorization : null,
    ...house.headers,
    ...own,
  })
  const { method } = journey
  const request = new Request(url, { method, headers, body: body?.bytes ?? null, redirect: 'manual' })
  const response = await exchange(request)
  for (const line of response.headers.getSetCookie()) jar.put(line, trip, 'http')
  // A Response that was not fetched has none.
  if (response.url === '') Object.defineProperty(response, 'url', { value: url.href, configurable: true })
  return response
}

/** What the jar goes by: only the last URL counts, as in today's browsers. */
function tripOf({ publicSuffixes }: House, journey: Journey): Trip {
  const { page, method, mode } = journey
  const url = journey.urls.at(-1) as URL
  const navigates = mode === 'navigate'
  return {
    ...{ url, method, navigates },
    sameSite: siteBetween(page, [url], publicSuffixes) !== 'cross-site',
    topSite: siteOf(navigates ? url : new URL(page), publicSuffixes),
  }
}

interface Body {
  readonly bytes: string | Uint8Array<ArrayBuffer> | URLSearchParams | FormData
  /** null: follows from the bytes. */
  readonly type: string | null
}

function bodyOf({ json, form, body }: BrowserRequest): Body | null {
  if ([json, form, body].filter((one) => one !== undefined).length > 1)
    throw new TypeError('A request has one body: json, form or body.')
  if (json !== undefined) return { bytes: JSON.stringify(json), type: 'application/json' }
  if (form instanceof FormData || form instanceof URLSearchParams) return { bytes: form, type: null }
  if (form !== undefined) return { bytes: new URLSearchParams(form), type: null }
  return body === undefined ? null : { bytes: body, type: null }
}

function locationOf(response: Response, { urls }: Journey): URL | null {
  const location = response.headers.get('location')
  if (location === null || ![301, 302, 303, 307, 308].includes(response.status)) return null
  return new URL(location, urls.at(-1))
}

/** Fetch, "HTTP-redirect fetch". */
function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD'
  return (status === 301 || status === 302) && method === 'POST'
}
