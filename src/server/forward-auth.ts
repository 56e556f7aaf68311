import type { IncomingMessage, ServerResponse } from 'node:http'
import { pathOf } from '../adapters/node-entry.ts'
import { pickHead } from '../adapters/node-head.ts'
import { isFault } from '../base/fault.ts'
import { isWebSocketHandshake, type RequestHead } from '../base/head.ts'
import { type Reason, reasons } from '../base/reasons.ts'
import { type Arrival, arrive } from '../http/arrival.ts'
import type { AnyAuth } from '../http/auth.ts'
import { refusal } from '../http/guarding.ts'
import type { HeaderLine } from '../http/header-lines.ts'
import type { Answer } from '../http/problem.ts'
import { wantsHtml } from '../http/problem-page.ts'
import { adopt, type Source } from '../migrate/index.ts'
import { type Asker, envoyPrefix, forwardedHead } from './forwarded-head.ts'
import { type FlatHeaders, identityOf } from './identity-headers.ts'
import type { Operations } from './operations/operations.ts'
import { anybody, readRules } from './verify-rules.ts'

/** Where the sign-in page is for nginx, which cannot relay a redirect; empty where there is nothing to go to. */
const redirectHeader = 'X-Auth-Redirect'

interface Question {
  readonly asker: Asker
  /** Somebody anonymous is let in as well. */
  readonly optional: boolean
  /** The proxy can relay one line of a name: the second cookie is in Set-Cookie2, which browsers show to scripts as little as the first (Fetch 2.2.2). */
  readonly single: boolean
}

const questions: ReadonlyMap<string, Question> = new Map([
  ['/verify', { asker: 'plain', optional: false, single: false }],
  ['/verify/optional', { asker: 'plain', optional: true, single: false }],
  ['/verify/nginx', { asker: 'nginx', optional: false, single: true }],
  ['/verify/nginx/optional', { asker: 'nginx', optional: true, single: true }],
  ['/verify/caddy', { asker: 'plain', optional: false, single: true }],
  ['/verify/caddy/optional', { asker: 'plain', optional: true, single: true }],
])
const envoyQuestion: Question = { asker: 'envoy', optional: false, single: false }

/**
 * Answers proxies that ask whether to let a request through: `auth_request` of nginx, `forward_auth` of Caddy, ForwardAuth of Traefik, `ext_authz` of envoy.
 *
 * 200 with who it is, for the application behind; 401 or 403 with a reason, or a redirect to the sign-in page for a browser that navigates; 503 when it cannot be known. The
 * identity headers are in every answer, empty for nobody. A renewed pair of cookies comes as two lines of Set-Cookie, and for proxies that cannot relay two lines of one name as
 * Set-Cookie and Set-Cookie2.
 *
 * @returns a listener that says whether it has taken the request
 * Cost: as a check of a request: no I/O, or a renewal.
 */
export function createForwardAuth(
  auth: AnyAuth,
  { log, metrics }: Pick<Operations, 'log' | 'metrics'>,
  sources: readonly Source[] = [],
): (request: IncomingMessage, response: ServerResponse) => boolean {
  /** What nobody foresaw lets nobody in, and is told to whoever runs the server. */
  function fail(error: unknown): Reply {
    log.error({ err: error }, 'a question of a proxy could not be answered')
    return { status: 500, headers: [...identityOf(null), 'Content-Length', '0'], body: '' }
  }

  function conclude(response: ServerResponse, reply: Reply): void {
    metrics.verified(reply.status)
    write(response, reply)
  }

  return (request, response) => {
    const question = questionOf(request.url ?? '')
    if (question === null) return false
    const { method = '' } = request
    if (question.asker !== 'envoy' && method !== 'GET' && method !== 'HEAD') return false
    const reply = replyTo({ auth, sources, log, fail }, question, pickHead(request))
    if (reply instanceof Promise) void reply.catch(fail).then((late) => conclude(response, late))
    else conclude(response, reply)
    return true
  }
}

function questionOf(url: string): Question | null {
  if (!url.startsWith('/verify')) return null
  if (url.startsWith(envoyPrefix) && (url.length === envoyPrefix.length || url.charAt(envoyPrefix.length) === '/'))
    return envoyQuestion
  return questions.get(pathOf(url)) ?? null
}

type Fail = (error: unknown) => Reply

/** A whole answer; header names and values in turn. */
interface Reply {
  readonly status: number
  readonly headers: FlatHeaders
  readonly body: string
}

interface Means {
  readonly auth: AnyAuth
  readonly sources: readonly Source[]
  readonly log: Operations['log']
  readonly fail: Fail
}

