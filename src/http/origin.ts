import { BlockList, isIP, isIPv4, SocketAddress } from 'node:net'
import type { RequestHead } from '../base/head.ts'

/** What is believed about where requests arrive. Made by `defineOrigin`. */
export interface OriginRules {
  /** The application's own origin as a browser writes it, e.g. `https://example.com`; null when it is not configured. */
  readonly origin: string | null
  /** Origins of the same site that may act for the user. */
  readonly trustedOrigins: readonly string[]
  /** Addresses, CIDRs or `loopback`: the peers whose X-Forwarded headers are believed. */
  readonly trustedProxies: readonly string[]
  readonly production: boolean
  /** Sessions over plain http beyond loopback are allowed. */
  readonly insecureHttp: boolean
}

export interface OriginOptions {
  readonly origin?: string | null | undefined
  readonly trustedOrigins?: readonly string[] | undefined
  readonly trustedProxies?: readonly string[] | undefined
  readonly production: boolean
  readonly insecureHttp?: boolean | undefined
}

export interface OriginDefinition {
  readonly rules: OriginRules
  /** One sentence for each option that cannot be used; such entries are left out of the rules. */
  readonly findings: readonly string[]
}

/** Checks the options all at once and normalises them (`https://Example.com:443/` becomes `https://example.com`). Does not throw. */
export function defineOrigin(options: OriginOptions): OriginDefinition {
  const findings: string[] = []
  const origin = options.origin ?? null
  const own = origin === null ? null : normalise('origin', origin, findings)
  const trustedOrigins = listOf('trustedOrigins', options.trustedOrigins, findings)
    .map((text) => normalise('trustedOrigins', text, findings))
    .filter((text) => text !== null)
  const trustedProxies = listOf('trustedProxies', options.trustedProxies, findings).filter((text) => {
    const flaw = findProxyFlaw(text)
    if (flaw !== undefined) findings.push(`trustedProxies: ${JSON.stringify(text)} ${flaw}`)
    return flaw === undefined
  })
  const insecureHttp = options.insecureHttp === true
  if (own?.startsWith('https:') === true) {
    if (insecureHttp) findings.push('insecureHttp is for a plain-http origin, and origin is https: leave it out')
    for (const text of trustedOrigins.filter((text) => text.startsWith('http:') && !isLoopbackOrigin(text)))
      findings.push(`trustedOrigins: ${text} is plain http: anybody on the network could act as it`)
  }
  const rules = Object.freeze({
    origin: own,
    trustedOrigins: Object.freeze(trustedOrigins),
    trustedProxies: Object.freeze(trustedProxies),
    production: options.production,
    insecureHttp,
  })
  return { rules, findings }
}

/**
 * The origin that a browser shows for this request: the configured one; else what the nearest trusted proxy says (the right-most
 * X-Forwarded-Proto with the right-most X-Forwarded-Host, or Host); else Host, which is believed on loopback only and not in
 * production, because whoever sends the request chooses it.
 *
 * @returns null when it cannot be known
 */
export function ownOrigin(head: RequestHead, rules: OriginRules): string | null {
  if (rules.origin !== null) return rules.origin
  const host = head.count('host') === 1 ? head.header('host') : undefined
  if (isTrustedPeer(head, rules)) {
    const scheme = lastOf(head.header('x-forwarded-proto'))
    const forwardedHost = lastOf(head.header('x-forwarded-host'))
    if (scheme !== undefined || forwardedHost !== undefined) return originOf(scheme, forwardedHost ?? host)
  }
  if (rules.production) return null
  const origin = originOf(head.encrypted ? 'https' : 'http', host)
  return origin !== null && isLoopbackOrigin(origin) ? origin : null
}

/**
 * Whether a session may be shown on the way that this request took: an https origin, or plain http that never leaves the machine.
 *
 * Where the own origin cannot be known, the connection to this process decides. Does not look at `insecureHttp`.
 */
export function isSecureTransport(head: RequestHead, rules: OriginRules): boolean {
  const own = ownOrigin(head, rules)
  if (own === null) return head.encrypted
  return own.startsWith('https:') || isLoopbackOrigin(own)
}

/**
 * The address of the client in canonical text (RFC 5952; IPv4 also where it came mapped into IPv6; no zone).
 *
 * The peer of the connection; where that is a trusted proxy, the right-most hop of X-Forwarded-For that is not one. What stands further
 * left is written by strangers and never looked at. A hop that is not an address ends the walk at the proxy that reported it.
 *
 * @returns null when the peer is unknown
 */
export function clientAddress(head: RequestHead, rules: OriginRules): string | null {
  let address = canonicalAddress(head.peer)
  if (address === null || !isTrusted(address, rules)) return address
  const hops = head.header('x-forwarded-for')?.split(',') ?? []
  for (let index = hops.length - 1; index >= 0; index--) {
    const hop = readHop((hops[index] as string).trim())
    if (hop === null) return address
    address = hop
    if (!isTrusted(address, rules)) return address
  }
  return address
}

