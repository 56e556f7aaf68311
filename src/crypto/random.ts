import { randomFillSync } from 'node:crypto'

/** Random bytes from the system's generator, drawn in blocks: one call for many identifiers. */
const pool = Buffer.allocUnsafeSlow(4096)
let at = pool.length

/** A fresh copy of `length` random bytes. No byte of the pool is handed out twice. */
export function randomBytes(length: number): Buffer {
  if (length > pool.length) throw new RangeError(`at most ${pool.length} bytes at once`)
  if (at + length > pool.length) {
    randomFillSync(pool)
    at = 0
  }
  const bytes = Buffer.from(pool.subarray(at, at + length))
  pool.fill(0, at, at + length)
  at += length
  return bytes
}

/** Random bytes as base64url; 16 bytes give 22 characters. */
export function randomText(length: number): string {
  return randomBytes(length).toString('base64url')
}
