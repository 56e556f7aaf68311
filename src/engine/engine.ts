import { type Clock, type Millis, minute, second, steady } from '../base/clock.ts'
import { type Check, refuse } from '../base/reasons.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { randomText } from '../crypto/random.ts'
import type { Backend } from '../model/backend.ts'
import type { Policy } from '../model/policy.ts'
import type { Cause, PublicSession, SessionRecord, Sid } from '../model/session.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { createActivity } from './activity.ts'
import { agreedName } from './agreed-name.ts'
import { type Checker, createChecker } from './check.ts'
import type { ClaimTypes, Context } from './context.ts'
import { createDataRoom, type DataRoom } from './data.ts'
import {
  amend,
  type Everybody,
  find,
  list,
  ownerOf,
  revoke,
  revokeAll,
  type SessionChanges,
  type SessionPage,
  scan,
} from './end.ts'
import { createEmitter, type Emit, type EventListener } from './events.ts'
import { createKept, type Kept, sweepKept } from './kept.ts'
import { createLocalView } from './local-view.ts'
import { type Moved, reidentify } from './reidentify.ts'
import { createRenew, type Renew } from './renew.ts'
import { createSharedView } from './shared-view.ts'
import { type Started, type StartOptions, start } from './start.ts'
import { createStoreClock } from './store-clock.ts'
import { createSuspects } from './suspects.ts'
import { type KeyOptions, loadTokenKeys, type TokenKeys } from './token-keys.ts'
import type { View, ViewStatus } from './view.ts'

export interface EngineOptions {
  readonly backend: Backend
  readonly policy: Policy
  readonly clock: Clock
  readonly ring: KeyRing
  readonly claims: ClaimTypes
  readonly keys: KeyOptions
  readonly issuer: string | null
  readonly audience: string | null
  readonly events: EventListener | undefined
}

/** Sessions on one node: the only place where policy, crypto and store meet. Each room documents its cost. */
export interface Engine {
  readonly policy: Policy
  readonly clock: Clock
  readonly backend: Backend
  readonly tokens: TokenKeys
  readonly check: Checker
  readonly renew: Renew
  readonly data: DataRoom
  readonly kept: Kept
  start(options: StartOptions, replaces?: Sid): Promise<Check<Started>>
  /** @param confirm resolve only when every node has applied it, or may not answer from memory any more */
  revoke(sid: Sid, cause: Cause, confirm?: boolean): Promise<boolean>
  revokeAll(whom: Everybody, cause: Cause, confirm?: boolean): Promise<void>
  /** One session by its public id, if it lives. */
  find(sid: Sid): Promise<Check<PublicSession>>
  list(user: string, limit: number): Promise<readonly PublicSession[]>
  scan(size: number, after?: string): Promise<SessionPage>
  amend(sid: Sid, changes: SessionChanges): Promise<Check<PublicSession>>
  ownerOf(credential: string): Promise<SessionRecord | null>
  /** Gives a session a new identity at once. */
  reidentify(credential: string): Promise<Check<Moved>>
  /** Judges a cookie pair or an access token without changing anything. */
  validate(presented: Presented, bound?: Millis): Promise<Check<Snapshot>>
  /** How well this node follows the engine. No I/O. */
  status(): ViewStatus
  /** Writes noted activity and removes what is long over, now instead of in the background. */
  tidy(): Promise<void>
  close(): Promise<void>
}

export type Presented = { readonly accessToken: string } | { readonly credential: string; readonly snapshot?: string }

const flushEvery = 5 * second
const sweepEvery = minute
const sweepBatch = 500

