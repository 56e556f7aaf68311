import { hash, type KeyObject } from 'node:crypto'

/** SHA-256: bytes of a block and of a digest. */
const blockBytes = 64
const digestBytes = 32

/** The key, padded and mixed, as both hashes begin with it. */
interface Pads {
  readonly inner: Uint8Array
  readonly outer: Uint8Array
}

/** For keys that live long. */
const padsByKey = new WeakMap<KeyObject, Pads>()

/** The input of the outer hash. One for all, because nothing here waits. */
const outerInput = Buffer.alloc(blockBytes + digestBytes)

/**
 * HMAC-SHA256 of the parts one after the other, by two one-shot hashes of `node:crypto`: half the time of `createHmac`, which makes a stream for each (decision 023).
 *
 * @see RFC 2104, section 2
 */
export function hmacSha256(key: KeyObject, ...parts: readonly Uint8Array[]): Buffer {
  const { inner, outer } = padsOf(key)
  let length = blockBytes
  for (const part of parts) length += part.length
  const input = Buffer.allocUnsafe(length)
  input.set(inner)
  let at = blockBytes
  for (const part of parts) {
    input.set(part, at)
    at += part.length
  }
  outerInput.set(outer)
  // As Latin-1 text, which is bytes in all but type: a buffer as output takes three times as long.
  outerInput.write(hash('sha256', input, 'binary'), blockBytes, 'latin1')
  return Buffer.from(hash('sha256', outerInput, 'binary'), 'latin1')
}

function padsOf(key: KeyObject): Pads {
  const known = padsByKey.get(key)
  if (known !== undefined) return known
  const exported = key.export()
  const secret = exported.length > blockBytes ? hash('sha256', exported, 'buffer') : exported
  const mixed = (pad: number): Uint8Array => Buffer.alloc(blockBytes, pad).map((byte, at) => byte ^ (secret[at] ?? 0))
  const pads = { inner: mixed(0x36), outer: mixed(0x5c) }
  padsByKey.set(key, pads)
  return pads
}
