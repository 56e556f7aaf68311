import type { RequestHead } from '../base/head.ts'
import { duplicate, readCookies } from '../http/cookie.ts'
import type { HeaderLine } from '../http/header-lines.ts'
import { unknownTarget } from '../http/revocation-bounds.ts'

/**
 * The head of the request that is being rendered or acted upon, as `next/headers` shows it. Awaiting it makes the render dynamic.
 *
 * Next tells neither path nor peer. What a server function has set counts as if it had come with the request.
 *
 * @param names of our cookies
 */
export async function currentHead(method: 'GET' | 'POST', names: readonly string[]): Promise<RequestHead> {
  const next = await import('next/headers.js')
  const [headers, jar] = await Promise.all([next.headers(), next.cookies()])
  const cookie = withChanges(headers.get('cookie') ?? '', names, (name) => jar.get(name)?.value)
  const header = (name: string): string | undefined =>
    (name === 'cookie' ? cookie : (headers.get(name) ?? '')) || undefined
  return {
    method,
    target: unknownTarget,
    header,
    count: (name) => (header(name) === undefined ? 0 : 1),
    peer: null,
    encrypted: headers.get('x-forwarded-proto')?.split(',', 1)[0] === 'https',
  }
}

/** The Cookie header as it came, but for those of our cookies that have been changed in this request. */
function withChanges(raw: string, names: readonly string[], now: (name: string) => string | undefined): string {
  const came = readCookies(raw, names)
  const isChanged = names.some((name, index) => {
    const before = came[index]
    // Next decodes and takes the last: what is doubled, or holds a %, is looked at as it came.
    return before !== duplicate && !before?.includes('%') && (before ?? '') !== (now(name) ?? '')
  })
  return isChanged ? replaceCookies(raw, new Map(names.map((name) => [name, now(name) ?? '']))) : raw
}

/** A Cookie header with other values for these names, and without those that get none; the rest stays to the letter. */
export function replaceCookies(raw: string, values: ReadonlyMap<string, string>): string {
  const kept = raw.split(';').filter((pair) => pair.trim() !== '' && !values.has(nameOf(pair)))
  const added = [...values].filter(([, value]) => value !== '').map((pair) => pair.join('='))
  return [...kept.map((pair) => pair.trim()), ...added].join('; ')
}

function nameOf(pair: string): string {
  return pair.split('=', 1)[0]?.trim() ?? ''
}

/** The cookies among these lines, by name; those that are deleted have no value. */
export function cookiesIn(lines: readonly HeaderLine[]): ReadonlyMap<string, string> {
  const pairs = lines.filter(isCookie).map(([, line]) => line.split(';', 1)[0] ?? '')
  return new Map(pairs.map((pair) => [nameOf(pair), pair.slice(pair.indexOf('=') + 1)]))
}

/**
 * Sets cookies by `cookies()` of Next, for answers that are not ours to write.
 *
 * @throws Next's own error where a component is rendered: cookies can no longer be set there
 */
export async function setCookies(lines: readonly HeaderLine[]): Promise<void> {
  const cookieLines = lines.filter(isCookie)
  if (cookieLines.length === 0) return
  const jar = await (await import('next/headers.js')).cookies()
  for (const [, line] of cookieLines) {
    const [pair = '', ...attributes] = line.split('; ')
    const given = new Map(attributes.map((one) => [nameOf(one), one.slice(one.indexOf('=') + 1)]))
    const maxAge = given.get('Max-Age')
    const expires = given.get('Expires')
    jar.set({
      name: nameOf(pair),
      value: pair.slice(pair.indexOf('=') + 1),
      path: given.get('Path') ?? '/',
      domain: given.get('Domain'),
      maxAge: maxAge === undefined ? undefined : Number(maxAge),
      expires: expires === undefined ? undefined : new Date(expires),
      secure: given.has('Secure'),
      httpOnly: given.has('HttpOnly'),
      partitioned: given.has('Partitioned'),
      sameSite: (given.get('SameSite') ?? 'Lax').toLowerCase() as 'lax' | 'strict' | 'none',
    })
  }
}

function isCookie([name]: HeaderLine): boolean {
  return name === 'Set-Cookie'
}
