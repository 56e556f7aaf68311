import { Fault } from '../base/fault.ts'

/** In place of a value: the request carries that name more than once. */
export const duplicate: unique symbol = Symbol('duplicate cookie')

/** undefined = absent. */
export type FoundCookie = string | typeof duplicate | undefined

/** One cookie as it is set. Every attribute is stated, so that the deleting twin can carry the same ones (C9). */
export interface Cookie {
  /** A token of RFC 9110 5.6.2. `__Host-` and `__Secure-` bind it to what they promise; a session wants `__Host-`. */
  readonly name: string
  /** Visible ASCII without `"` `,` `;` `\`; anything else in base64url or by encodeURIComponent. */
  readonly value: string
  /** Whole seconds, at most 34 560 000 (400 days); 0 ends the cookie at once. Without it the cookie ends with the browser. */
  readonly maxAge?: number | undefined
  /** Where it is sent: this path and below. No boundary between applications: pages of one host can reach each other. */
  readonly path: string
  /** Also sent to, and set by, every host below this one. Without it, the host that set it alone. */
  readonly domain?: string | undefined
  /** Over https only (and on localhost). */
  readonly secure: boolean
  /** Out of reach of scripts. */
  readonly httpOnly: boolean
  readonly sameSite: 'Lax' | 'Strict' | 'None'
  /** One for each site that embeds this one (CHIPS). */
  readonly partitioned?: boolean | undefined
}

/** What a cookie is set and deleted by: all but its value and its time. */
export type CookieShape = Omit<Cookie, 'value' | 'maxAge'>

/** Octets of name and value together, and of one attribute's value: browsers drop what is longer (RFC 6265bis 5.6). */
export const maxPairLength = 4096
export const maxAttributeLength = 1024
const maxMaxAge = 34_560_000

const tab = 0x09
const space = 0x20
const equals = 0x3d

/**
 * Finds cookies by their exact names in a Cookie header (RFC 6265bis 4.1.1 and 4.2.1), in one pass over the text.
 *
 * Does not decode, fold or repair anything: the name is what stands between the white space after `;` and the first `=`, its own end
 * untrimmed, so that no other spelling passes for a name of ours (C7). A pair whose value holds a control character is
 * passed over as if it were not there (C6); one with white space, quotes, comma, backslash or non-ASCII has no value either, but counts:
 * a second pair of the same name makes it `duplicate`, whatever the values are (C8).
 *
 * @param header several Cookie lines joined with `; `
 * @param names each without `;` and `=`
 * @returns one entry for each name, in their order. Linear in the length of the header.
 */
export function readCookies(header: string | undefined, names: readonly string[]): readonly FoundCookie[] {
  const found = new Array<FoundCookie>(names.length).fill(undefined)
  if (header === undefined) return found
  let at = 0
  while (at < header.length) {
    let end = header.indexOf(';', at)
    if (end < 0) end = header.length
    while (at < end && isSpace(header.charCodeAt(at))) at++
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string
      const from = at + name.length
      if (header.charCodeAt(from) !== equals || !header.startsWith(name, at)) continue
      const value = readValue(header, from + 1, end)
      if (value !== undefined) found[index] = found[index] === undefined ? value : duplicate
      break
    }
    at = end + 1
  }
  for (let index = 0; index < found.length; index++) if (found[index] === unreadable) found[index] = undefined
  return found
}

/** Stands for a value that is no cookie value; no such text can come from a header. */
const unreadable = '\n'

function readValue(header: string, from: number, end: number): string | undefined {
  let to = end
  while (to > from && isSpace(header.charCodeAt(to - 1))) to--
  for (let at = from; at < to; at++) {
    if (!isCookieOctet(header.charCodeAt(at))) return holdsControl(header, from, to) ? undefined : unreadable
  }
  return header.slice(from, to)
}

/** RFC 6265bis 5.6: what makes a browser drop a cookie. */
export function holdsControl(header: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = header.charCodeAt(at)
    if ((code < space && code !== tab) || code === 0x7f) return true
  }
  return false
}

/** WSP of RFC 6265bis: the only white space that a cookie's parts are trimmed of. */
export function isSpace(code: number): boolean {
  return code === space || code === tab
}

/** RFC 6265bis 4.1.1 cookie-octet: visible ASCII without `"` `,` `;` `\`. */
function isCookieOctet(code: number): boolean {
  return code > 0x20 && code < 0x7f && code !== 0x22 && code !== 0x2c && code !== 0x3b && code !== 0x5c
}

/**
 * The value of a Set-Cookie header: one line for one cookie, to be appended to the response, never joined with others.
 *
 * Refuses what a browser would drop or cut without a word: RFC 6265bis 4.1.1 (characters), 4.1.3 (prefixes), 5.5 (400 days), 5.6
 * (4096 octets of name and value, 1024 of an attribute), 5.7 (SameSite=None or Partitioned without Secure). Does NOT encode the value, and does
 * not know the host that answers: a browser drops a Domain that is not above it, and one that is a public suffix.
 *
 * @throws Fault `invalid_value`; its message names the cookie and never holds the value
 * @see RFC 6265bis, sections 4.1 and 5.6
 */
