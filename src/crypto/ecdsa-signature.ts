/**
 * The two forms of an ECDSA signature on P-256: r and s one after the other, as tokens carry it (RFC 7518 section 3.4), and Ecdsa-Sig-Value in DER (RFC 3279 section 2.2.3), which `node:crypto` reads and writes in two
 * thirds of the time (decision 023).
 */
const numberBytes = 32
const sequence = 0x30
const integer = 0x02

/** @param signature exactly 64 bytes; whether r and s are in range is for whoever verifies */
export function toDer(signature: Uint8Array): Buffer {
  const first = skipZeros(signature, 0, numberBytes)
  const second = skipZeros(signature, numberBytes, 2 * numberBytes)
  const lengths = [lengthOf(signature, first, numberBytes), lengthOf(signature, second, 2 * numberBytes)] as const
  const der = Buffer.allocUnsafe(6 + lengths[0] + lengths[1])
  der[0] = sequence
  der[1] = 4 + lengths[0] + lengths[1]
  writeInteger(der, 2, signature.subarray(first, numberBytes), lengths[0])
  writeInteger(der, 4 + lengths[0], signature.subarray(second, 2 * numberBytes), lengths[1])
  return der
}

/** @param der as `node:crypto` has just written it */
export function fromDer(der: Uint8Array): Buffer {
  const signature = Buffer.alloc(2 * numberBytes)
  const first = der[3] as number
  const second = der[5 + first] as number
  const r = der.subarray(4, 4 + first)
  const s = der.subarray(6 + first, 6 + first + second)
  // An integer has a zero in front where its first bit is set, and none otherwise.
  const [shortR, shortS] = [r.subarray(Math.max(0, first - numberBytes)), s.subarray(Math.max(0, second - numberBytes))]
  signature.set(shortR, numberBytes - shortR.length)
  signature.set(shortS, 2 * numberBytes - shortS.length)
  return signature
}

/** Where the number begins; its last byte stays, also when it is zero. */
function skipZeros(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to - 1 && bytes[at] === 0) at++
  return at
}

/** With the zero that keeps a number with its first bit set from being a negative one. */
function lengthOf(bytes: Uint8Array, from: number, to: number): number {
  return to - from + ((bytes[from] as number) >> 7)
}

function writeInteger(der: Buffer, at: number, bytes: Uint8Array, length: number): void {
  der[at] = integer
  der[at + 1] = length
  der[at + 2] = 0
  der.set(bytes, at + 2 + length - bytes.length)
}