function replyTo(means: Means, question: Question, own: RequestHead): Reply | Promise<Reply> {
  const { auth, sources, fail } = means
  const head = forwardedHead(own, question.asker)
  if (head === null) return refused(question, own, 'invalid_request', [])
  try {
    const arrival = arrive(auth, head, isWebSocketHandshake(head) ? 'never' : 'in passing')
    // No cookie can be set with the 101 of a WebSocket.
    if (sources.length > 0 && !isWebSocketHandshake(head)) return judgeMoving(arrival, question, head, means)
    return arrival instanceof Promise
      ? arrival.then((late) => judge(late, question, head))
      : judge(arrival, question, head)
  } catch (error) {
    return fail(error)
  }
}

export const notTakenOver = 'a session of another product could not be taken over'

/** What is refused keeps its reason; whatever else goes wrong is the other product's store. */
export function adoptionReason(error: unknown): Reason {
  return isFault(error) && error.reason !== null ? error.reason : 'store_unavailable'
}

/** Whoever comes with a good session of another product is let in by it. */
async function judgeMoving(
  arriving: Arrival | Promise<Arrival>,
  question: Question,
  head: RequestHead,
  { sources, log }: Means,
): Promise<Reply> {
  const arrival = await arriving
  try {
    if (arrival.kind !== 'answer') await adopt(arrival.visit.session, sources)
  } catch (error) {
    log.error({ err: error }, notTakenOver)
    return refused(question, head, adoptionReason(error), [])
  }
  return judge(arrival, question, head)
}

function judge(arrival: Arrival, question: Question, head: RequestHead): Reply {
  if (arrival.kind === 'answer') return replyOf(question, head, arrival, [])
  const { visit } = arrival
  const rules = readRules(head)
  if (rules === null) return refused(question, head, 'invalid_request', visit.leave())
  const isNobody = (visit.admission.snapshot?.user ?? null) === null
  const checked = question.optional && rules === anybody && isNobody ? null : visit.guard(rules)
  if (checked?.ok === false) return refused(question, head, checked.reason, visit.leave())
  const headers = ['Content-Length', '0', ...identityOf(visit.admission.snapshot)]
  addLines(headers, visit.leave(), question)
  return { status: 200, headers, body: '' }
}

function refused(question: Question, head: RequestHead, reason: Reason, lines: readonly HeaderLine[]): Reply {
  return replyOf(question, head, { reason, answer: refusal(head, reason) }, lines)
}

interface Refused {
  readonly reason: Reason | null
  readonly answer: Answer
}

function replyOf(
  question: Question,
  head: RequestHead,
  { reason, answer }: Refused,
  lines: readonly HeaderLine[],
): Reply {
  const { asker } = question
  const location = reason === null ? null : wayOut(head, reason)
  const headers: string[] = [...identityOf(null)]
  const relayed = location !== null && asker !== 'nginx'
  if (relayed) headers.push('Location', location, 'Cache-Control', 'no-store')
  else for (const [name, value] of answer.headers) headers.push(name, value)
  if (asker === 'nginx') headers.push(redirectHeader, location ?? '')
  addLines(
    headers,
    lines.filter(([name]) => name !== 'Cache-Control'),
    question,
  )
  const body = relayed ? '' : answer.body
  headers.push('Content-Length', String(Buffer.byteLength(body)))
  return { status: relayed ? 302 : answer.status, headers, body }
}

/** Where a browser that navigates gets what is missing; null for scripts, for unsafe requests, and where nothing would help. */
function wayOut(head: RequestHead, reason: Reason): string | null {
  if ((head.method !== 'GET' && head.method !== 'HEAD') || !wantsHtml(head)) return null
  const next = encodeURIComponent(head.target)
  if (reason === 'step_up_required') return `/step-up?next=${next}`
  return reasons[reason].status === 401 ? `/login?next=${next}` : null
}

function addLines(headers: string[], lines: readonly HeaderLine[], { single }: Question): void {
  let cookies = 0
  for (const [name, value] of lines) {
    if (name === 'Set-Cookie') cookies++
    // A third one takes away the cookie of the product before, which is worth nothing any more.
    if (name === 'Set-Cookie' && single && cookies > 2) continue
    headers.push(name === 'Set-Cookie' && single && cookies > 1 ? 'Set-Cookie2' : name, value)
  }
  // What leaves with cookies is nothing for caches (C10), whatever the application says.
  if (cookies > 0 && single) headers.push('X-Auth-Cache-Control', 'no-store', 'X-Auth-Vary', 'Cookie')
}

function write(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, headers as string[])
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
