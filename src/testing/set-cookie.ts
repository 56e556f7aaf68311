import { day, type Millis, second } from '../base/clock.ts'
import { readCookieDate } from './cookie-date.ts'

/** A Set-Cookie line taken apart as browsers do (RFC 6265bis 5.6), before anything is asked about where it came from. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  /** Lower case, without the leading dot; empty when it is not named. */
  readonly domain: string
  /** null: not named, or not beginning with `/`. */
  readonly path: string | null
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: 'Strict' | 'Lax' | 'None' | 'Default'
  readonly partitioned: boolean
  /** When it ends; null with the browser. In the past: it is to be deleted. */
  readonly expiresAt: Millis | null
}

const longestPair = 4096
const longestAttribute = 1024
const longestLife = 400 * day

/** @returns the cookie, or one sentence on why a browser drops the line */
export function readSetCookie(line: string, now: Millis): SetCookie | string {
  if (holdsControl(line)) return 'It holds a control character.'
  const [pair = '', ...rest] = line.split(';')
  const equals = pair.indexOf('=')
  const name = equals < 0 ? '' : trim(pair.slice(0, equals))
  const value = trim(equals < 0 ? pair : pair.slice(equals + 1))
  if (name === '' && value === '') return 'It has neither a name nor a value.'
  if (octets(name) + octets(value) > longestPair) return `Its name and value exceed ${longestPair} octets.`
  if (name === '' && /^__(?:secure|host)-/i.test(value)) return 'It has no name, and a value that passes for one.'
  const attributes = readAttributes(rest)
  const path = attributes.get('path') ?? ''
  return {
    name,
    value,
    domain: (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase(),
    path: path.startsWith('/') ? path : null,
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    sameSite: sameSiteOf(attributes.get('samesite')),
    partitioned: attributes.has('partitioned'),
    expiresAt: endOf(attributes, now),
  }
}

/** The last one of a name counts; one that is too long, or a time that is none, is as if it were not there. */
function readAttributes(parts: readonly string[]): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const part of parts) {
    const equals = part.indexOf('=')
    const name = trim(equals < 0 ? part : part.slice(0, equals)).toLowerCase()
    const value = equals < 0 ? '' : trim(part.slice(equals + 1))
    if (octets(value) > longestAttribute) continue
    if (name === 'max-age' && !/^-?\d+$/.test(value)) continue
    if (name === 'expires' && readCookieDate(value) === null) continue
    attributes.set(name, value)
  }
  return attributes
}

/** Max-Age counts before Expires, and neither beyond 400 days. */
function endOf(attributes: ReadonlyMap<string, string>, now: Millis): Millis | null {
  const maxAge = attributes.get('max-age')
  const expires = attributes.get('expires')
  if (maxAge !== undefined) return Number(maxAge) <= 0 ? 0 : Math.min(now + Number(maxAge) * second, now + longestLife)
  return expires === undefined ? null : Math.min(readCookieDate(expires) ?? 0, now + longestLife)
}

function sameSiteOf(value: string | undefined): SetCookie['sameSite'] {
  const known = (['Strict', 'Lax', 'None'] as const).find((name) => name.toLowerCase() === value?.toLowerCase())
  return known ?? 'Default'
}

function holdsControl(line: string): boolean {
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return true
  }
  return false
}

/** A header holds one octet in each character; what a script writes is UTF-8. */
function octets(text: string): number {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0xff) return new TextEncoder().encode(text).length
  return text.length
}

function trim(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '')
}
