import type { Clock, Millis } from '../base/clock.ts'
import { genesis, type RevocationLog } from '../model/log.ts'
import { partitionOfSid } from '../model/partition.ts'
import type { LogEntry, Position, Revocation } from '../model/revocation.ts'
import type { Sid } from '../model/session.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { createRevokedIds, type RevokedIds } from './revoked-ids.ts'

/**
 * This node's picture of the revocation log: what may no longer be believed, whatever a snapshot says. Consulted after every cache, always.
 */
export interface View {
  /** Begins at the tail of the log, and begins again where the log's history turned out to be another one. Cost: one read for each such partition, or none. */
  start(): Promise<void>
  /**
   * Applies everything committed so far that can be seen without waiting.
   *
   * @returns whether this node may now answer from memory about that partition (and about partition 0)
   * @throws Fault `store_unavailable`
   */
  catchUp(partition: number): boolean
  /** What the log says of a snapshot. `stale`: something changed, ask the record. */
  judge(snapshot: Snapshot, kid: string | null): 'live' | 'revoked' | 'stale'
  /** Whether nothing that can be seen without waiting speaks against a snapshot. */
  stands(snapshot: Snapshot): boolean
  isKilled(sid: Sid): boolean
  /** When this node began to follow: of what was issued before, it may not have heard the end. */
  readonly startedAt: Millis
  /** How many removals of keys the log has told of. */
  keyEvents(): number
  /** How many entries are remembered. */
  size(): number
  /** Forgets what can no longer be presented: every snapshot that it refuses has expired. Cost: linear in what is remembered. */
  prune(): void
}

/** A raised generation, and the one session that it spares. */
interface Floor {
  readonly generation: number
  readonly spare: Sid | null
  readonly until: Millis
}

interface Picture {
  readonly killed: RevokedIds
  readonly versions: Map<Sid, { readonly version: number; readonly until: Millis }>
  readonly users: Map<string, Floor>
  readonly tenants: Map<string, Floor>
  readonly keys: Map<string, Millis>
  everyone: number
  keyEvents: number
}

export function createView(log: RevocationLog, clock: Clock): View {
  const picture = emptyPicture()
  const positions: Position[] = Array.from({ length: log.partitions }, () => genesis)
  const lost = new Set<number>(positions.keys())
  const startedAt = clock.now()

  function apply(entry: LogEntry): void {
    applyRevocation(picture, entry.revocation, clock.now())
    positions[entry.partition] = entry.position
  }

  async function start(): Promise<void> {
    for (const partition of lost) {
      const page = await log.tail(partition, clock.now())
      for (const entry of page.entries) apply(entry)
      positions[partition] = page.head
      lost.delete(partition)
    }
  }

  function follow(partition: number): boolean {
    const { local } = log
    if (local === null) return false
    if (lost.has(partition)) return false
    for (;;) {
      const page = local.since(partition, positions[partition] as Position)
      if (page === null) return true
      if (page.kind === 'diverged') {
        lost.add(partition)
        return false
      }
      for (const entry of page.entries) apply(entry)
    }
  }

  const catchUp = (partition: number): boolean => follow(partition) && (partition === 0 || follow(0))

  return {
    start,
    startedAt,
    catchUp,
    stands: (snapshot) => !catchUp(partitionOfSid(snapshot.sid)) || judge(picture, snapshot, null) === 'live',
    judge: (snapshot, kid) => judge(picture, snapshot, kid),
    isKilled: (sid) => picture.killed.has(sid),
    keyEvents: () => picture.keyEvents,
    size: () => picture.killed.size() + picture.versions.size + picture.users.size + picture.tenants.size,
    prune: () => prune(picture, clock.now()),
  }
}

function emptyPicture(): Picture {
  return {
    killed: createRevokedIds(),
    versions: new Map(),
    users: new Map(),
    tenants: new Map(),
    keys: new Map(),
    everyone: 0,
    keyEvents: 0,
  }
}

function judge(picture: Picture, snapshot: Snapshot, kid: string | null): 'live' | 'revoked' | 'stale' {
  const { sid, user, tenant, generations } = snapshot
  if (picture.killed.has(sid)) return 'revoked'
  if (generations.everyone < picture.everyone) return 'revoked'
  const userFloor = user === null || picture.users.size === 0 ? undefined : picture.users.get(user)
  const tenantFloor = tenant === null || picture.tenants.size === 0 ? undefined : picture.tenants.get(tenant)
  if (tenantFloor !== undefined && generations.tenant < tenantFloor.generation) return 'revoked'
  if (userFloor !== undefined && generations.user < userFloor.generation)
    return userFloor.spare === sid ? 'stale' : 'revoked'
  if (picture.versions.size > 0) {
    const floor = picture.versions.get(sid)
    if (floor !== undefined && snapshot.version < floor.version) return 'stale'
  }
  return kid !== null && picture.keys.has(kid) ? 'stale' : 'live'
}

function applyRevocation(picture: Picture, revocation: Revocation, now: Millis): void {
  switch (revocation.kind) {
    case 'kill':
      picture.killed.add(revocation.sid, revocation.until, now)
      return
    case 'version':
      if ((picture.versions.get(revocation.sid)?.version ?? 0) < revocation.version)
        picture.versions.set(revocation.sid, { version: revocation.version, until: revocation.until })
      return
    case 'key':
      picture.keys.set(revocation.kid, revocation.until)
      picture.keyEvents++
      return
    case 'generation':
      raise(picture, revocation)
  }
}

function raise(picture: Picture, event: Extract<Revocation, { kind: 'generation' }>): void {
  const { scope, generation, spare, until } = event
  if (scope.kind === 'everyone') {
    picture.everyone = Math.max(picture.everyone, generation)
    return
  }
  const floors = scope.kind === 'user' ? picture.users : picture.tenants
  const name = scope.kind === 'user' ? scope.user : scope.tenant
  if ((floors.get(name)?.generation ?? 0) < generation) floors.set(name, { generation, spare, until })
}

function prune(picture: Picture, now: Millis): void {
  picture.killed.prune(now)
  for (const [kid, until] of picture.keys) if (until <= now) picture.keys.delete(kid)
  for (const floors of [picture.versions, picture.users, picture.tenants])
    for (const [name, floor] of floors) if (floor.until <= now) floors.delete(name)
}
