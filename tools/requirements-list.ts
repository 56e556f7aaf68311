/** What a secure session system has to hold, and how far the code is. Whether a test names it is read from the tests. */
export interface Requirement {
  readonly id: string
  readonly says: string
  /** What there is not yet, of a requirement that the code holds in part. */
  readonly missing?: string
  /** Why nothing of it is there. */
  readonly absent?: string
}

const noKeys = 'no credential is bound to a key yet (DPoP)'
const noDevices = 'no credential is bound to a device yet (DBSC)'
const noProviders = 'no sign-in by another provider yet'

export const requirements: readonly Requirement[] = [
  held('S1', 'handles and credentials have 128 bits from the system’s generator'),
  part(
    'S2',
    'a new identity at login, step-up and change of rights, the old one dead',
    'after a change of claims at the next rotation, not at once (decision 005)',
  ),
  held('S3', 'an identity that was not issued here is never adopted'),
  held('S4', 'credentials travel in the cookie or Authorization only; never in a URL, log, event or error'),
  held('S5', 'nothing at rest is usable as a credential'),
  held('S6', 'logout makes every copy useless, on every node, cookie or token'),
  held('S7', 'disabling an account ends all its sessions'),
  held('S8', 'a change of password ends the other sessions'),
  part('S9', 'users see and end their sessions; administrators end a user’s or everyone’s', 'pages for administrators'),
  held('S10', 'nobody can see or end the session of somebody else'),
  held('S11', 'a limit of sessions for each user, also under parallel logins'),
  held('S12', 'no record before something is stored'),
  held('S13', 'sensitive steps ask for a fresh or a stronger sign-in'),
  part('S14', 'a session’s level never exceeds that of its sign-in', 'a sign-in in two steps'),
  held('S15', 'session data is inert: no prototype pollution, no revival of code'),

  held('T1', 'remembered sessions (AAL1) end after 30 days'),
  held('T2', 'sessions (AAL2) end after 24 hours, or 1 hour without use'),
  held('T3', 'sessions at level 3 end after 12 hours, or 15 minutes without use'),
  held('T4', 'either timeout ends; activity resets the idle one only; a new sign-in resets both'),
  held('T5', 'the server decides, whatever the cookie’s Max-Age says'),
  held('T6', 'refresh tokens have an absolute end, however often they rotate'),
  held('T7', 'exp, nbf and iat are honoured and must be plausible; clocks are forgiven 30 s'),
  part(
    'T8',
    'skewed clocks agree, and a step back revives nothing',
    'a clock set back over a restart, with memory and SQLite',
  ),
  held('T9', 'timeouts are written down, with their sources'),

  held('C1', '`__Host-` cookies: Secure, HttpOnly, Path=/, no Domain; `__Secure-` where sharing is asked for'),
  held('C2', 'SameSite is stated'),
  held('C3', 'a cookie that a browser would drop or cut is an error, not a loss'),
  held('C4', 'no cookie lives longer than 400 days'),
  held('C5', 'two cookies, a budget for all; any may be missing'),
  held('C6', 'no control characters or separators, out or in'),
  held('C7', 'cookie names are compared to the letter'),
  held('C8', 'the same cookie twice is refused, nothing mixed'),
  held('C9', 'cookies are deleted with the attributes that they were set with'),
  held('C10', 'answers that set or read a session are `no-store` and say what they vary by'),
  held('C11', 'nothing in a cookie is readable'),
  held('C12', 'cookies are out of reach of scripts and in no body'),

  held('X1', 'unsafe requests of other sites are refused by Sec-Fetch-Site'),
  held('X2', 'without it by Origin or Referer; with nothing and a cookie, refused or a token'),
  held('X3', 'a token of the session for clients that send no header; never outweighs one'),
  held('X4', 'login, logout and renewal are protected as well'),
  held('X5', 'no state change by safe methods; overrides of the method are ignored'),
  held('X6', 'our endpoints take JSON or forms by their content type, nothing else'),
  held('X7', 'no origin is reflected for requests with credentials'),
  held('X8', 'security headers on our pages'),
  part('X9', 'logout deletes our cookies and sends Clear-Site-Data: "storage"', 'the option for "cookies"'),
  held('X10', 'redirects stay on our own paths, or go to listed origins'),
  none('X11', 'the requests of DBSC, and only those of the own site', noDevices),

  held('J1', 'one algorithm for each key; `none` in no spelling'),
  part(
    'J2',
    'a public key is never a secret for HS256',
    'the option `keys.secrets` takes one that was put there by mistake',
  ),
  held('J3', 'keys inside a token, or addresses of keys, are refused; nothing is fetched'),
  held('J4', 'kid is an exact look-up of bounded form; unknown ones cause no storm'),
  held('J5', 'short secrets and weak keys are refused'),
  held('J6', 'ECDSA signatures of the wrong form or range are refused'),
  held('J7', 'crit and b64 are refused'),
  held('J8', 'the compact form only, canonical, with a size limit before parsing'),
  held('J9', 'encrypted and nested tokens are refused'),
  held('J10', 'a member named twice is refused; UTF-8 only'),
  part('J11', 'the type is checked; no token passes for another kind', 'the other kinds: there is only one'),
  held('J12', 'issuer and audience, to the letter'),
  held('J13', 'access tokens carry the claims of RFC 9068 and live 10 minutes at most'),
  held('J14', 'a verification is never shared between tokens'),
  held('J15', 'denied by session, user and generation, never by the token’s text'),
  held('J16', 'signing keys rotate with overlap; a removed one is dead at once; the key set is public members only'),
  held('J17', 'no user’s pattern runs on claims'),

  held('R1', 'a spent credential that comes back ends the family, by the table'),
  held('R2', 'rotation is one atomic step, however many come at once'),
  held('R3', 'a lost answer or a second tab is not taken for theft'),
  part('R4', 'a refresh token is bound to its client; its scope cannot grow', 'the binding to a key'),
  held('R5', 'what is spent or revoked stays so after a restart and a fail-over'),
  held('R6', 'RFC 7009: 200 for unknown tokens, the owner’s client only, 503 when the store is down'),
  none('R7', 'introspection', 'no endpoint yet'),
  none('R8', 'status lists', 'no endpoint yet'),
  held('R9', 'the bound of a revocation is stated and measured'),
  held('R10', 'a node that does not hear of revocations refuses or asks'),

  none('D1', 'the twelve checks of a proof', noKeys),
  none('D2', 'the address in a proof', noKeys),
  none('D3', 'a proof counts once', noKeys),
  part('D4', 'a bound token as Bearer is refused', 'bound tokens; the scheme `DPoP` is refused'),
  none('D5', 'both schemes in one request', noKeys),
  none('D6', 'errors and nonces of RFC 9449', noKeys),
  none('D7', 'token_type, cnf.jkt and refresh tokens bound to the key', noKeys),
  none('D8', 'server nonces', noKeys),

  none('B1', 'registration is offered by a header', noDevices),
  none('B2', 'the browser’s proof of possession is verified', noDevices),
  none('B3', 'proofs and ids are read raw and quoted', noDevices),
  none('B4', 'the stored key alone verifies a renewal', noDevices),
  none('B5', 'challenges are used once and belong to a session', noDevices),
  none('B6', '403 and a challenge, never 401', noDevices),
  none('B7', 'registration never answers with a challenge', noDevices),
  none('B8', 'the session’s instructions have the form of the draft', noDevices),
  none('B9', 'the long cookie alone gets nothing', noDevices),
  none('B10', 'one registration for each login', noDevices),
  none('B11', 'short cookies live two minutes or more', noDevices),
  none('B12', 'a skipped refresh is not a pass', noDevices),
  none('B13', 'the scope of a whole site', noDevices),
  none('B14', 'logout ends the binding at the server first', noDevices),

  none('L1', 'back-channel logout tokens', noProviders),
  none('L2', 'logout by sid or by sub', noProviders),
  none('L3', 'CAEP session-revoked events', noProviders),
  held('L4', 'failed logins are alike, for users who exist and who do not'),
  held('L5', 'a rate limit for each account and source'),
  held('L6', 'secrets are compared in constant time'),
  held('V1', 'a store that is down is 503, in bounded time; never anonymous, never a logout'),
  held('V2', 'a logout that was not stored is not reported as done'),
  held('V3', 'no lost update, no resurrection'),
  held('V4', 'what is over is swept in batches'),
  held('V5', 'hostile input crashes, hangs and reveals nothing'),
  held('V6', 'all stores behave the same'),
]

function held(id: string, says: string): Requirement {
  return { id, says }
}

function part(id: string, says: string, missing: string): Requirement {
  return { id, says, missing }
}

function none(id: string, says: string, absent: string): Requirement {
  return { id, says, absent }
}
