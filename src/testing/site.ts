import { isIP } from 'node:net'
import { isLoopbackOrigin } from '../http/origin.ts'

/** The last label of a host, or one of these where it ends in one: below it anybody may have a name. */
export type PublicSuffixes = readonly string[]

/** Whether a browser takes this for a safe place (W3C Secure Contexts 3.1): https, or the machine itself. */
export function isTrustworthy(url: URL): boolean {
  return url.protocol === 'https:' || isLoopbackOrigin(url.origin)
}

/** Scheme and registrable domain: two origins with the same are one site (HTML 7.1.1). */
export function siteOf(url: URL, suffixes: PublicSuffixes): string {
  return `${url.protocol}//${registrableDomain(url.hostname, suffixes)}`
}

function registrableDomain(host: string, suffixes: PublicSuffixes): string {
  if (isAddress(host) || isPublicSuffix(host, suffixes)) return host
  const suffix = publicSuffixOf(host, suffixes)
  const own = host.slice(0, -suffix.length - 1)
  return `${own.slice(own.lastIndexOf('.') + 1)}.${suffix}`
}

export function isPublicSuffix(host: string, suffixes: PublicSuffixes): boolean {
  return publicSuffixOf(host, suffixes) === host
}

function publicSuffixOf(host: string, suffixes: PublicSuffixes): string {
  const listed = suffixes.filter((suffix) => host === suffix || host.endsWith(`.${suffix}`))
  return listed.sort((a, b) => b.length - a.length)[0] ?? host.slice(host.lastIndexOf('.') + 1)
}

/** RFC 6265bis 5.1.3. */
export function domainMatches(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && !isAddress(host))
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || isIP(host) !== 0
}
