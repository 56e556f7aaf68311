import { z } from 'zod'
import { readBody } from '../../adapters/node-entry.ts'
import { pickHead } from '../../adapters/node-head.ts'
import { insideOf } from '../../http/auth.ts'
import { readFields, textField } from '../../http/body.ts'
import type { PublicSession } from '../../model/session.ts'
import type { Note } from '../notes.ts'
import { deviceOf } from '../pages/device.ts'
import type { OtherAccount } from '../pages/other-accounts.ts'
import type { Reader } from '../pages/reader.ts'
import { type SessionRow, type SessionsView, sessionsPage } from '../pages/sessions.ts'
import type { Words } from '../pages/words/words.ts'
import { failureAnswer, formFields, guarded, type Here, page, see, wantsPage } from '../respond.ts'
import { accountsHere } from './accounts.ts'
import { endOne, receiptOf } from './ending.ts'
import { goToLogin } from './login.ts'
import { listedView, sessionView } from './session-view.ts'

const mostShown = 1000
const reportFields = z.object({ id: z.string().max(64) })

/** `GET /`: my sessions, or the way to the login page. */
export async function home(here: Here): Promise<Response> {
  return here.env.incoming.session.user === null ? goToLogin(here, null) : sessionsHtml(here)
}

/** `GET /session`: who I am. No I/O. */
export async function showSession(here: Here): Promise<Response> {
  return (await guarded(here, {})) ?? here.json(sessionView(here))
}

/** `GET /sessions`: my devices, as a page or as JSON. */
export async function listSessions(here: Here): Promise<Response> {
  const { incoming } = here.env
  if (wantsPage(here)) return incoming.session.user === null ? goToLogin(here, '/sessions') : sessionsHtml(here)
  const refused = await guarded(here, {})
  if (refused !== null) return refused
  const sessions = await mine(here)
  return here.json({ sessions: sessions.map((session) => listedView(session, incoming.session.id)) })
}

/** `DELETE /sessions/{id}`: ends one of mine; anybody else's does not exist. With `Prefer: return=representation` (RFC 7240) 200 and when every node refused it. */
export async function deleteOne(here: Here): Promise<Response> {
  const refused = await guarded(here, {})
  if (refused !== null) return refused
  const ended = await endOne(here, here.req.param('id') ?? '', 'ended')
  if (ended === null) return failureAnswer(here, 'not_found')
  const wantsReceipt = pickHead(here.env.incoming).header('prefer')?.includes('return=representation') === true
  return wantsReceipt ? here.json(receiptOf(ended)) : here.body(null, 204)
}

/** `DELETE /sessions?scope=others|all`. */
export async function deleteMany(here: Here): Promise<Response> {
  const refused = await guarded(here, {})
  if (refused !== null) return refused
  const scope = here.req.query('scope')
  if (scope !== 'others' && scope !== 'all') return failureAnswer(here, 'invalid_request')
  await endMany(here, scope)
  return here.body(null, 204)
}

/** `POST /sessions/end`: the same for forms, with `id` or `scope`. */
export async function endByForm(here: Here): Promise<Response> {
  const { incoming } = here.env
  if (incoming.session.user === null && wantsPage(here)) return goToLogin(here, null)
  const refused = await guarded(here, {})
  if (refused !== null) return refused
  const body = await readBody(incoming)
  const fields = body.ok ? readFields(pickHead(incoming), body.value) : body
  if (!fields.ok) return failureAnswer(here, fields.reason)
  const id = textField(fields.value, 'id')
  const scope = textField(fields.value, 'scope')
  if (id !== undefined && scope === undefined) {
    const current = id === incoming.session.id
    const ended = await endOne(here, id, 'ended')
    if (current && ended !== null) return see(here, '/login?out')
    return ended === null ? failureAnswer(here, 'not_found') : see(here, '/?ended')
  }
  if (scope !== 'others' && scope !== 'all') return failureAnswer(here, 'invalid_request')
  await endMany(here, scope)
  return see(here, scope === 'all' ? '/login?out' : '/?others-ended')
}

