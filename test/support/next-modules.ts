import { AsyncLocalStorage } from 'node:async_hooks'
import { registerHooks } from 'node:module'

/** What Next keeps of one request, as its `headers()` and `cookies()` show it. */
export interface Rendering {
  readonly headers: Headers
  /** What Next has understood of the cookies: decoded, the last of a name. */
  readonly jar: Map<string, string>
  /** What has been set, in order. */
  readonly set: Readonly<Record<string, unknown>>[]
  /** Components cannot set cookies. */
  readonly phase: 'render' | 'action'
}

const renderings = new AsyncLocalStorage<Rendering>()

/** Runs as if Next were rendering, or acting upon, a request with these headers. Gives the cookies that were set as well. */
export async function within<Result>(
  phase: Rendering['phase'],
  headers: HeadersInit,
  run: () => Promise<Result>,
): Promise<{ readonly result: PromiseSettledResult<Result>; readonly set: Rendering['set'] }> {
  const given = new Headers(headers)
  const rendering: Rendering = { headers: given, jar: jarOf(given.get('cookie') ?? ''), set: [], phase }
  const [result] = await renderings.run(rendering, () => Promise.allSettled([run()]))
  return { result, set: rendering.set }
}

function jarOf(cookie: string): Map<string, string> {
  const pairs = cookie.split(/; */).filter((pair) => pair.includes('='))
  return new Map(
    pairs.map((pair) => [pair.split('=', 1)[0] ?? '', decodeURIComponent(pair.slice(pair.indexOf('=') + 1))]),
  )
}

function current(): Rendering {
  const rendering = renderings.getStore()
  if (rendering === undefined) throw new Error('`cookies` was called outside a request scope.')
  return rendering
}

const standIns = {
  headers: async () => current().headers,
  cookies: async () => ({
    get: (name: string) => {
      const value = current().jar.get(name)
      return value === undefined ? undefined : { name, value }
    },
    set: (cookie: { readonly name: string; readonly value: string }) => {
      const { phase, jar, set } = current()
      if (phase === 'render') throw new Error('Cookies can only be modified in a Server Action or Route Handler.')
      jar.set(cookie.name, cookie.value)
      set.push(cookie)
    },
  }),
  NextResponse: {
    next: ({ request }: { readonly request: { readonly headers: Headers } }) =>
      Object.assign(new Response(null), { handedOn: new Headers(request.headers) }),
  },
}

/** Puts stand-ins where the adapter imports Next, so that it can be tested where Next is not installed. */
export function standInForNext(): void {
  const key = 'handstamp.test.next'
  Object.assign(globalThis, { [Symbol.for(key)]: standIns })
  const source = `const all = globalThis[Symbol.for('${key}')]; export const { headers, cookies, NextResponse } = all`
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'next/headers.js' || specifier === 'next/server.js'
        ? { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true }
        : next(specifier, context),
  })
}