/** Opens the backend, reads the log's tail and the keys, and begins. @throws Fault saying what to do */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const context = await openContext(options)
  const { backend, policy, clock } = context
  const check = createChecker(context)
  const renew = createRenew(context)
  const flusher = repeat(flushEvery, () => context.activity.flush('due'))
  const sweeper = repeat(sweepEvery, () => sweep(context).catch(() => trouble(context, 'sweep')))

  return {
    policy,
    clock,
    backend,
    tokens: context.tokens,
    check,
    renew,
    data: createDataRoom(context),
    kept: createKept(context),
    start: (options, replaces) => start(context, options, replaces),
    revoke: (sid, cause, confirm) => revoke(context, sid, cause, confirm),
    revokeAll: (whom, cause, confirm) => revokeAll(context, whom, cause, confirm),
    find: (sid) => find(context, sid),
    list: (user, limit) => list(context, user, limit),
    scan: (size, after) => scan(context, size, after),
    amend: (sid, changes) => amend(context, sid, changes),
    ownerOf: (credential) => ownerOf(context, credential),
    reidentify: (credential) => reidentify(context, credential),
    validate: (presented, bound) => validate(check, renew, presented, bound),
    status: () => context.view.status(),
    tidy: async () => {
      await context.activity.flush('all')
      await sweep(context)
    },
    close: async () => {
      clearInterval(flusher)
      clearInterval(sweeper)
      await context.activity.flush('all')
      await context.view.close()
      await backend.close()
    },
  }
}

async function openContext(options: EngineOptions): Promise<Context> {
  const { backend, policy, ring, claims } = options
  await backend.ready()
  const emit = createEmitter(options.events)
  const { view, clock } = viewOf(options, emit)
  try {
    await view.start()
    const activity = createActivity(backend.store, clock, policy.touchRatio, () => trouble({ emit, clock }, 'touch'))
    const realm = await agreedName(backend, 'realm')
    const tokens = await loadTokenKeys({ ...options, clock, view })
    const suspects = createSuspects(clock)
    return { backend, policy, clock, ring, realm, view, activity, tokens, suspects, emit, claims }
  } catch (error) {
    // Whoever asks next opens another one.
    await view.close()
    throw error
  }
}

/** What can be seen at once needs no lease; of other engines the log is followed, by their own time. */
function viewOf({ backend, policy, clock: machine }: EngineOptions, emit: Emit): { view: View; clock: Clock } {
  const { local } = backend.log
  if (local !== null) {
    const clock = steady(machine)
    return { view: createLocalView(backend.log, local, clock), clock }
  }
  const clock = createStoreClock(machine)
  return { view: createSharedView({ backend, clock, machine, policy, node: randomText(16), emit }), clock }
}

async function validate(
  check: Checker,
  renew: Renew,
  presented: Presented,
  bound: Millis | undefined,
): Promise<Check<Snapshot>> {
  if ('accessToken' in presented) return check.token(presented.accessToken, bound)
  const { credential, snapshot } = presented
  if (snapshot !== undefined) {
    const outcome = check.cookies(credential, snapshot, bound)
    if (typeof outcome === 'object') return outcome
    if (outcome === 'ask') return check.recheckCookie(snapshot, bound)
  }
  const renewed = await renew({ credential, carrier: 'cookie', hasBody: false, readOnly: true, bound })
  return renewed.ok ? { ok: true, value: renewed.value.snapshot } : refuse(renewed.reason)
}

/** Revocations that can be forgotten go at once; expired sessions, log entries and kept texts that are over in batches, with a pause for others in between. */
async function sweep(context: Context): Promise<void> {
  const before = context.clock.now() - 10 * minute
  const { store, documents } = context.backend
  context.view.prune()
  while ((await store.sweep(before, sweepBatch)) === sweepBatch) await new Promise((resolve) => setImmediate(resolve))
  while ((await sweepKept(documents, before, sweepBatch)) === sweepBatch)
    await new Promise((resolve) => setImmediate(resolve))
}

function trouble(context: Pick<Context, 'emit' | 'clock'>, work: 'touch' | 'sweep'): void {
  context.emit({ kind: 'engine.trouble', work, at: context.clock.now() })
}

function repeat(every: number, work: () => Promise<void>): NodeJS.Timeout {
  const timer = setInterval(() => void work(), every)
  timer.unref()
  return timer
}
