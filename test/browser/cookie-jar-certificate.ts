import { createHash, generateKeyPairSync, sign } from 'node:crypto'

/** A certificate that signs itself, good for a day, and what a browser has to be told to take it for any name. */
export interface Certificate {
  readonly key: string
  readonly cert: string
  /** For `--ignore-certificate-errors-spki-list`. */
  readonly spkiHash: string
}

const sequence = 0x30
const ecdsaWithSha256 = Buffer.from('06082a8648ce3d040302', 'hex')
const commonName = Buffer.from('0603550403', 'hex')

/** X.509 (RFC 5280 4.1) with a new P-256 key. */
export function selfSigned(): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const name = der(sequence, der(0x31, der(sequence, commonName, der(0x0c, Buffer.from('test')))))
  const day = 24 * 60 * 60 * 1000
  const validity = der(sequence, utcTime(Date.now() - day), utcTime(Date.now() + day))
  const version = der(0xa0, der(0x02, Buffer.from([2])))
  const algorithm = der(sequence, ecdsaWithSha256)
  const body = der(sequence, version, der(0x02, Buffer.from([1])), algorithm, name, validity, name, spki)
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  const cert = der(sequence, body, algorithm, signature).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    spkiHash: createHash('sha256').update(spki).digest('base64'),
  }
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  const head = length < 0x80 ? [tag, length] : [tag, ...long]
  return Buffer.concat([Buffer.from(head), content])
}

function utcTime(at: number): Buffer {
  const text = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '')
  return der(0x17, Buffer.from(text.slice(2)))
}
