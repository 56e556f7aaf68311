import { BlockList, isIP } from 'node:net'
import type { SessionPage } from '../../engine/end.ts'
import type { AnyAuth } from '../../http/auth.ts'
import type { PublicSession } from '../../model/session.ts'
import { deviceOf } from '../pages/device.ts'
import { english } from '../pages/words/english.ts'

/** What sessions are looked for by; all that is given must fit. */
export interface Wanted {
  /** Anything that an administrator may have in hand: handle, user, name, tenant, address or device. */
  readonly q?: string | undefined
  /** The user id, whole. */
  readonly user?: string | undefined
  readonly tenant?: string | undefined
  /** An address, the beginning of one (`192.0.2.`), or a network (`192.0.2.0/24`). */
  readonly address?: string | undefined
  /** Words of the device (`Firefox on Linux`), in any case. */
  readonly device?: string | undefined
  readonly present?: 'cookie' | 'token' | undefined
}

/** Whether a session is among the wanted. */
export type Fits = (session: PublicSession) => boolean

export function fits(wanted: Wanted): Fits {
  const device = deviceNames()
  const inDevice = (text: string): Fits => {
    const words = text.toLowerCase()
    return (session) => device(session.device.agent).includes(words)
  }
  const tests: Fits[] = []
  const { q, user, tenant, address, present } = wanted
  if (user !== undefined) tests.push((session) => session.user === user)
  if (tenant !== undefined) tests.push((session) => session.tenant === tenant)
  if (present !== undefined) tests.push((session) => session.presentation === present)
  if (address !== undefined) tests.push(fromAddress(address))
  if (wanted.device !== undefined) tests.push(inDevice(wanted.device))
  if (q !== undefined) tests.push(anything(q, inDevice(q)))
  return (session) => tests.every((test) => test(session))
}

function anything(text: string, inDevice: Fits): Fits {
  const words = text.toLowerCase()
  const byAddress = /^[0-9a-f.:/]+$/i.test(text) ? fromAddress(text) : () => false
  return (session) =>
    session.id === text ||
    contains(session.user, words) ||
    contains(session.claims.preferred_username, words) ||
    contains(session.tenant, words) ||
    byAddress(session) ||
    inDevice(session)
}

function contains(value: unknown, words: string): boolean {
  return typeof value === 'string' && value.toLowerCase().includes(words)
}

function fromAddress(text: string): Fits {
  const network = networkOf(text)
  if (network === null) {
    const beginning = text.toLowerCase()
    return ({ device }) => device.address?.startsWith(beginning) === true
  }
  return ({ device: { address } }) => address !== null && network.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Of `ADDRESS/BITS`, or of a whole address; null: a beginning. */
function networkOf(text: string): BlockList | null {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  const whole = version === 6 ? 128 : 32
  const length = bits === undefined ? whole : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
  if (version === 0 || length < 0 || length > whole || more.length > 0) return null
  const network = new BlockList()
  network.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4')
  return network
}

/** The same few agents come again and again. */
function deviceNames(): (agent: string) => string {
  const known = new Map<string, string>()
  return (agent) => {
    let name = known.get(agent)
    if (name === undefined) {
      name = deviceOf(agent, english.device).toLowerCase()
      if (known.size < mostNames) known.set(agent, name)
    }
    return name
  }
}

const mostNames = 5000

/** Sessions looked at in one go: short enough for other requests to come in between. */
const stride = 500

export interface Searched {
  readonly sessions: readonly PublicSession[]
  readonly lookedAt: number
  readonly next: string | null
}

/**
 * Goes on through all sessions until it has found `limit` of the wanted, or a little more, or has looked at about `most`.
 *
 * Cost: one read for each 500 looked at, at least one.
 */
export async function search(
  auth: Pick<AnyAuth, 'scan'>,
  wanted: Fits,
  { after, limit, most }: { readonly after: string | undefined; readonly limit: number; readonly most: number },
): Promise<Searched> {
  const sessions: PublicSession[] = []
  let lookedAt = 0
  for await (const page of pagesOf(auth, after)) {
    sessions.push(...page.sessions.filter(wanted))
    lookedAt += stride
    if (sessions.length >= limit || lookedAt >= most) return { sessions, lookedAt, next: page.next }
  }
  return { sessions, lookedAt, next: null }
}

/** Every one of the wanted; one may be given twice. Cost: one read for each 500 sessions that there are. */
export async function forEachFound(
  auth: Pick<AnyAuth, 'scan'>,
  wanted: Fits,
  visit: (sessions: readonly PublicSession[]) => void,
): Promise<void> {
  for await (const { sessions } of pagesOf(auth)) visit(sessions.filter(wanted))
}

/** To the last one, with room for other requests in between. */
async function* pagesOf(auth: Pick<AnyAuth, 'scan'>, after?: string): AsyncGenerator<SessionPage> {
  let next: string | null | undefined = after
  do {
    const page: SessionPage = await auth.scan(stride, next)
    yield page
    next = page.next
    await breath()
  } while (next !== null)
}

function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
