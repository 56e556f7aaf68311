import { refused } from '../base/fault.ts'
import { type Auth, insideOf } from '../http/auth.ts'
import type { LoginOptions } from '../http/request-session.ts'
import type { Presentation, PublicSession } from '../model/session.ts'

/** A session as its client holds it. */
export interface SignedIn {
  readonly session: PublicSession
  /**
   * What a request of this user carries: the cookies and `Sec-Fetch-Site: same-origin`, or `Authorization`. For everything that takes headers:
   * `new Request(url, { headers })`, `app.request(path, { headers })`, `app.inject({ url, headers })`, supertest's `.set(headers)`.
   */
  readonly headers: Readonly<Record<string, string>>
  /** The Set-Cookie lines of a cookie session; none for a token. `browser(target, { signedIn })` takes them. */
  readonly setCookies: readonly string[]
  /** The refresh token of a token session; null for cookies. */
  readonly refreshToken: string | null
}

/**
 * Begins a session without a route, for tests that need somebody who is signed in. Goes through the same gate as all others: it is in the backend, ends by the clock, and can be revoked.
 *
 * Does NOT pass the checks of `login` on the request: there is none.
 *
 * @param options as for `login`; `present` decides between cookies and a token (what the application does)
 * @throws Fault `refused` (`session_limit`), `invalid_value`, `store_unavailable`
 * Cost: two or three reads, one write.
 */
export async function signedIn<Data, Input, Types>(
  auth: Auth<Data, Input, Types>,
  options: LoginOptions<Input, Types>,
): Promise<SignedIn> {
  const { settings, open } = insideOf(auth)
  const { transports, engine } = await open()
  const present: Presentation = options.present ?? settings.present
  const created = await auth.create({ ...options, present })
  if (!created.ok) throw refused(created.reason)
  const { session, credential, snapshot: snapshotText } = created.value
  if (present === 'token') {
    const headers = { Authorization: `Bearer ${snapshotText}` }
    return { session, headers, setCookies: [], refreshToken: credential }
  }
  const checked = await engine.validate({ credential, snapshot: snapshotText })
  if (!checked.ok) throw refused(checked.reason)
  const setCookies = transports
    .write({
      ...{ presentation: present, snapshot: checked.value, snapshotText, credential },
      ...{ persistent: options.remember === true, expiresAt: checked.value.endsAt },
    })
    .map(([, line]) => line)
  const Cookie = setCookies.map((line) => line.split(';', 1)[0]).join('; ')
  return { session, headers: { Cookie, 'Sec-Fetch-Site': 'same-origin' }, setCookies, refreshToken: null }
}
