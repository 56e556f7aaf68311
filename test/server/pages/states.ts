import { advise } from '../../../src/advisor/advise.ts'
import { usualAnswers } from '../../../src/advisor/questions.ts'
import { advisorPage } from '../../../src/server/pages/advisor.ts'
import { failurePage } from '../../../src/server/pages/failure.ts'
import { type LoginView, loginPage } from '../../../src/server/pages/login.ts'
import { passwordPage } from '../../../src/server/pages/password.ts'
import type { Reader } from '../../../src/server/pages/reader.ts'
import { type SessionRow, type SessionsView, sessionsPage } from '../../../src/server/pages/sessions.ts'
import { stepUpPage } from '../../../src/server/pages/step-up.ts'
import { type Language, wordsOf } from '../../../src/server/pages/words/language.ts'
import { endings } from '../../../src/server/pages/words/words.ts'

const minute = 60 * 1000
const day = 24 * 60 * minute

export const now = Date.parse('2025-11-23T08:53:12Z')

export const hostile = `"><script>alert(1)</script>' onload='x' </title></script><img src=x onerror=alert(2)>&amp;\u202e`

export const firstVisit: LoginView = {
  next: null,
  error: null,
  username: '',
  demo: null,
  insecure: false,
  over: null,
}

export function readerOf(language: Language, changes: Partial<Reader> = {}): Reader {
  return { words: wordsOf(language), theme: 'system', language: 'auto', back: '/', ...changes }
}

/** Most of the tests read English. */
export const reader: Reader = readerOf('en')

export function row(changes: Partial<SessionRow> = {}): SessionRow {
  return {
    id: 'handle-1',
    current: false,
    device: 'Firefox on Linux',
    present: 'cookie',
    signedInAt: now - 3 * day,
    how: 'a password',
    seenAt: now - 5 * 60 * minute,
    expiresAt: now + 52 * minute,
    remembered: false,
    level: 1,
    bound: 'none',
    address: '203.0.113.7',
    ...changes,
  }
}

export const here: SessionRow = row({ id: 'handle-here', current: true, seenAt: now })

export function sessions(changes: Partial<SessionsView> = {}): SessionsView {
  const list = changes.sessions ?? [row(), here]
  return {
    user: { name: 'ada', role: null },
    ownAccount: true,
    now,
    sessions: list,
    total: list.length,
    notice: null,
    notes: [],
    justSignedIn: false,
    ...changes,
  }
}

export const hundred: readonly SessionRow[] = Array.from({ length: 100 }, (_, index) =>
  row({ id: `handle-${index}`, current: index === 60, seenAt: now - index * 4 * 60 * minute }),
)

const everything: Partial<SessionRow> = { device: hostile, how: hostile, address: hostile, id: hostile }
const bound = [
  row({ present: 'token', bound: 'dpop', level: 2 }),
  row({ bound: 'dbsc', remembered: true }),
  row({ id: 'handle-here', current: true, bound: 'dbsc' }),
]

const devices = ['Chrome on Windows', 'Safari on iPhone', 'Chrome on Windows', 'Firefox on Linux']

const notes: SessionsView['notes'] = [
  { kind: 'ended', at: now - 2 * minute, device: 'Chrome on Windows', address: '203.0.113.7', refusedAfter: 12.2 },
  { kind: 'reported', at: now - 60 * 24 * minute, device: 'A script (curl)', address: null, refusedAfter: null },
]

