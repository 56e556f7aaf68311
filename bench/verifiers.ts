import type { KeyObject } from 'node:crypto'
import type { SigningAlg, SignKey } from '../src/crypto/jws.ts'

/** A library that checks a token: signature, algorithm, issuer, audience, time. Throws or rejects where it refuses. */
export interface Verifier {
  readonly name: string
  readonly verify: (token: string) => unknown
}

interface Wanted {
  readonly alg: SigningAlg
  readonly key: SignKey
  readonly issuer: string
}

/** Loaded by name: the packages are the bench's, and the product's compiler does not know them. */
async function load<Module>(name: string): Promise<Module> {
  return (await import(name)) as Module
}

/** Each as its documentation says, with a key that is ready and no cache. */
export async function loadVerifiers(wanted: Wanted): Promise<readonly Verifier[]> {
  const all = await Promise.all([fastJwt(wanted), jose(wanted), jsonWebToken(wanted)])
  return all.filter((one) => one !== null)
}

function pemOf({ key }: SignKey): string | Buffer {
  return key.type === 'secret' ? key.export() : key.export({ type: 'spki', format: 'pem' })
}

async function fastJwt({ alg, key, issuer }: Wanted): Promise<Verifier> {
  const { createVerifier } = await load<{
    createVerifier(options: Readonly<Record<string, unknown>>): (token: string) => unknown
  }>('fast-jwt')
  const verify = createVerifier({
    key: pemOf(key),
    algorithms: [alg],
    allowedIss: issuer,
    allowedAud: issuer,
    checkTyp: 'at+jwt',
    cache: false,
  })
  return { name: 'fast-jwt', verify }
}

async function jose({ alg, key, issuer }: Wanted): Promise<Verifier> {
  const { jwtVerify } = await load<{
    jwtVerify(token: string, key: KeyObject, options: Readonly<Record<string, unknown>>): Promise<unknown>
  }>('jose')
  const options = { algorithms: [alg], issuer, audience: issuer, typ: 'at+jwt' }
  return { name: 'jose', verify: (token) => jwtVerify(token, key.key, options) }
}

/** It does not know EdDSA. */
async function jsonWebToken({ alg, key, issuer }: Wanted): Promise<Verifier | null> {
  if (alg === 'EdDSA') return null
  interface Module {
    verify(token: string, key: KeyObject, options: Readonly<Record<string, unknown>>): unknown
  }
  const { default: module } = await load<{ default: Module }>('jsonwebtoken')
  const options = { algorithms: [alg], issuer, audience: issuer }
  return { name: 'jsonwebtoken', verify: (token) => module.verify(token, key.key, options) }
}
