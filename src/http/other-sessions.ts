import { toSeconds } from '../base/clock.ts'
import { Fault, refused } from '../base/fault.ts'
import type { RequestHead } from '../base/head.ts'
import { parseCredential } from '../crypto/credential.ts'
import { type PublicSession, publicSession, type SessionRecord, type Sid } from '../model/session.ts'
import { type CookieShape, readCookies } from './cookie.ts'
import type { Opened } from './opened.ts'
import { cookiePair } from './transports.ts'
import type { VisitState } from './visit-state.ts'

/**
 * Sessions of other users that this browser is signed in to as well, one of which may take the place of the present one. Their credentials stand in a cookie of their own; none of them
 * counts for a request before it was switched to.
 */
export interface OtherSessions {
  /** Those that live. Cost: one read each; none where there are none. */
  others(): Promise<readonly PublicSession[]>
  /**
   * Goes on with that one, and keeps the present one for later; both get new identities, so that no answer that is under way undoes it.
   *
   * @returns the session that is the present one now; null where it is not among `others`
   * @throws Fault `refused`, `head_sent`
   * Cost: one read for each of them; two reads and two writes.
   */
  switchTo(id: Sid): Promise<PublicSession | null>
  /** Ends that one. False where it is not among `others`. Cost: one read for each of them; one read, one write. */
  leave(id: Sid): Promise<boolean>
}

/** In one browser, besides the present one. */
const most = 4

export function createOtherSessions(opened: Opened, head: RequestHead, state: VisitState): OtherSessions {
  const { engine, transports } = opened

  /** Each with the session that it is of now; those that have ended fall out. */
  async function living(): Promise<readonly Owned[]> {
    const found = await Promise.all(
      readKept(opened, head).map(async (credential) => ({ credential, record: await engine.ownerOf(credential) })),
    )
    return found.flatMap(({ credential, record }) => (record === null ? [] : [{ credential, record }]))
  }

  return {
    others: async () => {
      state.read = true
      const now = engine.clock.now()
      return (await living()).map(({ record }) => publicSession(record, now))
    },
    switchTo: async (id) => {
      guardChange(state)
      const all = await living()
      const wanted = all.find(({ record }) => record.sid === id)
      if (wanted === undefined) return null
      const there = await engine.reidentify(wanted.credential)
      if (!there.ok) return null
      const here = await parked(opened, state)
      const { record, issued } = there.value
      const rest = all.filter((one) => one !== wanted)
      keep(opened, state, here === null ? rest : [here, ...rest])
      state.begun = transports.write(issued)
      state.ended = false
      state.admission = { ...state.admission, snapshot: issued.snapshot, reason: null, renewed: null }
      return publicSession(record, engine.clock.now())
    },
    leave: async (id) => {
      guardChange(state)
      const all = await living()
      const wanted = all.find(({ record }) => record.sid === id)
      if (wanted === undefined) return false
      const ended = await engine.revoke(id, 'logout')
      keep(
        opened,
        state,
        all.filter((one) => one !== wanted),
      )
      return ended
    },
  }
}

/** A session with the credential that this browser has of it. */
export interface Owned {
  readonly credential: string
  readonly record: SessionRecord
}

/**
 * Puts the session of this request aside before another user signs in beside it: under a new identity, so that a slow answer cannot bring it back.
 *
 * @returns null where nobody is signed in
 * Cost: one read, one write.
 */
export async function parked({ engine }: Opened, { admission }: VisitState): Promise<Owned | null> {
  const { snapshot, carried, renewed } = admission
  if (snapshot === null || snapshot.user === null || carried.kind !== 'cookie') return null
  const moved = await engine.reidentify(renewed?.issued.credential ?? carried.credential)
  if (!moved.ok) return null
  return { credential: moved.value.issued.credential as string, record: moved.value.record }
}

/** Keeps it beside the session that has begun; one of the same user as that, and what is too many, ends. Cost: one read for each; one read, one write for what ends. */
export async function keepBeside(opened: Opened, head: RequestHead, state: VisitState, aside: Owned): Promise<void> {
  const { engine } = opened
  const user = state.admission.snapshot?.user ?? null
  const found: Owned[] = [aside]
  for (const credential of readKept(opened, head)) {
    const record = await engine.ownerOf(credential)
    if (record !== null && record.sid !== aside.record.sid) found.push({ credential, record })
  }
  const others = found.filter(({ record }) => record.user !== user)
  const kept = others.slice(0, most)
  keep(opened, state, kept)
  for (const one of found) if (!kept.includes(one)) await engine.revoke(one.record.sid, 'replaced')
}

/** In two cookies: a session that ends with the browser does not outlive it beside one that is remembered. */
function keep(opened: Opened, state: VisitState, all: readonly Owned[]): void {
  const { others, keptOthers } = cookiePair(opened.settings.cookies)
  const kept = all.slice(0, most)
  const write = (shape: CookieShape, owned: readonly Owned[], maxAge: number | undefined): void => {
    const value = owned.map(({ credential }) => credential).join('.')
    if (value === '') state.deleteCookie(shape)
    else state.setCookie({ ...shape, value, maxAge })
  }
  write(
    others,
    kept.filter(({ record }) => !record.persistent),
    undefined,
  )
  write(
    keptOthers,
    kept.filter(({ record }) => record.persistent),
    toSeconds(opened.engine.policy.rememberMe.absolute),
  )
}

/** What is no credential of ours is passed over; a doubled cookie is nobody's. */
function readKept({ settings, transports, ring }: Opened, head: RequestHead): readonly string[] {
  if (!transports.readsCookies) return []
  const { others, keptOthers } = cookiePair(settings.cookies)
  const values = readCookies(head.header('cookie'), [others.name, keptOthers.name])
  const credentials = values.flatMap((value) => (typeof value === 'string' ? value.split('.') : []))
  const sound = credentials.slice(0, 2 * most).filter((text) => parseCredential(text, ring).ok)
  return [...new Set(sound)].slice(0, most)
}

/** @throws Fault `head_sent` */
export function refuseLate(state: VisitState): void {
  if (!state.left) return
  const text =
    'The response has begun, so its cookies can no longer be set. Nothing was changed: do this before writing to the response.'
  throw new Fault('head_sent', text)
}

function guardChange(state: VisitState): void {
  if (state.outside !== null) throw refused(state.outside)
  refuseLate(state)
}
