import type { JWK } from 'jose'
import { type Clock, minute, second } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { AccessTokenRules } from '../crypto/access-token.ts'
import type { SigningAlg, SignKey, VerifyKey } from '../crypto/jws.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import {
  type DatedKey,
  generateSigningKey,
  isWrappedByFirst,
  publicJwk,
  secretSigningKey,
  unwrapSigningKey,
  wrapSigningKey,
} from '../crypto/signing-keys.ts'
import type { Backend, Document } from '../model/backend.ts'
import type { Policy } from '../model/policy.ts'
import { agreedName } from './agreed-name.ts'
import { rememberUntil } from './remember.ts'
import type { View } from './view.ts'

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
  /**
   * Makes sure that no key is used that the log has told to be removed. Cost: none, or one read after a removal.
   */
  settle(): Promise<void>
  /** Reads the keys of the backend now: for whoever asks the record whether a token still stands. Those who ask together share one reading. */
  refresh(): Promise<void>
  /** Reads the keys of the backend again, at most once a cool-down: a token named one that is not known here. */
  reload(): Promise<void>
  /**
   * Adds a key. It signs a little later, when every node has had the time to learn it, so that no good token is refused; the ones before still verify.
   *
   * Cost: one write.
   */
  rotate(): Promise<string>
  /** Removes a key: every token signed with it is refused on every node within R. Cost: two writes. */
  remove(kid: string): Promise<boolean>
}

interface Settings {
  readonly view: Pick<View, 'keyEvents' | 'catchUp'>
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
/** From its making until a key signs. Longer than the cool-down: a node that meets an unknown key can then always load it. */
const notice = 2 * coolDown

/** Loads the keys, or makes the first one: insert-if-absent, so that nodes that start together agree. */
export async function loadTokenKeys(settings: Settings): Promise<TokenKeys> {
  const issuer = settings.issuer ?? `urn:handstamp:${await agreedName(settings.backend, 'issuer')}`
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
    settle: async () => {},
    refresh: async () => {},
    reload: async () => {},
    rotate: unsupported,
    remove: unsupported,
  }
}

async function backendKeys(settings: Settings, rules: AccessTokenRules): Promise<TokenKeys> {
  const { backend, ring, clock, view } = settings
  const alg = settings.keys.alg === undefined || settings.keys.alg === 'HS256' ? 'ES256' : settings.keys.alg
  const unwrapped = new Map<string, DatedKey>()
  let named: readonly NamedKey[] = []
  let verifying = new Map<string, VerifyKey>()
  let loadedAt = Number.NEGATIVE_INFINITY
  let loadedEvents = 0
  let loading: Promise<void> | null = null
  /** A reading that has not begun yet. */
  let fresh: Promise<void> | null = null

  /** Reads the keys after whatever reading is under way, so that all that was written before is seen. */
  async function load(): Promise<void> {
    const before = loading ?? Promise.resolve()
    const running = before.then(loadNow, loadNow)
    loading = running
    try {
      await running
    } finally {
      if (loading === running) loading = null
    }
  }

  async function loadNow(): Promise<void> {
    const startedAt = clock.monotonic()
    const events = view.keyEvents()
    const next: NamedKey[] = []
    for (const document of await backend.documents.list(kind, 100)) {
      const dated = unwrapped.get(document.value) ?? (await unwrapSigningKey(document.value, ring))
      unwrapped.set(document.value, dated)
      next.push({ name: document.key, ...dated })
      await wrapAnew(document, dated)
    }
    named = next
    verifying = new Map(next.map(({ key }) => [key.kid, key]))
    loadedAt = startedAt
    loadedEvents = events
  }

  /** A key that an older secret sealed is sealed under the first, so that the older one can be taken off the list. */
  async function wrapAnew({ key, version, value }: Document, dated: DatedKey): Promise<void> {
    if (isWrappedByFirst(value, ring)) return
    const text = wrapSigningKey(dated, ring)
    unwrapped.set(text, dated)
    await backend.documents.replace(kind, key, version, text)
  }

  /** Keys are named by their number, so that two nodes that add the next one at once make one. */
  async function add(): Promise<string> {
    const name = String(Math.max(0, ...named.map((one) => Number(one.name))) + 1).padStart(6, '0')
    const dated = { key: await generateSigningKey(alg), createdAt: clock.now() }
    await backend.documents.insert(kind, name, wrapSigningKey(dated, ring))
    await load()
    const added = named.find((one) => one.name === name)
    if (added === undefined) throw new Fault('store_unavailable', 'The new signing key could not be read back.')
    return added.key.kid
  }

  /** The newest that has been announced for long enough; in need, the newest there is. */
  function signing(): SignKey {
    const own = named.filter(({ key }) => key.alg === alg)
    const announced = own.filter(({ createdAt }) => clock.now() - createdAt >= notice)
    const chosen = announced.at(-1) ?? own[0]
    if (chosen === undefined) throw new Fault('store_unavailable', 'There is no signing key in the backend.')
    return chosen.key
  }

  async function remove(kid: string): Promise<boolean> {
    await load()
    const found = named.find(({ key }) => key.kid === kid)
    if (found !== undefined) {
      if (named.filter(({ key }) => key.alg === alg).length === 1) await add()
      await backend.documents.remove(kind, found.name)
    }
    // Also for one that is gone already: whoever removed it may have stopped before the others were told.
    await backend.store.retireKey(kid, rememberUntil(settings, clock.now()))
    await load()
    return found !== undefined
  }

  await load()
  if (!named.some(({ key }) => key.alg === alg)) await add()
  return {
    rules,
    get verifying() {
      return verifying
    },
    signing,
    jwks: () => ({ keys: [...verifying.values()].map(publicJwk) }),
    settle: async () => {
      if (loading !== null) await loading
      view.catchUp(0)
      if (view.keyEvents() !== loadedEvents) await load()
    },
    refresh: () => {
      fresh ??= (loading ?? Promise.resolve())
        .catch(() => {})
        .then(() => {
          fresh = null
          return load()
        })
      return fresh
    },
    reload: async () => {
      if (loading !== null) await loading
      if (view.keyEvents() !== loadedEvents || clock.monotonic() - loadedAt >= coolDown) await load()
    },
    rotate: async () => {
      await load()
      return add()
    },
    remove,
  }
}

interface NamedKey extends DatedKey {
  readonly name: string
}
