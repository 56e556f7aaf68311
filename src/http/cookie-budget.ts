import { type Millis, systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { findPrefixFlaw, holdsControl, isSpace, maxAttributeLength, maxPairLength, shownName } from './cookie.ts'

/** What all cookies of an application may come to. */
export interface CookieBudget {
  /** Octets of the line `Cookie: a=1; b=2` that the browser sends (8190: what Apache takes in one line, and nginx by two more). */
  readonly bytes: number
  /** Cookies (50: what every browser keeps for a domain, RFC 6265bis 6.1). */
  readonly count: number
}

/** Apache: LimitRequestFieldSize 8190. nginx: large_client_header_buffers 4 8k. */
export const defaultBudget: CookieBudget = Object.freeze({ bytes: 8190, count: 50 })

/** The cookies of one answer as its head leaves. */
export interface LeavingCookies {
  /** The Cookie header of the request; several lines joined with `; `. */
  readonly held: string | undefined
  /** All Set-Cookie lines of the answer. */
  readonly set: readonly string[]
  /** Names of the session's own cookies: they are counted, two cookies and 1024 octets at least, and are never to blame (none). */
  readonly own?: readonly string[]
  /** (8190 octets, 50 cookies) */
  readonly limits?: CookieBudget
  /** By which an Expires is past (the system's clock). */
  readonly now?: Millis
}

/**
 * Refuses cookies that a browser would not keep as they are set: a line that it would drop or cut, or one too many, or too large, for all of them together.
 *
 * Does not blame the application for what others have planted: only a line of its own that makes it more goes over, never one that deletes or shrinks. Does
 * NOT see cookies of other paths, which the request does not show, nor whether a Domain is above the host that answers. A longer life than 400 days is left to the browser,
 * which shortens it.
 *
 * @throws Fault `cookie_budget`; its message names the cookie, the bytes and the largest others, never a value
 * Cost: linear in the cookies; nothing where no cookie is set but the session's own.
 * @see RFC 6265bis, sections 5.6, 5.7 and 6.1
 */
export function checkCookieBudget(leaving: LeavingCookies): void {
  const flaw = budgetFlaw(leaving)
  if (flaw !== undefined) throw new Fault('cookie_budget', flaw)
}

/** What `checkCookieBudget` would throw, as a sentence; undefined when there is nothing to say. */
export function budgetFlaw(leaving: LeavingCookies): string | undefined {
  const { set, own = [], limits = defaultBudget } = leaving
  if (set.every((line) => own.some((name) => line.startsWith(`${name}=`)))) return undefined
  const now = leaving.now ?? systemClock.now()
  const lines = set.map((line) => readSetCookie(line, now))
  for (const line of lines) if (line.flaw !== undefined) return lineFlaw(line)
  const jar = readJar(leaving.held)
  const last = [...new Map(lines.map((line) => [line.key, line])).values()]
  const growing: SetLine[] = []
  for (const line of last) {
    if (grows(jar, line) && !own.includes(line.name)) growing.push(line)
    else put(jar, line)
  }
  keepRoom(jar, own)
  for (const line of growing) {
    const { count } = jar
    put(jar, line)
    if (bytesOf(jar) > limits.bytes) return sizeFlaw(line, jar, limits)
    if (jar.count > limits.count && jar.count > count) return countFlaw(line, jar, limits)
  }
  return undefined
}

interface SetLine {
  readonly name: string
  /** Octets of `name=value` as the browser will send it. */
  readonly bytes: number
  /** Name, Domain and Path: what a browser tells cookies apart by. */
  readonly key: string
  readonly deletes: boolean
  readonly flaw: string | undefined
}

/** RFC 6265bis 5.6, as a browser reads the line. */
function readSetCookie(line: string, now: Millis): SetLine {
  const parts = line.split(';')
  const pair = parts[0] as string
  const equals = pair.indexOf('=')
  const name = equals < 0 ? '' : trimmed(pair.slice(0, equals))
  const value = trimmed(pair.slice(equals + 1))
  const attributes = new Map<string, string>()
  let cut: string | undefined
  for (let index = 1; index < parts.length; index++) {
    const part = parts[index] as string
    const at = part.indexOf('=')
    const attribute = trimmed(at < 0 ? part : part.slice(0, at)).toLowerCase()
    const text = at < 0 ? '' : trimmed(part.slice(at + 1))
    if (text.length > maxAttributeLength)
      cut = `${shownName(attribute)} is ${text.length} octets, of which browsers take ${maxAttributeLength} at most`
    else if (!attributes.has(attribute) || isMeant(attribute, text)) attributes.set(attribute, text)
  }
  const bytes = name === '' ? value.length : name.length + 1 + value.length
  const key = [name, attributes.get('domain') ?? '', attributes.get('path') ?? ''].join(';')
  const flaw = holdsControl(line, 0, line.length)
    ? 'the line holds a control character'
    : (pairFlaw(name, value) ?? cut ?? attributeFlaw(name, attributes))
  return { name, bytes, key, deletes: isOver(attributes, now), flaw }
}

/** The last of several counts, but for a Max-Age or an Expires that says nothing. */
function isMeant(attribute: string, text: string): boolean {
  if (attribute === 'max-age') return seconds.test(text)
  return attribute !== 'expires' || !Number.isNaN(Date.parse(text))
}

const seconds = /^-?[0-9]+$/

/** RFC 6265bis 5.7 has the prefixes; Chromium also drops what it would send back as if it had a name. */
const prefixes = /^__(?:secure|host|http)-/i

function pairFlaw(name: string, value: string): string | undefined {
  if (name === '' && value === '') return 'it has neither name nor value'
  if (name === '' && (value.includes('=') || prefixes.test(value)))
    return 'without a name, its value must not hold = or begin like a name with a prefix'
  const length = name.length + value.length
  return length > maxPairLength
    ? `name and value are ${length} octets, of which browsers take ${maxPairLength} at most`
    : undefined
}

function attributeFlaw(name: string, attributes: ReadonlyMap<string, string>): string | undefined {
  const secure = attributes.has('secure')
  const domain = attributes.get('domain')
  if (domain !== undefined && holdsNonAscii(domain)) return 'Domain holds a character that is not ASCII'
  if (!secure && attributes.get('samesite')?.toLowerCase() === 'none') return 'SameSite=None needs Secure'
  if (!secure && attributes.has('partitioned')) return 'Partitioned needs Secure'
  return findPrefixFlaw({
    name,
    secure,
    httpOnly: attributes.has('httponly'),
    domain: domain === '' ? undefined : domain,
    path: attributes.get('path'),
  })
}

function holdsNonAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return true
  return false
}

