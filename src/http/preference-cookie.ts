import { timingSafeEqual } from 'node:crypto'
import { fromBase64url } from '../base/bytes.ts'
import { type KeyRing, mac, type SecretKeys } from '../crypto/keyring.ts'

/** Cookie octets (RFC 6265bis 4.1.1) but for the percent sign stand for themselves. */
const escaped = /[^\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/gu

/** Text as cookie octets: `decodeURIComponent` gives it back. */
export function escapeText(text: string): string {
  return text.replace(escaped, encodeURIComponent)
}

/** Takes every spelling that `decodeURIComponent` takes; null for the rest. */
export function unescapeText(octets: string): string | null {
  try {
    return decodeURIComponent(octets)
  } catch {
    return null
  }
}

/** What a signed cookie holds: the value itself, or the reference of a value that is kept on the server. */
export interface SignedContent {
  readonly holds: 'value' | 'reference'
  /** Cookie octets. */
  readonly octets: string
  /** Until when it is believed, in whole seconds since the epoch. */
  readonly end: number
}

/**
 * `END.SIGNATURE.VALUE`, or `END.SIGNATURE~REFERENCE`. END is in decimal digits; SIGNATURE is kid 6 · HMAC-SHA256 32 as 51 characters of base64url.
 *
 * Everybody can read it; nobody else can make it, for another name or end neither. Does NOT say whose it is: a copy is as good.
 */
export function signContent(ring: KeyRing, name: string, content: SignedContent): string {
  const { kid } = ring.first
  const signature = Buffer.concat([kid, tagOf(ring.first, name, content)]).toString('base64url')
  return `${content.end}.${signature}${marks[content.holds]}${content.octets}`
}

const marks = { value: '.', reference: '~' } as const
const form = /^([1-9][0-9]{0,11})\.([A-Za-z0-9_-]{51})([.~])(.*)$/

/** What a signed cookie holds, checked under all keys of the ring; null if it is malformed, forged, of another name or over. Never throws. */
export function openContent(ring: KeyRing, name: string, text: string, now: number): SignedContent | null {
  const match = form.exec(text)
  if (match === null) return null
  const [, end, signature, mark, octets] = match as unknown as readonly [string, string, string, '.' | '~', string]
  const bytes = fromBase64url(signature)
  if (bytes === null) return null
  const keys = ring.find(signature.slice(0, 8))
  if (keys === undefined) return null
  const content: SignedContent = { holds: mark === '.' ? 'value' : 'reference', octets, end: Number(end) }
  if (!timingSafeEqual(bytes.subarray(6), tagOf(keys, name, content))) return null
  return now < content.end * 1000 ? content : null
}

/** The mark is no digit, and the length says where the name ends, so no two contents give the same bytes. */
function tagOf(keys: SecretKeys, name: string, { holds, octets, end }: SignedContent): Buffer {
  return mac(keys.key('preference'), Buffer.from(`${end}${marks[holds]}${name.length}:${name}${octets}`))
}
