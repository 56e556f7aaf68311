import { generateKeyPairSync, sign } from 'node:crypto'
import { believesTheKey } from '../mistakes.ts'
import { standards } from '../standards.ts'
import { inputOf, tokenForgery } from '../token-forgery.ts'

export const embeddedKey = tokenForgery({
  id: 'embedded-key',
  title: 'A key in the token itself',
  aim: 'The attacker signs with a key of their own, and puts its public half into the header for the server to check with.',
  defence: {
    id: 'own-keys',
    title: 'Keys come from the server alone',
    on: 'The keys that verify are those that were made here; jwk, jku, x5c and x5u are refused',
    off: 'A check written by hand that takes the key from the header, as in CVE-2018-0114',
    rule: 'No header brings a key or says where to get one.',
  },
  standard: standards.keyInput,
  mistake: believesTheKey,
  forge: ({ header, claims }) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const input = inputOf({ ...header, jwk: publicKey.export({ format: 'jwk' }) }, claims)
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return `${input}.${signature.toString('base64url')}`
  },
})
