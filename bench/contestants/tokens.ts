import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import type { Contestant, World } from '../contestant.ts'
import { answerJson, answerMe, answerStatus, pathOf, queryOf } from './answers.ts'

const issuer = 'https://issuer.example'
const audience = 'https://api.example'
/** Room for every session of the bench. */
const cacheSize = 20_000

/** Libraries that sign and check tokens, each with issuer, audience, algorithm and time checked as its documentation says. */
export const tokenContestants: readonly Contestant[] = [
  token('jose ES256', jose('ES256')),
  token('jose EdDSA', jose('EdDSA')),
  token('jose HS256', jose('HS256')),
  token('fast-jwt HS256', fastJwt('HS256', false)),
  token('fast-jwt HS256, cache', fastJwt('HS256', true)),
  token('fast-jwt ES256', fastJwt('ES256', false)),
  token('fast-jwt ES256, cache', fastJwt('ES256', true)),
  token('fast-jwt EdDSA', fastJwt('EdDSA', false)),
  token('fast-jwt EdDSA, cache', fastJwt('EdDSA', true)),
  token('jsonwebtoken HS256', jsonWebToken('HS256')),
  token('jsonwebtoken ES256', jsonWebToken('ES256')),
]

type Alg = 'ES256' | 'EdDSA' | 'HS256'

/** Signs for a user; gives the user of a good token, and throws or rejects for any other. */
interface Tokens {
  sign(user: string): string | Promise<string>
  check(token: string): string | Promise<string>
}

type Make = (world: World) => Promise<Tokens>

function token(name: string, make: Make): Contestant {
  const start = async (world: World) => {
    const listener = createListener(await make(world))
    return { listener, storeCalls: () => null, close: async () => {} }
  }
  return { name, framework: 'node:http', carries: 'token', endsBy: 'token: 5 min', keepsData: false, start }
}

/** A logout ends nothing, because nothing can be ended: that is what the table shows. */
function createListener({ sign, check }: Tokens): RequestListener {
  return (request, response) => {
    const path = pathOf(request)
    if (path === '/logout') return answerStatus(response, 204)
    if (path === '/login') {
      const user = queryOf(request).get('user') ?? ''
      Promise.resolve(sign(user)).then((access_token) => answerJson(response, { access_token }))
      return
    }
    const { authorization = '' } = request.headers
    try {
      const checked = check(authorization.slice('Bearer '.length))
      if (typeof checked === 'string') return answerMe(response, checked)
      checked.then(
        (user) => answerMe(response, user),
        () => answerStatus(response, 401),
      )
    } catch {
      answerStatus(response, 401)
    }
  }
}

function claimsOf(user: string): { readonly sub: string; readonly role: string; readonly jti: string } {
  return { sub: user, role: 'member', jti: randomBytes(16).toString('base64url') }
}

function keysFor(alg: Alg, secret: string): { readonly own: KeyObject; readonly others: KeyObject } {
  if (alg === 'HS256') {
    const key = createSecretKey(Buffer.from(secret))
    return { own: key, others: key }
  }
  const pair = alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  return { own: pair.privateKey, others: pair.publicKey }
}

function jose(alg: Alg): Make {
  return async ({ secret, lifetime }) => {
    const { SignJWT, jwtVerify } = await import('jose')
    const { own, others } = keysFor(alg, secret)
    const options = { algorithms: [alg], issuer, audience }
    return {
      sign: (user) =>
        new SignJWT(claimsOf(user))
          .setProtectedHeader({ alg })
          .setIssuer(issuer)
          .setAudience(audience)
          .setIssuedAt()
          .setExpirationTime(Math.floor(Date.now() / 1000) + lifetime)
          .sign(own),
      check: async (token) => (await jwtVerify(token, others, options)).payload.sub as string,
    }
  }
}

function fastJwt(alg: Alg, cache: boolean): Make {
  return async ({ secret, lifetime }) => {
    const { createSigner, createVerifier } = await import('fast-jwt')
    const { own, others } = keysFor(alg, secret)
    const [ownText, othersText] = [textOf(own), textOf(others)]
    const shared = { algorithms: [alg], allowedIss: issuer, allowedAud: audience }
    const sign = createSigner({ key: ownText, algorithm: alg, iss: issuer, aud: audience, expiresIn: lifetime * 1000 })
    const verify = createVerifier({ ...shared, key: othersText, cache: cache && cacheSize })
    return { sign: (user) => sign(claimsOf(user)), check: (token) => verify(token).sub }
  }
}

function textOf(key: KeyObject): string | Buffer {
  if (key.type === 'secret') return key.export()
  return key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' })
}

function jsonWebToken(alg: 'HS256' | 'ES256'): Make {
  return async ({ secret, lifetime }) => {
    const { default: jwt } = await import('jsonwebtoken')
    const { own, others } = keysFor(alg, secret)
    const signing = { algorithm: alg, issuer, audience, expiresIn: lifetime }
    const checking = { algorithms: [alg], issuer, audience }
    return {
      sign: (user) => jwt.sign(claimsOf(user), own, signing),
      check: (token) => (jwt.verify(token, others, checking) as { readonly sub: string }).sub,
    }
  }
}