/** RFC 6265bis 5.7: Max-Age goes before Expires. */
function isOver(attributes: ReadonlyMap<string, string>, now: Millis): boolean {
  const maxAge = attributes.get('max-age')
  if (maxAge !== undefined && seconds.test(maxAge)) return Number(maxAge) <= 0
  const expires = attributes.get('expires')
  return expires !== undefined && Date.parse(expires) <= now
}

interface Held {
  readonly name: string
  bytes: number
}

interface Jar {
  /** Those that are there, and those that came; what has been deleted has no bytes. */
  readonly all: Held[]
  /** By name, what the request showed and no line has replaced yet. A name may be held several times, from several paths or domains. */
  readonly replaceable: Map<string, Held[]>
  count: number
  sum: number
}

function readJar(header: string | undefined): Jar {
  const jar: Jar = { all: [], replaceable: new Map(), count: 0, sum: 0 }
  for (const part of header?.split(';') ?? []) {
    const pair = trimmed(part)
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = equals < 0 ? '' : trimmed(pair.slice(0, equals))
    const held = { name, bytes: pair.length }
    const same = jar.replaceable.get(name)
    if (same === undefined) jar.replaceable.set(name, [held])
    else same.push(held)
    add(jar, held)
  }
  return jar
}

function add(jar: Jar, held: Held): void {
  jar.all.push(held)
  jar.count++
  jar.sum += held.bytes
}

function put(jar: Jar, line: SetLine): void {
  const old = jar.replaceable.get(line.name)?.pop()
  if (old !== undefined) {
    jar.count--
    jar.sum -= old.bytes
    old.bytes = 0
  }
  if (!line.deletes) add(jar, { name: line.name, bytes: line.bytes })
}

/** Takes a line of a held name for that cookie's successor. */
function grows(jar: Jar, line: SetLine): boolean {
  return !line.deletes && line.bytes > (jar.replaceable.get(line.name)?.at(-1)?.bytes ?? 0)
}

const roomForSession = 1024

/** Whoever signs in later must still fit in. */
function keepRoom(jar: Jar, own: readonly string[]): void {
  if (own.length === 0) return
  const ours = jar.all.filter(({ name, bytes }) => bytes > 0 && own.includes(name))
  const bytes = ours.reduce((sum, held) => sum + held.bytes, 0)
  jar.count += Math.max(0, own.length - ours.length)
  jar.sum += Math.max(0, roomForSession - bytes)
}

/** `Cookie: ` and the pairs with `; ` between them. */
function bytesOf(jar: Jar): number {
  return jar.count === 0 ? 0 : 'Cookie: '.length + jar.sum + 2 * (jar.count - 1)
}

function lineFlaw({ name, bytes, flaw }: SetLine): string {
  return `The cookie ${shownName(name)} (${bytes} bytes) would be dropped or cut by browsers: ${flaw}.`
}

function sizeFlaw(line: SetLine, jar: Jar, limits: CookieBudget): string {
  return `The cookie ${shownName(line.name)} (${line.bytes} bytes) brings the Cookie header to ${bytesOf(jar)} bytes, the session's included, more than the ${limits.bytes} of cookies.budget.bytes${largest(jar)} Keep less in cookies, or keep it on the server.`
}

function countFlaw(line: SetLine, jar: Jar, limits: CookieBudget): string {
  return `The cookie ${shownName(line.name)} (${line.bytes} bytes) is number ${jar.count}, the session's included, more than the ${limits.count} of cookies.budget.count${largest(jar)} Delete some, or keep it on the server.`
}

/** The last that was put is the one to blame. */
function largest(jar: Jar): string {
  const others = jar.all.slice(0, -1).filter(({ bytes }) => bytes > 0)
  const three = others.toSorted((a, b) => b.bytes - a.bytes).slice(0, 3)
  if (three.length === 0) return '.'
  return `; the largest others are ${three.map(({ name, bytes }) => `${shownName(name)} (${bytes})`).join(', ')}.`
}

/** Without the white space around it that a browser would take away. */
function trimmed(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && isSpace(text.charCodeAt(from))) from++
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}