export function serializeCookie(cookie: Cookie): string {
  const flaw = findFlaw(cookie)
  if (flaw !== undefined)
    throw new Fault('invalid_value', `The cookie ${shownName(cookie.name)} cannot be sent: ${flaw}.`)
  const age = cookie.maxAge === undefined ? '' : `; Max-Age=${cookie.maxAge}`
  return `${cookie.name}=${cookie.value}${age}${attributesOf(cookie)}`
}

/**
 * The Set-Cookie header that deletes a cookie: no value, ended, and the attributes that it was set with, because a browser deletes
 * only the cookie of the same name, domain and path, and of the same partition (C9). Exported to applications as `serializeDeletion`.
 *
 * @throws Fault `invalid_value`, as for setting it
 * @see RFC 6265bis, section 5.7
 */
export function deleteCookie(cookie: CookieShape): string {
  const flaw = findFlaw({ ...cookie, value: '', maxAge: 0 })
  if (flaw !== undefined)
    throw new Fault('invalid_value', `The cookie ${shownName(cookie.name)} cannot be deleted: ${flaw}.`)
  return `${cookie.name}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${attributesOf(cookie)}`
}

/** A name as it may stand in a message or a log, whoever chose it. */
export function shownName(name: string): string {
  if (name === '') return 'without a name'
  const shown = name.slice(0, longestShown).replace(/[^!-~]/g, '?')
  return name.length > longestShown ? `${shown}…` : shown
}

const longestShown = 64

function attributesOf(cookie: CookieShape): string {
  let text = cookie.domain === undefined ? '' : `; Domain=${cookie.domain}`
  text += `; Path=${cookie.path}`
  if (cookie.secure) text += '; Secure'
  if (cookie.httpOnly) text += '; HttpOnly'
  text += `; SameSite=${cookie.sameSite}`
  if (cookie.partitioned === true) text += '; Partitioned'
  return text
}

/** Of a name: RFC 9110 5.6.2. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const pathText = /^\/[\x20-\x2b\x2d-\x3a\x3c-\x7e]*$/
const domainLabel = /^[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?$/

/** Letters, digits and dashes in labels of 63 at most (RFC 1123 2.1). */
export function isHostName(text: string): boolean {
  return text.split('.').every((label) => domainLabel.test(label))
}

function findFlaw(cookie: Cookie): string | undefined {
  const { name, value, maxAge, path, domain } = cookie
  if (!token.test(name)) return 'its name is not a token'
  for (let at = 0; at < value.length; at++) {
    if (!isCookieOctet(value.charCodeAt(at))) return 'its value holds a character that no cookie may hold'
  }
  const length = name.length + value.length
  if (length > maxPairLength)
    return `name and value are ${length} octets, and browsers drop what exceeds ${maxPairLength}`
  if (maxAge !== undefined && !(Number.isInteger(maxAge) && maxAge >= 0 && maxAge <= maxMaxAge))
    return `Max-Age must be whole seconds, 0 to ${maxMaxAge}`
  if (path.length > maxAttributeLength) return `Path exceeds ${maxAttributeLength} octets`
  if (!pathText.test(path)) return 'Path must begin with / and hold no control, comma, semicolon or non-ASCII character'
  if (domain !== undefined) {
    if (domain.length > maxAttributeLength) return `Domain exceeds ${maxAttributeLength} octets`
    if (!isHostName(domain)) return 'Domain is not a host name'
  }
  if (!sameSites.includes(cookie.sameSite)) return 'SameSite must be Lax, Strict or None'
  if (cookie.sameSite === 'None' && !cookie.secure) return 'SameSite=None needs Secure'
  if (cookie.partitioned === true && !cookie.secure) return 'Partitioned needs Secure'
  return findPrefixFlaw(cookie)
}

export const sameSites: readonly string[] = ['Lax', 'Strict', 'None']

/**
 * Browsers compare the prefixes without regard to case (RFC 6265bis 5.4), so they bind in every spelling. `__Http-` and `__Host-Http-` are of
 * its successor (layered cookies); Chromium knows them already.
 */
export function findPrefixFlaw(
  cookie: Pick<CookieShape, 'name' | 'secure' | 'httpOnly' | 'domain'> & { readonly path: string | undefined },
): string | undefined {
  const { secure, httpOnly, domain, path } = cookie
  const lower = cookie.name.toLowerCase()
  const host = lower.startsWith('__host-')
  const http = lower.startsWith('__http-') || lower.startsWith('__host-http-')
  if (!host && !http && !lower.startsWith('__secure-')) return undefined
  if (!secure) return 'the prefix of its name needs Secure'
  if (http && !httpOnly) return 'the prefix of its name needs HttpOnly'
  if (host && domain !== undefined) return 'the prefix __Host- forbids Domain'
  if (host && path !== '/') return 'the prefix __Host- needs Path=/'
  return undefined
}
