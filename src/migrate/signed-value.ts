import { createHmac, timingSafeEqual } from 'node:crypto'

/** Whether one of these secrets has made this HMAC-SHA256. Takes base64 with or without padding, in either alphabet. */
export function isSignedBy(secrets: readonly string[], text: string, signature: string): boolean {
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(signature)) return false
  const shown = Buffer.from(signature, 'base64')
  // All of them, so that the time does not tell which.
  return (
    secrets
      .map((secret) => createHmac('sha256', secret).update(text).digest())
      .filter((own) => timingSafeEqual(own, shown)).length > 0
  )
}

/** Text and signature of `TEXT.SIGNATURE`, undone from what cookies need; null for anything else. */
export function splitSigned(value: string): { readonly text: string; readonly signature: string } | null {
  const plain = decoded(value)
  const at = plain?.lastIndexOf('.') ?? -1
  return plain === null || at < 1 ? null : { text: plain.slice(0, at), signature: plain.slice(at + 1) }
}

/** Undone from what cookies need; null for what was not made for one. */
export function decoded(value: string): string | null {
  try {
    return decodeURIComponent(value)
  } catch {
    return null
  }
}
