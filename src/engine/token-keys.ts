import type { JWK } from 'jose'
import { type Clock, minute, second } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { AccessTokenRules } from '../crypto/access-token.ts'
import type { SigningAlg, SignKey, VerifyKey } from '../crypto/jws.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { randomText } from '../crypto/random.ts'
import {
  generateSigningKey,
  publicJwk,
  secretSigningKey,
  unwrapSigningKey,
  wrapSigningKey,
} from '../crypto/signing-keys.ts'
import type { Backend } from '../model/backend.ts'
import type { Policy } from '../model/policy.ts'
import { rememberUntil } from './context.ts'

/** How access tokens are signed: a kind of key that is made and kept in the backend, or HS256 with secrets of the application. */
export type KeyOptions =
  | { readonly alg?: Exclude<SigningAlg, 'HS256'> }
  /** First signs, all verify; each at least 32 bytes and none a session secret. */
  | { readonly alg: 'HS256'; readonly secrets: readonly string[] }

/** The signing keys of this issuer, the same on every node. */
export interface TokenKeys {
  readonly rules: AccessTokenRules
  readonly verifying: ReadonlyMap<string, VerifyKey>
  signing(): SignKey
  jwks(): { readonly keys: readonly JWK[] }
  /** Reads the keys of the backend again, at most once a cool-down: a token named one that is not known here. */
  reload(): Promise<void>
  /** Adds a key that signs from now on; the ones before still verify. Cost: one write. */
  rotate(): Promise<string>
  /** Removes a key: every token signed with it is refused on every node within R. Cost: two writes. */
  remove(kid: string): Promise<boolean>
}

interface Settings {
  readonly backend: Backend
  readonly ring: KeyRing
  readonly clock: Clock
  readonly policy: Policy
  readonly keys: KeyOptions
  readonly issuer: string | null
  readonly audience: string | null
}

const kind = 'signing-key'
const coolDown = 5 * second

/** Loads the keys, or makes the first one: insert-if-absent, so that nodes that start together agree. */
export async function loadTokenKeys(settings: Settings): Promise<TokenKeys> {
  const issuer = settings.issuer ?? (await agreedIssuer(settings.backend))
  const { policy } = settings
  const rules: AccessTokenRules = {
    issuer,
    audience: settings.audience ?? issuer,
    longestLife: Math.max(policy.access, 10 * minute),
    leeway: policy.leeway,
    bytes: policy.tokenBytes,
  }
  return settings.keys.alg === 'HS256' ? secretKeys(settings.keys.secrets, rules) : backendKeys(settings, rules)
}

async function agreedIssuer(backend: Backend): Promise<string> {
  await backend.documents.insert('setting', 'issuer', `urn:handstamp:${randomText(16)}`)
  const document = await backend.documents.find('setting', 'issuer')
  if (document === null) throw new Fault('store_unavailable', 'The issuer could not be read back from the backend.')
  return document.value
}

async function secretKeys(secrets: readonly string[], rules: AccessTokenRules): Promise<TokenKeys> {
  const keys = await Promise.all(secrets.map(secretSigningKey))
  const unsupported = async (): Promise<never> => {
    throw new Fault(
      'invalid_option',
      'HS256 keys are rotated in the configuration: put the new secret first in `keys.secrets`.',
    )
  }
  return {
    rules,
    verifying: new Map(keys.map((key) => [key.kid, key])),
    signing: () => keys[0] as SignKey,
    jwks: () => ({ keys: [] }),
    reload: async () => {},
    rotate: unsupported,
    remove: unsupported,
  }
}

async function backendKeys(settings: Settings, rules: AccessTokenRules): Promise<TokenKeys> {
  const { backend, ring, clock } = settings
  const alg = settings.keys.alg === undefined || settings.keys.alg === 'HS256' ? 'ES256' : settings.keys.alg
  const unwrapped = new Map<string, SignKey>()
  let byName = new Map<string, SignKey>()
  let verifying = new Map<string, VerifyKey>()
  let loadedAt = Number.NEGATIVE_INFINITY

  async function load(): Promise<void> {
    loadedAt = clock.monotonic()
    const next = new Map<string, SignKey>()
    for (const document of await backend.documents.list(kind, 100)) {
      const key = unwrapped.get(document.value) ?? (await unwrapSigningKey(document.value, ring))
      unwrapped.set(document.value, key)
      next.set(document.key, key)
    }
    byName = next
    verifying = new Map([...next.values()].map((key) => [key.kid, key]))
  }

  /** Keys are named by their number, so that two nodes that add the next one at once make one. */
  async function add(): Promise<string> {
    const numbers = [...byName.keys()].map(Number)
    const name = String(Math.max(0, ...numbers) + 1).padStart(6, '0')
    await backend.documents.insert(kind, name, wrapSigningKey(await generateSigningKey(alg), ring))
    await load()
    return signing().kid
  }

  function signing(): SignKey {
    const newest = [...byName.entries()].filter(([, key]) => key.alg === alg).at(-1)
    if (newest === undefined) throw new Fault('store_unavailable', 'There is no signing key in the backend.')
    return newest[1]
  }

  async function remove(kid: string): Promise<boolean> {
    await load()
    const found = [...byName.entries()].find(([, key]) => key.kid === kid)
    if (found === undefined) return false
    if ([...byName.values()].filter((key) => key.alg === alg).length === 1) await add()
    if (!(await backend.documents.remove(kind, found[0]))) return false
    await backend.store.retireKey(kid, rememberUntil(settings, clock.now()))
    await load()
    return true
  }

  await load()
  if (![...byName.values()].some((key) => key.alg === alg)) await add()
  return {
    rules,
    get verifying() {
      return verifying
    },
    signing,
    jwks: () => ({ keys: [...verifying.values()].map(publicJwk) }),
    reload: async () => {
      if (clock.monotonic() - loadedAt >= coolDown) await load()
    },
    rotate: async () => {
      await load()
      return add()
    },
    remove,
  }
}
