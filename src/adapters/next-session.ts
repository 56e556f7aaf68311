import { refused } from '../base/fault.ts'
import { arrive } from '../http/arrival.ts'
import { type AnyAuth, insideOf, type SessionOf } from '../http/auth.ts'
import type { Renewing } from '../http/gate.ts'
import type { RequestSession } from '../http/request-session.ts'
import { cookiePair } from '../http/transports.ts'
import { standFor, type Visit } from '../http/visit.ts'
import { currentHead, setCookies } from './next-headers.ts'

/** What can be asked about a session where no cookie can be set. */
export type CurrentSession<Session = RequestSession> = Pick<Session, keyof Session & Looks>

type Looks =
  | ('id' | 'user' | 'tenant' | 'claims' | 'level' | 'authenticatedAt' | 'endsAt' | 'presentation')
  | ('get' | 'csrfToken')

/**
 * For server components: the session of the request that is being rendered, to look at. Makes the render dynamic.
 *
 * Does NOT renew anything, and nothing can be stored or set: components cannot send cookies.
 *
 * @throws Fault `refused`, with the reason `store_unavailable`: whether somebody is signed in cannot be known
 * Cost: none where the snapshot stands, as it does behind `proxy(auth)`; one read otherwise.
 */
export async function currentSession<Given extends AnyAuth>(auth: Given): Promise<CurrentSession<SessionOf<Given>>> {
  const visit = await enter(auth, 'GET', 'never')
  const { id, user, tenant, claims, level, authenticatedAt, endsAt, presentation, get, csrfToken } = visit.session
  const current: CurrentSession = {
    id,
    user,
    tenant,
    claims,
    level,
    authenticatedAt,
    endsAt,
    presentation,
    get,
    csrfToken,
  }
  standFor(current, visit)
  return current as CurrentSession<SessionOf<Given>>
}

/**
 * For server functions (`'use server'`): runs `work` with the whole session of the request, then sets its cookies by `cookies()`, also where `work` ends in `redirect()`.
 * A component that is rendered in the same request sees what has become of the session.
 *
 * @throws Fault `refused`: another site has started this (`cross_site`, `unproven_origin`), or it cannot be known who is signed in (`store_unavailable`);
 * Next's own error in a component, where cookies cannot be set
 * Cost: none where the snapshot stands; a renewal otherwise.
 */
export async function inAction<Given extends AnyAuth, Result>(
  auth: Given,
  work: (session: SessionOf<Given>) => Result | Promise<Result>,
): Promise<Result> {
  const visit = await enter(auth, 'POST', 'in passing')
  try {
    return await work(visit.session as SessionOf<Given>)
  } finally {
    await setCookies(visit.leave())
  }
}

async function enter(auth: AnyAuth, method: 'GET' | 'POST', renewing: Renewing): Promise<Visit> {
  const pair = cookiePair(insideOf(auth).settings.cookies)
  const head = await currentHead(method, [pair.session.name, pair.snapshot.name])
  const arrival = await arrive(auth, head, renewing)
  // Without a reason it is a preflight, which is neither rendered nor an action.
  if (arrival.kind === 'answer') throw refused(arrival.reason ?? 'cross_site')
  return arrival.visit
}
