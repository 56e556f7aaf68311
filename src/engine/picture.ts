import type { Millis } from '../base/clock.ts'
import { type Revocation, type Scope, scopeKey } from '../model/revocation.ts'
import type { Sid } from '../model/session.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { createRevokedIds, type RevokedIds } from './revoked-ids.ts'

/** A raised generation, and the one session that it spares. */
interface Floor {
  readonly generation: number
  readonly spare: Sid | null
  readonly until: Millis
}

/** What a node remembers of the log, whatever the order in which it heard it: nothing in it is ever taken back before its time. */
export interface Picture {
  readonly killed: RevokedIds
  readonly versions: Map<Sid, { readonly version: number; readonly until: Millis }>
  readonly users: Map<string, Floor>
  readonly tenants: Map<string, Floor>
  readonly keys: Map<string, Millis>
  /** Present generations that were read, by scope: raised with the log, and not forgotten with it. */
  readonly known: Map<string, number>
  everyone: number
  keyEvents: number
}

export function emptyPicture(): Picture {
  return {
    killed: createRevokedIds(),
    versions: new Map(),
    users: new Map(),
    tenants: new Map(),
    keys: new Map(),
    known: new Map(),
    everyone: 0,
    keyEvents: 0,
  }
}

/** What is judged: a snapshot, or a record. */
export type Shown = Pick<Snapshot, 'sid' | 'user' | 'tenant' | 'generations' | 'version'>

/** What the log says of it. */
export function judge(picture: Picture, snapshot: Shown, kid: string | null): 'live' | 'revoked' | 'stale' {
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

export function applyRevocation(picture: Picture, revocation: Revocation, now: Millis): void {
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
  const key = scopeKey(scope)
  const known = picture.known.get(key)
  if (known !== undefined && known < generation) picture.known.set(key, generation)
  if (scope.kind === 'everyone') {
    picture.everyone = Math.max(picture.everyone, generation)
    return
  }
  const floors = scope.kind === 'user' ? picture.users : picture.tenants
  const name = scope.kind === 'user' ? scope.user : scope.tenant
  if ((floors.get(name)?.generation ?? 0) < generation) floors.set(name, { generation, spare, until })
}

/** Forgets what can no longer be presented. */
export function prunePicture(picture: Picture, now: Millis): void {
  picture.killed.prune(now)
  for (const [kid, until] of picture.keys) if (until <= now) picture.keys.delete(kid)
  for (const floors of [picture.versions, picture.users, picture.tenants])
    for (const [name, floor] of floors) if (floor.until <= now) floors.delete(name)
}

/** Scopes whose generations are remembered, before it begins anew. */
const mostKnown = 10_000

/** Remembers a generation that was just read; what the log has told meanwhile counts as well. */
export function know(picture: Picture, scope: Scope, generation: number): void {
  if (picture.known.size >= mostKnown) picture.known.clear()
  picture.known.set(scopeKey(scope), Math.max(generation, floorOf(picture, scope)))
}

function floorOf(picture: Picture, scope: Scope): number {
  switch (scope.kind) {
    case 'everyone':
      return picture.everyone
    case 'tenant':
      return picture.tenants.get(scope.tenant)?.generation ?? 0
    case 'user':
      return picture.users.get(scope.user)?.generation ?? 0
  }
}

export function sizeOf({ killed, versions, users, tenants }: Picture): number {
  return killed.size() + versions.size + users.size + tenants.size
}

/** All that still counts, as it would be logged: what a store is told again that has lost it. Causes are not remembered. */
export function rememberedIn(picture: Picture, now: Millis, until: Millis): readonly Revocation[] {
  const cause = 'revoked'
  const { everyone } = picture
  const floors = (kind: 'user' | 'tenant', of: ReadonlyMap<string, Floor>): readonly Revocation[] =>
    [...of].map(([name, { generation, spare, until }]) => {
      const scope = kind === 'user' ? ({ kind, user: name } as const) : ({ kind, tenant: name } as const)
      return { kind: 'generation', scope, generation, spare, cause, until }
    })
  const all: readonly Revocation[] = [
    ...[...picture.killed.entries()].map(([sid, until]) => ({ kind: 'kill', sid, cause, until }) as const),
    ...[...picture.versions].map(([sid, { version, until }]) => ({ kind: 'version', sid, version, until }) as const),
    ...floors('user', picture.users),
    ...floors('tenant', picture.tenants),
    ...[...picture.keys].map(([kid, until]) => ({ kind: 'key', kid, until }) as const),
  ]
  const forAll = {
    kind: 'generation',
    scope: { kind: 'everyone' },
    generation: everyone,
    spare: null,
    cause,
    until,
  } as const
  return [...(everyone > 0 ? [forAll] : []), ...all].filter((revocation) => revocation.until > now)
}
