import { createPublicKey, type JsonWebKey } from 'node:crypto'
import type { Route } from './application.ts'
import type { Attack, Defence, Standard } from './attack.ts'
import type { HandWrittenCheck } from './mistakes.ts'
import type { OwnTarget, Stage } from './stage.ts'
import { asVictim, signIn } from './steps.ts'

/** What the attacker has to forge with: a token of an account of their own, and the public key, which everybody may have. */
export interface Material {
  readonly header: Readonly<Record<string, unknown>>
  /** The claims of the attacker's token, with the victim's name in them. */
  readonly claims: Readonly<Record<string, unknown>>
  readonly publicPem: string
  readonly jwk: JsonWebKey
}

export interface Forgery {
  readonly id: string
  readonly title: string
  readonly aim: string
  readonly defence: Pick<Defence, 'id' | 'title' | 'on' | 'off' | 'rule'>
  readonly standard: Standard
  /** The check that stands in for ours. @param stage for what has to be removed afterwards */
  readonly mistake: (publicPem: string, stage: Stage) => HandWrittenCheck | Promise<HandWrittenCheck>
  readonly forge: (material: Material) => string
}

/** An attack with a token that the attacker has made. Tried on ours, and on a check written by hand with the same key. */
export function tokenForgery({ id, title, aim, defence, standard, mistake, forge }: Forgery): Attack {
  return {
    id,
    title,
    aim,
    presents: ['token'],
    otherwise: 'A cookie has no header that could name an algorithm or a key.',
    defences: [{ ...defence, code: 'src/crypto/jws.ts', standard }],
    inBrowser: false,
    others: { not: 'what is forged is a token of ours' },
    carryOut: async (stage) => {
      let check: HandWrittenCheck | null = null
      const target = await stage.openOwn({ route: byHand(() => check) })
      const attacker = stage.client('attacker', target)
      await signIn(attacker, 'mallory')
      const material = await materialOf(target, attacker.held().access ?? '')
      if (!stage.has(defence.id)) check = await mistake(material.publicPem, stage)
      const forged = forge(material)
      stage.tell('attacker', `makes a token with the header ${decoded(forged)}`)
      attacker.take({ cookies: new Map(), access: forged, refresh: null })
      return asVictim(attacker)
    },
  }
}

/** `GET /me` of an application that checks tokens by itself. */
function byHand(checkNow: () => HandWrittenCheck | null): Route {
  return ({ request, url, json }) => {
    const check = checkNow()
    if (check === null || url.pathname !== '/me') return false
    const user = check((request.headers.authorization ?? '').slice('Bearer '.length))
    json(user === null ? 401 : 200, { user })
    return true
  }
}

async function materialOf({ auth }: OwnTarget, token: string): Promise<Material> {
  const { keys } = (await auth.keys()).jwks() as { readonly keys: readonly JsonWebKey[] }
  const jwk = keys[0] as JsonWebKey
  const [head = '', body = ''] = token.split('.')
  return {
    header: JSON.parse(Buffer.from(head, 'base64url').toString()),
    claims: { ...JSON.parse(Buffer.from(body, 'base64url').toString()), sub: 'ada' },
    publicPem: createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString(),
    jwk,
  }
}

export function inputOf(header: unknown, claims: unknown): string {
  return [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
}

function decoded(token: string): string {
  return Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString()
}
