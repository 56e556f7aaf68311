import { decodeJwt } from 'jose'
import type { SignKey } from '../../src/crypto/jws.ts'
import { signJws } from '../../src/crypto/jws.ts'
import { insideOf } from '../../src/http/auth.ts'
import type { Auth } from '../../src/index.ts'

/** The key that the application signs with: what an attacker never has, so that a test can be sure of what a token was refused for. */
export function signingKeyOf(auth: Auth): SignKey {
  const { opened } = insideOf(auth)
  if (opened === null) throw new Error('the application has not begun')
  return opened.engine.tokens.signing()
}

export type Changes = Readonly<Record<string, unknown>>

/** The same token with other claims, properly signed; undefined takes a claim away. */
export function forgeAccessToken(auth: Auth, token: string, changes: Changes, typ: string = 'at+jwt'): string {
  return sign({ ...decodeJwt(token), ...changes }, signingKeyOf(auth), typ)
}

export function sign(payload: Changes, key: SignKey, typ: string): string {
  return signJws(JSON.parse(JSON.stringify(payload)), key, typ)
}
