import { isIPv6 } from 'node:net'

/**
 * Whom an address stands for when tries are counted: IPv4 for itself, IPv6 for its /64, which is what one household gets (RFC 6177).
 *
 * @param address canonical text, from `clientAddress`; null when the peer is unknown
 */
export function sourceOf(address: string | null): string {
  if (address === null) return 'unknown'
  return isIPv6(address) ? `${groups(address).slice(0, 4).join(':')}::/64` : address
}

/** What logs keep of an address: the /24 of IPv4, the /48 of IPv6; not enough to tell who it was. */
export function networkOf(address: string | null): string {
  if (address === null) return 'unknown'
  return isIPv6(address)
    ? `${groups(address).slice(0, 3).join(':')}::/48`
    : `${address.split('.').slice(0, 3).join('.')}.0/24`
}

/** All eight groups, those that `::` stands for too. */
function groups(address: string): readonly string[] {
  const [before = '', after] = address.split('::')
  const listed = (text: string): readonly string[] => (text === '' ? [] : text.split(':'))
  if (after === undefined) return listed(before)
  const zeros = 8 - listed(before).length - listed(after).length
  return [...listed(before), ...Array<string>(zeros).fill('0'), ...listed(after)]
}
