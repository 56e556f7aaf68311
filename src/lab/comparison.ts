/** One row of a comparison table: what is usually said, and what is so here. */
export interface Comparison {
  readonly feature: string
  readonly cookie: string
  readonly token: string
  readonly here: string
  /** Where in the lab, or in the documents, it can be seen. */
  readonly see?: { readonly name: string; readonly href: string }
}

export interface ComparisonTable {
  readonly title: string
  readonly heads: readonly [string, string]
  readonly rows: readonly Comparison[]
}

/** Sizes that a run has just shown, in bytes. */
export interface Sizes {
  readonly cookies: number
  readonly accessToken: number
}

/** The tables of those who compare cookies, sessions and tokens, and what is measured here. The figures are those of evidence/, which a test compares. */
export function comparisons(sizes: Sizes): readonly ComparisonTable[] {
  const rows = sessionsAndTokens.rows.map((row) =>
    row.feature === 'Token size' ? { ...row, here: sized(sizes) } : row,
  )
  return [{ ...sessionsAndTokens, rows }, risks, cookiesAndSessions, life]
}

function sized({ cookies, accessToken }: Sizes): string {
  return `Both cookies ${cookies} bytes; an access token ${accessToken} bytes. Measured on this machine, by the session of the lifecycle view.`
}

const sessionsAndTokens: ComparisonTable = {
  title: 'Sessions by cookie, and tokens',
  heads: ['Session (cookie)', 'JWT (token)'],
  rows: [
    {
      feature: 'Server storage',
      cookie: 'Yes (session store)',
      token: 'No (stateless)',
      here: 'One record for both: 326 bytes in memory, 305 in Redis, 629 in Postgres.',
    },
    {
      feature: 'Scaling',
      cookie: 'Needs a shared session store',
      token: 'Easy (self-contained)',
      here: 'A check asks no store in either, on any node: 11 µs of CPU for a cookie, 8 µs for a token that was seen before.',
    },
    {
      feature: 'Token size',
      cookie: 'Small (session id)',
      token: 'Larger (includes claims)',
      here: '',
    },
    {
      feature: 'Revocation',
      cookie: 'Easy (delete from the store)',
      token: 'Hard (blocklist or short expiry)',
      here: 'The same for both: on every node after 1.1 ms as a rule and 27 ms at p99 (10,000 ends on Postgres), within 5 s whatever fails.',
      see: { name: 'Replay after logout', href: '/lab/logout-replay' },
    },
    {
      feature: 'Security risk',
      cookie: 'Session hijacking (id stolen)',
      token: 'Token theft (harder to revoke)',
      here: 'A copy that is used beside the owner is noticed at a renewal, and the session ends for both.',
      see: { name: 'Replay of a credential', href: '/lab/stolen-credential' },
    },
    {
      feature: 'Expiry',
      cookie: 'Configurable per session',
      token: 'exp in the token',
      here: 'The record decides in both: 1 hour unused, 24 hours in all. The snapshot, or exp, lasts 5 minutes.',
    },
    {
      feature: 'Where data is',
      cookie: 'Server',
      token: 'Client (inside the token)',
      here: 'On the server in both; only claims travel.',
    },
  ],
}

const risks: ComparisonTable = {
  title: 'Risks',
  heads: ['By cookie', 'By token'],
  rows: [
    {
      feature: 'Session hijacking',
      cookie: 'If the cookie is stolen',
      token: 'If the token is stolen',
      here: 'Not over plain http, not by script where it is a cookie; a copy is noticed. A credential that is bound to a device is not built yet.',
      see: { name: 'Sidejacking', href: '/lab/sidejacking' },
    },
    {
      feature: 'CSRF',
      cookie: 'Yes (sent by itself)',
      token: 'No (sent in a header)',
      here: 'Refused by default, on the application’s own routes too.',
      see: { name: 'CSRF by a form', href: '/lab/csrf-form' },
    },
    {
      feature: 'XSS',
      cookie: 'Low (HttpOnly)',
      token: 'High (storage that scripts read)',
      here: 'Cookies: nothing to take along. Tokens: with a policy for scripts, or not in a browser.',
      see: { name: 'A token in localStorage', href: '/lab/xss-local-storage' },
    },
    {
      feature: 'Revocation',
      cookie: 'Easy (delete the session)',
      token: 'Hard',
      here: 'One write in both; 0 of 10,000 replays were accepted after logout.',
      see: { name: 'A node that hears nothing', href: '/lab/revocation-lag' },
    },
  ],
}

const cookiesAndSessions: ComparisonTable = {
  title: 'Cookies, and sessions',
  heads: ['Cookies', 'Sessions'],
  rows: [
    {
      feature: 'Storage',
      cookie: 'Client (browser)',
      token: 'Server',
      here: 'The credential in the browser, everything else on the server. Preferences are cookies of their own.',
    },
    {
      feature: 'Size limit',
      cookie: 'About 4 KB',
      token: 'Depends on the server',
      here: 'Counted before a browser drops one: an error names the cookie and its bytes.',
    },
    {
      feature: 'Lifespan',
      cookie: 'Days or months',
      token: 'Ends on logout or timeout',
      here: 'The server decides, whatever the cookie says; after logout nothing brings it back.',
      see: { name: 'Logout undone by a slow request', href: '/lab/slow-request' },
    },
    {
      feature: 'Security',
      cookie: 'Prone to XSS, can be secured',
      token: 'Safer, but prone to hijacking',
      here: 'HttpOnly, Secure, __Host-: readable by no script, settable by no other host.',
      see: { name: 'Cookie tossing', href: '/lab/cookie-tossing' },
    },
    {
      feature: 'Use',
      cookie: 'Preferences, light data',
      token: 'Authentication, sensitive data',
      here: 'preferences() for the one, session for the other.',
    },
  ],
}

const life: ComparisonTable = {
  title: 'The life of a session',
  heads: ['By cookie', 'By token'],
  rows: [
    {
      feature: 'Login',
      cookie: 'Server creates a session id',
      token: 'Server creates a token',
      here: 'One record; a credential and a snapshot of it are given out.',
      see: { name: 'Login', href: '/lab/lifecycle?step=login' },
    },
    {
      feature: 'Storage',
      cookie: 'Server stores the session',
      token: 'Client stores the token',
      here: 'The server the record, the client the pair, in both.',
      see: { name: 'Storage', href: '/lab/lifecycle?step=storage' },
    },
    {
      feature: 'Transmission',
      cookie: 'Cookie header',
      token: 'Authorization header',
      here: 'The same two texts in other headers.',
      see: { name: 'Transmission', href: '/lab/lifecycle?step=transmission' },
    },
    {
      feature: 'Validation',
      cookie: 'Look up the session id',
      token: 'Verify the signature',
      here: 'The snapshot, then the view of the revocation log; no look-up.',
      see: { name: 'Validation', href: '/lab/lifecycle?step=validation' },
    },
    {
      feature: 'Logout',
      cookie: 'Delete on the server',
      token: 'Expire or blocklist',
      here: 'The record ends, and the log says so to every node.',
      see: { name: 'Logout', href: '/lab/lifecycle?step=logout' },
    },
  ],
}
