import { failurePage } from '../../../src/server/pages/failure.ts'
import { type LoginView, loginErrors, loginPage } from '../../../src/server/pages/login.ts'
import { type SessionRow, type SessionsView, sessionsPage } from '../../../src/server/pages/sessions.ts'

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
  signedOut: false,
}

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
    now,
    sessions: list,
    total: list.length,
    notice: null,
    justSignedIn: false,
    ...changes,
  }
}

export const hundred: readonly SessionRow[] = Array.from({ length: 100 }, (_, index) =>
  row({ id: `handle-${index}`, current: index === 60, seenAt: now - index * 4 * 60 * minute }),
)

function failure(status: number, retryAfter: number | null = null): string {
  return failurePage({ status, title: 'What happened', detail: hostile, reason: 'some_reason', retryAfter })
}

const everything: Partial<SessionRow> = { device: hostile, how: hostile, address: hostile, id: hostile }

/** Every page in every state, some of them filled by somebody who means harm. */
export const pages: Readonly<Record<string, string>> = {
  'login, first visit': loginPage(firstVisit),
  'login, demo': loginPage({ ...firstVisit, demo: { username: 'demo' }, next: '/sessions' }),
  'login, wrong password': loginPage({ ...firstVisit, error: loginErrors.wrong, username: 'ada' }),
  'login, unavailable': loginPage({ ...firstVisit, error: loginErrors.unavailable, username: 'ada' }),
  'login, insecure': loginPage({ ...firstVisit, insecure: true }),
  'login, signed out': loginPage({ ...firstVisit, signedOut: true }),
  'login, hostile': loginPage({
    ...firstVisit,
    next: hostile,
    username: hostile,
    demo: { username: hostile },
    error: { title: hostile, detail: hostile },
  }),
  'sessions, two': sessionsPage(sessions()),
  'sessions, only this one': sessionsPage(sessions({ sessions: [here] })),
  'sessions, none': sessionsPage(sessions({ sessions: [] })),
  'sessions, not from here': sessionsPage(sessions({ sessions: [row()] })),
  'sessions, just signed in': sessionsPage(sessions({ justSignedIn: true, user: { name: 'ada', role: 'admin' } })),
  'sessions, ended': sessionsPage(sessions({ notice: { kind: 'ended', detail: 'Gone.' } })),
  'sessions, others ended': sessionsPage(sessions({ notice: { kind: 'others_ended', detail: 'Gone.' } })),
  'sessions, error': sessionsPage(sessions({ notice: { kind: 'error', detail: 'Try again.' } })),
  'sessions, hundred of more': sessionsPage(sessions({ sessions: hundred, total: 240 })),
  'sessions, bound': sessionsPage(
    sessions({
      sessions: [row({ present: 'token', bound: 'dpop', level: 2 }), row({ bound: 'dbsc', remembered: true })],
    }),
  ),
  'sessions, hostile': sessionsPage(
    sessions({
      user: { name: hostile, role: hostile },
      sessions: [row(everything), row({ ...everything, current: true })],
      notice: { kind: 'error', detail: hostile },
    }),
  ),
  'failure 401': failure(401),
  'failure 403': failure(403),
  'failure 404': failure(404),
  'failure 415': failure(415),
  'failure 429': failure(429, 80_000),
  'failure 503': failure(503, 5_000),
  'failure 503 without a time': failure(503),
}
