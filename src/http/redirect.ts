import { Fault } from '../base/fault.ts'
import { isOrigin } from './origin.ts'

export interface RedirectOptions {
  /** The application's own origin, e.g. `https://example.com`; a URL on it is shortened to its path. Without it only paths are own. */
  readonly origin?: string | undefined
  /** Other origins that may be gone to, to the letter. */
  readonly allowed?: readonly string[] | undefined
  /** Where everything else goes: a path of your own (`/`). */
  readonly fallback?: string | undefined
}

const longest = 2048
/** No white space, no control character, nothing beyond ASCII, and no backslash, which browsers read as a slash. */
const plain = /^[\x21-\x5b\x5d-\x7e]+$/
/** A slash or backslash in disguise where a second one would make it a host: some servers and proxies decode paths before they send them on. */
const disguised = /^\/(?:[./]|%2e)*(?:\/|%2f|%5c)/i
/** A host in plain letters: no user, no trailing dot, no escapes, nothing that only turns into the host by being normalised. */
const absolute = /^https?:\/\/[^/?#@\\]+(?:[/?#]|$)/

/**
 * Where to send somebody on to, from what a request asked for: `res.redirect(redirectTarget(req.query.next))`.
 *
 * Gives the target if it is a path of the own origin or a URL whose origin is listed, to the letter; whatever else it is, of whatever
 * type, the fallback. Does NOT decide whether that person may see what is there.
 *
 * @param target anything: a text, a list of texts from a query, undefined
 * @returns a path that begins with one `/`, or an absolute URL of an allowed origin; safe as the value of Location
 * @throws Fault `invalid_option` for options that are none: they are yours
 * @see X10; OWASP ASVS 5.0, 3.7.2
 */
export function redirectTarget(target: unknown, options: RedirectOptions = {}): string {
  const { origin, allowed = [], fallback = '/' } = options
  checkOptions(origin, allowed, fallback)
  if (typeof target !== 'string' || target.length > longest || !plain.test(target)) return fallback
  if (target.startsWith('/')) return isOwnPath(target) ? target : fallback
  const url = absolute.test(target) ? URL.parse(target) : null
  // What a browser would write differently is somebody's trick: the origin must stand there letter by letter.
  if (url === null || !(target === url.origin || /^[/?#]/.test(target.slice(url.origin.length)))) return fallback
  if (!target.startsWith(url.origin)) return fallback
  if (url.origin === origin) {
    const path = `${url.pathname}${url.search}${url.hash}`
    return isOwnPath(path) ? path : fallback
  }
  return allowed.includes(url.origin) ? target : fallback
}

/** Stays on the own origin, whoever resolves or normalises it. */
function isOwnPath(path: string): boolean {
  if (!path.startsWith('/') || disguised.test(path)) return false
  const url = URL.parse(path, 'https://own.invalid')
  return url !== null && url.origin === 'https://own.invalid' && !url.pathname.startsWith('//')
}

function checkOptions(origin: string | undefined, allowed: readonly string[], fallback: string): void {
  const findings: string[] = []
  if (origin !== undefined && !isOrigin(origin)) findings.push(`origin: ${JSON.stringify(origin)} is not an origin`)
  if (!Array.isArray(allowed)) findings.push('allowed must be a list of origins')
  else
    for (const text of allowed.filter((text) => !isOrigin(text)))
      findings.push(
        `allowed: ${JSON.stringify(text)} is not an origin; write scheme and host and nothing else, e.g. https://example.com`,
      )
  if (typeof fallback !== 'string' || !plain.test(fallback) || !isOwnPath(fallback))
    findings.push('fallback must be a path of your own, e.g. /')
  if (findings.length > 0)
    throw new Fault('invalid_option', `redirectTarget() cannot use these options:\n- ${findings.join('\n- ')}`)
}
