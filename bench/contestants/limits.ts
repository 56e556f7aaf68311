import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { toDer } from '../../src/crypto/ecdsa-signature.ts'
import type { Contestant } from '../contestant.ts'
import { answerJson, answerMe, answerStatus, pathOf, queryOf } from './answers.ts'

/** What no product can go below: they check nothing but the one thing that they are named for. */
export const limits: readonly Contestant[] = [
  limit('Map look-up', 'cookie', mapLookUp),
  limit('crypto.verify ES256', 'token', rawVerify),
]

function limit(name: string, carries: 'cookie' | 'token', makeListener: () => RequestListener): Contestant {
  const start = async () => ({ listener: makeListener(), storeCalls: () => null, close: async () => {} })
  return { name, framework: 'node:http', carries, endsBy: '', keepsData: false, start }
}

function mapLookUp(): RequestListener {
  const users = new Map<string, string>()
  const idOf = ({ headers: { cookie = '' } }: IncomingMessage): string => {
    const from = cookie.indexOf('id=') + 3
    return cookie.slice(from, from + 32)
  }
  return (request, response) => {
    const path = pathOf(request)
    if (path === '/login') {
      const id = randomBytes(24).toString('base64url')
      users.set(id, queryOf(request).get('user') ?? '')
      response.setHeader('Set-Cookie', `id=${id}; Path=/; HttpOnly`)
      return answerJson(response, {})
    }
    if (path === '/logout') {
      users.delete(idOf(request))
      return answerStatus(response, 204)
    }
    const user = users.get(idOf(request))
    if (user === undefined) answerStatus(response, 401)
    else answerMe(response, user)
  }
}

function rawVerify(): RequestListener {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const head = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'JWT' })).toString('base64url')
  const token = (user: string): string => {
    const payload = { sub: user, jti: randomBytes(16).toString('base64url') }
    const data = `${head}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`
    const signature = sign('sha256', Buffer.from(data), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return `${data}.${signature.toString('base64url')}`
  }
  return (request, response) => {
    const path = pathOf(request)
    if (path === '/login') return answerJson(response, { access_token: token(queryOf(request).get('user') ?? '') })
    if (path === '/logout') return answerStatus(response, 204)
    const { authorization = '' } = request.headers
    const [first = '', second = '', third = ''] = authorization.slice('Bearer '.length).split('.')
    const data = Buffer.from(`${first}.${second}`)
    const signature = Buffer.from(third, 'base64url')
    // In DER, which `node:crypto` verifies fastest.
    if (signature.length !== 64 || !verify('sha256', data, publicKey, toDer(signature)))
      return answerStatus(response, 401)
    answerMe(response, JSON.parse(Buffer.from(second, 'base64url').toString()).sub)
  }
}