async function endMany(here: Here, scope: 'others' | 'all'): Promise<void> {
  const { session } = here.env.incoming
  if (scope === 'all') return session.logoutEverywhere()
  await here.var.desk.auth.revokeAll({ user: session.user as string, except: session.id as string })
}

/** `POST /sessions/not-me`: ends one of mine that is not, leaves a note, and goes on to a new password. JSON and forms, with `id`. */
export async function reportOne(here: Here): Promise<Response> {
  const { incoming } = here.env
  if (incoming.session.user === null && wantsPage(here)) return goToLogin(here, null)
  const refused = await guarded(here, {})
  if (refused !== null) return refused
  const given = await formFields(here, reportFields)
  if (!given.ok) return failureAnswer(here, given.reason)
  if (given.value.id === incoming.session.id) return failureAnswer(here, 'invalid_request')
  const ended = await endOne(here, given.value.id, 'reported')
  if (ended === null) return failureAnswer(here, 'not_found')
  if (!wantsPage(here)) return here.json(receiptOf(ended))
  return see(here, here.var.desk.accounts === null ? '/?ended' : '/password?reported')
}

function mine(here: Here): Promise<readonly PublicSession[]> {
  return here.var.desk.auth.list(here.env.incoming.session.user as string, mostShown)
}

async function sessionsHtml(here: Here): Promise<Response> {
  const notes = here.var.desk.notes.of(here.env.incoming.session.user ?? '')
  const read = await Promise.all([mine(here), notes, accountsHere(here)])
  return page(here, 200, (reader) => drawSessions(here, { listed: read[0], notes: read[1], accounts: read[2] }, reader))
}

interface Shown {
  readonly listed: readonly PublicSession[]
  readonly notes: readonly Note[]
  readonly accounts: readonly OtherAccount[]
}

function drawSessions(here: Here, { listed, notes, accounts }: Shown, reader: Reader): string {
  const { session } = here.env.incoming
  const { user, role } = sessionView(here)
  const said = new URL(here.req.url).searchParams
  const sessions = listed.map((one) => rowOf(one, session.id, reader.words))
  const view: SessionsView = {
    user: { name: String(user), role: typeof role === 'string' ? role : null },
    now: insideOf(here.var.desk.auth).settings.clock.now(),
    sessions,
    total: sessions.length,
    accounts,
    ownAccount: here.var.desk.accounts !== null,
    notice: noticeOf(said),
    notes: notes.map(({ agent, ...note }) => ({ ...note, device: deviceOf(agent, reader.words.device) })),
    justSignedIn: said.has('welcome'),
  }
  return sessionsPage(view, reader)
}

function noticeOf(said: URLSearchParams): SessionsView['notice'] {
  if (said.has('password-changed'))
    return said.get('password-changed') === 'keep' ? 'passwordChangedHere' : 'passwordChanged'
  if (said.has('ended')) return 'ended'
  return said.has('others-ended') ? 'othersEnded' : null
}

function rowOf(session: PublicSession, current: string | null, words: Words): SessionRow {
  return {
    id: session.id,
    current: session.id === current,
    device: deviceOf(session.device.agent, words.device),
    present: session.presentation,
    signedInAt: session.authenticatedAt ?? session.createdAt,
    how: howOf(session, words),
    seenAt: session.seenAt,
    expiresAt: session.expiresAt,
    remembered: session.persistent,
    level: session.level,
    bound: session.binding,
    address: session.device.address,
  }
}

function howOf({ methods }: PublicSession, { locale, sessions }: Words): string {
  const known: Readonly<Record<string, string>> = sessions.methods
  if (methods.length === 0) return sessions.ownAccount
  return new Intl.ListFormat(locale).format(methods.map((method) => known[method] ?? method))
}
