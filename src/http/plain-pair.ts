import { credentialLength } from '../crypto/credential.ts'

const semicolon = 0x3b
const equals = 0x3d
const space = 0x20

/** Our two cookies as they came. */
export interface PlainPair {
  /** 64 characters of base64url. */
  readonly credential: string
  readonly snapshot: string | null
}

/**
 * The pair as we set it and browsers send it, in one pass without a look at each character: each name once, values that nothing stands around. Null for everything else, which
 * `readCookies` then judges by the letter. What a snapshot's text holds is not looked at: one that is not ours does not open, which is the same as none.
 */
export function readPlainPair(header: string, session: string, snapshot: string): PlainPair | null {
  if (header.charCodeAt(0) <= space) return null
  let credentialAt = 0
  let snapshotAt = 0
  for (let at = 0; at < header.length; ) {
    if (startsPair(header, at, session)) {
      if (credentialAt > 0) return null
      credentialAt = at + session.length + 1
    } else if (startsPair(header, at, snapshot)) {
      if (snapshotAt > 0) return null
      snapshotAt = at + snapshot.length + 1
    }
    const end = header.indexOf(';', at)
    if (end < 0) break
    if (header.charCodeAt(end + 1) !== space || header.charCodeAt(end + 2) <= space) return null
    at = end + 2
  }
  if (credentialAt === 0 || !isPlainValue(header, credentialAt, credentialAt + credentialLength)) return null
  const text = snapshotAt === 0 ? null : valueFrom(header, snapshotAt)
  if (text !== null && header.charCodeAt(snapshotAt + text.length - 1) <= space) return null
  return { credential: header.slice(credentialAt, credentialAt + credentialLength), snapshot: text }
}

function startsPair(header: string, at: number, name: string): boolean {
  return header.charCodeAt(at + name.length) === equals && header.startsWith(name, at)
}

function valueFrom(header: string, from: number): string {
  const end = header.indexOf(';', from)
  return end < 0 ? header.slice(from) : header.slice(from, end)
}

/** A value of base64url, and nothing behind it. */
function isPlainValue(header: string, from: number, to: number): boolean {
  if (header.length !== to && header.charCodeAt(to) !== semicolon) return false
  for (let at = from; at < to; at++) if (!isBase64url(header.charCodeAt(at))) return false
  return true
}

function isBase64url(code: number): boolean {
  const lower = code | 0x20
  return (lower >= 0x61 && lower <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x5f
}