/** Every page in every state, some of them filled by somebody who means harm. */
export function pagesFor(reader: Reader): Readonly<Record<string, string>> {
  const { login } = reader.words
  const failure = (status: number, retryAfter: number | null = null): string =>
    failurePage(
      { status, what: { title: 'What happened', detail: hostile }, reason: 'some_reason', retryAfter },
      reader,
    )
  const loginWith = (changes: Partial<LoginView>): string => loginPage({ ...firstVisit, ...changes }, reader)
  const { device, sessions: said } = reader.words
  const inWords = (one: SessionRow): SessionRow =>
    one.device === hostile ? one : { ...one, device: device.on('Firefox', 'Linux'), how: said.methods.pwd }
  const sessionsWith = (changes: Partial<SessionsView> = {}): string => {
    const view = sessions(changes)
    return sessionsPage({ ...view, sessions: view.sessions.map(inWords) }, reader)
  }
  return {
    'login, first visit': loginWith({}),
    'login, demo': loginWith({ demo: { username: 'demo' }, next: '/sessions' }),
    'login, wrong password': loginWith({ error: login.wrong, username: 'ada' }),
    'login, unavailable': loginWith({ error: login.unavailable, username: 'ada' }),
    'login, insecure': loginWith({ insecure: true }),
    'login, insecure after signing out': loginWith({ insecure: true, over: 'signed out' }),
    'login, signed out': loginWith({ over: 'signed out' }),
    ...Object.fromEntries(endings.map((over) => [`login, ${over}`, loginWith({ over })])),
    'login, hostile': loginWith({
      next: hostile,
      username: hostile,
      demo: { username: hostile },
      error: { title: hostile, detail: hostile },
    }),
    'sessions, two': sessionsWith(),
    'sessions, only this one': sessionsWith({ sessions: [here] }),
    'sessions, none': sessionsWith({ sessions: [] }),
    'sessions, not from here': sessionsWith({ sessions: [row()] }),
    'sessions, just signed in': sessionsWith({ justSignedIn: true, user: { name: 'ada', role: 'admin' } }),
    'sessions, ended': sessionsWith({ notice: 'ended' }),
    'sessions, others ended': sessionsWith({ notice: 'othersEnded', sessions: [here] }),
    'sessions, hundred of more': sessionsWith({ sessions: hundred, total: 240 }),
    'sessions, other accounts': sessionsPage(
      sessions({
        accounts: [
          { id: 'other-1', name: 'bob' },
          { id: 'other-2', name: hostile },
        ],
      }),
      reader,
    ),
    'login, other accounts': loginPage(
      { ...firstVisit, over: 'signed out', others: [{ id: 'other-1', name: 'bob' }] },
      reader,
    ),
    'login, adding': loginPage({ ...firstVisit, adding: true }, reader),
    advisor: advisorPage(
      {
        answers: { ...usualAnswers, clients: 'both', nodes: 'hosts' },
        advice: advise({ ...usualAnswers, clients: 'both', nodes: 'hosts' }),
      },
      reader,
    ),
    'sessions, bound': sessionsWith({ sessions: bound }),
    'sessions, of many devices': sessionsWith({
      sessions: [
        here,
        ...devices.map((name, index) =>
          row({ id: `handle-${index}`, device: name, seenAt: now - index * 40 * minute }),
        ),
      ],
    }),
    'sessions, ending and ended': sessionsWith({
      notice: 'ended',
      sessions: [here, row({ expiresAt: now + 4 * minute })],
      notes,
    }),
    password: passwordPage({ username: 'ada', error: null, reported: false }, reader),
    'password, reported': passwordPage({ username: 'ada', error: null, reported: true }, reader),
    'password, weak': passwordPage(
      { username: 'ada', error: reader.words.reasons.weak_password, reported: false },
      reader,
    ),
    'password, hostile': passwordPage(
      { username: hostile, error: { title: hostile, detail: hostile }, reported: false },
      reader,
    ),
    'step-up': stepUpPage({ username: 'ada', next: '/sessions', error: null }, reader),
    'step-up, too many': stepUpPage(
      { username: 'ada', next: '/', error: reader.words.account.tooMany('4 minutes') },
      reader,
    ),
    'step-up, hostile': stepUpPage({ username: hostile, next: hostile, error: null }, reader),
    'sessions, hostile': sessionsWith({
      notes: [{ kind: 'reported', at: now, device: hostile, address: hostile, refusedAfter: 1 }],
      user: { name: hostile, role: hostile },
      sessions: [row(everything), row({ ...everything, current: true })],
    }),
    'failure 401': failure(401),
    'failure 403': failure(403),
    'failure 404': failure(404),
    'failure 415': failure(415),
    'failure 429': failure(429, 80_000),
    'failure 503': failure(503, 5_000),
    'failure 503 without a time': failure(503),
  }
}

/** By language. */
export const pages: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: pagesFor(reader),
  de: pagesFor(readerOf('de', { theme: 'dark', language: 'de', back: `/sessions?x=${hostile}` })),
}