/** Whether the peer of the connection is one whose headers are believed. */
export function isTrustedPeer(head: Pick<RequestHead, 'peer'>, rules: OriginRules): boolean {
  return isTrusted(canonicalAddress(head.peer), rules)
}

/** `localhost`, its subdomains, 127.0.0.0/8 and ::1 (RFC 6761 6.3, RFC 8252 7.3). */
export function isLoopbackOrigin(origin: string): boolean {
  const host = URL.parse(origin)?.hostname ?? ''
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))
  )
}

/** Whether a text is an http or https origin as a browser writes it, to the letter. */
export function isOrigin(text: unknown): text is string {
  return (
    typeof text === 'string' && /^https?:\/\/[0-9a-z._[\]:-]{1,300}$/.test(text) && URL.parse(text)?.origin === text
  )
}

function listOf(name: string, value: unknown, findings: string[]): readonly string[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  findings.push(`${name} must be a list of strings`)
  return []
}

function normalise(name: string, text: unknown, findings: string[]): string | null {
  const url = typeof text === 'string' && originText.test(text) ? URL.parse(text) : null
  if (url?.href === `${url?.origin}/` && originOf(url.protocol.slice(0, -1), url.host) === url.origin) return url.origin
  findings.push(
    `${name}: ${JSON.stringify(text)} is not an origin; write scheme and host and nothing else, e.g. https://example.com`,
  )
  return null
}

const originText = /^https?:\/\/[^\s\\]+$/i

/** What a strict Host names: no user, no path, no trailing dot, no other spelling of an address, digits only in the port. */
const hostText = /^(?:[0-9A-Za-z._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/

function originOf(scheme: string | undefined, host: string | undefined): string | null {
  const lower = scheme?.toLowerCase()
  if ((lower !== 'http' && lower !== 'https') || host === undefined || !hostText.test(host)) return null
  const url = URL.parse(`${lower}://${host}`)
  if (url === null || url.hostname.endsWith('.')) return null
  const withDefaultPort = `${url.hostname}:${lower === 'https' ? 443 : 80}`
  const given = host.toLowerCase()
  return given === url.host || given === withDefaultPort ? url.origin : null
}

function lastOf(list: string | undefined): string | undefined {
  return list?.slice(list.lastIndexOf(',') + 1).trim()
}

function canonicalAddress(text: string | null): string | null {
  if (text === null || isIP(text) !== 6) return text !== null && isIPv4(text) ? text : null
  const address = new SocketAddress({ address: text, family: 'ipv6' }).address
  const mapped = address.startsWith('::ffff:') ? address.slice(7) : ''
  return isIPv4(mapped) ? mapped : address
}

const bracketed = /^\[([^\]]*)\](?::[0-9]{1,5})?$/
const withPort = /^([0-9.]+):[0-9]{1,5}$/

/** One hop of X-Forwarded-For, with or without a port. */
function readHop(hop: string): string | null {
  return canonicalAddress(bracketed.exec(hop)?.[1] ?? withPort.exec(hop)?.[1] ?? hop)
}

interface Network {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

function readNetwork(text: string): Network | null {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const version = isIP(address)
  const bits = version === 4 ? 32 : 128
  const digits = slash < 0 ? String(bits) : text.slice(slash + 1)
  if (version === 0 || address.includes('%') || !/^[0-9]{1,3}$/.test(digits) || Number(digits) > bits) return null
  return { address, prefix: Number(digits), family: version === 4 ? 'ipv4' : 'ipv6' }
}

function findProxyFlaw(text: string): string | undefined {
  if (text === 'loopback') return undefined
  const network = readNetwork(text)
  if (network === null) return 'is not an address, a CIDR such as 10.0.0.0/8, or loopback'
  if (network.prefix === 0) return 'would believe everybody'
  if (network.family === 'ipv6' && isIPv4(canonicalAddress(network.address) ?? ''))
    return 'is IPv4 written as IPv6: write it as IPv4'
  return undefined
}

const compiled = new WeakMap<readonly string[], BlockList>()

function isTrusted(address: string | null, { trustedProxies }: OriginRules): boolean {
  if (address === null || trustedProxies.length === 0) return false
  let list = compiled.get(trustedProxies)
  if (list === undefined) {
    list = compile(trustedProxies)
    compiled.set(trustedProxies, list)
  }
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

function compile(proxies: readonly string[]): BlockList {
  const list = new BlockList()
  for (const text of proxies.flatMap((text) => (text === 'loopback' ? ['127.0.0.0/8', '::1'] : [text]))) {
    const network = readNetwork(text)
    if (network !== null) list.addSubnet(network.address, network.prefix, network.family)
  }
  return list
}
