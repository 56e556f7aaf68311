import { createHmac, createPublicKey, type JsonWebKey, timingSafeEqual, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Checks of tokens as they were written by hand, each with one mistake that has a number. They stand here so that the attacks have something to succeed on: nothing of ours calls them.
 */
export type HandWrittenCheck = (token: string) => string | null

interface Parts {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly input: string
  readonly signature: Buffer
}

function partsOf(token: string): Parts {
  const [head = '', body = '', signature = ''] = token.split('.')
  return {
    header: JSON.parse(Buffer.from(head, 'base64url').toString()),
    claims: JSON.parse(Buffer.from(body, 'base64url').toString()),
    input: `${head}.${body}`,
    signature: Buffer.from(signature, 'base64url'),
  }
}

function subjectOf({ claims }: Parts): string | null {
  return typeof claims.sub === 'string' ? claims.sub : null
}

/** CVE-2015-9235: the algorithm is what the header says, and the one key is used for it, whatever kind it is; and `none` needs no signature (RFC 8725 2.1). */
export function believesTheAlgorithm(publicPem: string): HandWrittenCheck {
  return (token) => {
    const parts = partsOf(token)
    const good =
      parts.header.alg === 'none' ||
      (parts.header.alg === 'HS256' ? isHmac(parts, publicPem) : isEcdsa(parts, createPublicKey(publicPem)))
    return good ? subjectOf(parts) : null
  }
}

/** CVE-2018-0114: the key is what the header brings along. */
export function believesTheKey(publicPem: string): HandWrittenCheck {
  return (token) => {
    const parts = partsOf(token)
    const { jwk } = parts.header
    const brought = typeof jwk === 'object' && jwk !== null
    const key = createPublicKey(brought ? { key: jwk as JsonWebKey, format: 'jwk' } : publicPem)
    return isEcdsa(parts, key) ? subjectOf(parts) : null
  }
}

/** The name of the key is the name of a file. */
export function readsTheKeyFile(folder: string, publicPem: string): HandWrittenCheck {
  return (token) => {
    const parts = partsOf(token)
    const good =
      parts.header.alg === 'HS256'
        ? isHmac(parts, readFileSync(join(folder, String(parts.header.kid))))
        : isEcdsa(parts, createPublicKey(publicPem))
    return good ? subjectOf(parts) : null
  }
}

function isHmac({ input, signature }: Parts, key: string | Buffer): boolean {
  const expected = createHmac('sha256', key).update(input).digest()
  return signature.length === expected.length && timingSafeEqual(signature, expected)
}

function isEcdsa({ input, signature }: Parts, key: ReturnType<typeof createPublicKey>): boolean {
  return verify('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }, signature)
}
