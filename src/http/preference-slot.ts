import { second, toSeconds } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { type Cookie, readCookies } from './cookie.ts'
import { escapeText, openContent, signContent, unescapeText } from './preference-cookie.ts'
import type { PreferencePlan } from './preference-plan.ts'
import type { Visit } from './visit.ts'

/** One preference in one request: what its cookie says, and what was set since. */
export interface PreferenceSlot {
  get(): Promise<unknown>
  set(value: unknown): Promise<void>
  delete(): Promise<void>
}

/** Where the value is. */
type Held =
  | { readonly where: 'nowhere' }
  | { readonly where: 'cookie'; readonly text: string }
  | { readonly where: 'server'; readonly reference: string; readonly end: number; text: Promise<string | null> | null }

type OnServer = Held & { readonly where: 'server' }

/** Most characters on the server; more than any text that `json` reads. */
const mostKept = 65_536

export function createPreferenceSlot(visit: Visit, plan: PreferencePlan): PreferenceSlot {
  const { engine, ring } = visit.opened
  const { clock, kept } = engine
  const cookie = cookieOf(visit, plan)
  let held = readHeld(visit, plan, cookie.name)
  let turns: Promise<void> = Promise.resolve()

  /** Changes happen in the order in which they were asked for, awaited or not. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const turn = turns.then(work)
    turns = turn.then(
      () => {},
      () => {},
    )
    return turn
  }

  async function readText(): Promise<string | null> {
    if (held.where === 'nowhere') return null
    if (held.where === 'cookie') return held.text
    visit.keepFromCaches()
    const server = held
    server.text ??= kept.find(server.reference).catch((error: unknown) => {
      server.text = null
      throw error
    })
    return server.text
  }

  async function get(): Promise<unknown> {
    visit.varyByCookie()
    await turns
    const stored = await readText()
    const read = stored === null ? null : await plan.kind.read(stored)
    return read === null ? initialValue(plan) : read.value
  }

  async function set(value: unknown): Promise<void> {
    const text = await plan.kind.write(value)
    if (text === null) throw new Fault('invalid_value', `${plan.name} takes ${plan.kind.takes}. Nothing was changed.`)
    const end = toSeconds(clock.now() + plan.lifetime)
    const octets = escapeText(text)
    const written = plan.signed ? signContent(ring, cookie.name, { holds: 'value', octets, end }) : octets
    const bytes = cookie.name.length + written.length
    if (bytes <= plan.cookieBytes) return setInCookie(text, written)
    if (plan.overflow === 'refuse')
      throw tooLarge(
        plan,
        `its cookie ${cookie.name} would have ${bytes} bytes of name and value, and may have ${plan.cookieBytes}`,
      )
    if (text.length > mostKept)
      throw tooLarge(
        plan,
        `it has ${bytes} bytes with the name of its cookie ${cookie.name}, and the server keeps at most ${mostKept} characters`,
      )
    if (held.where !== 'server' || !(await setInPlace(held, text, end))) await moveToServer(text, end)
  }

  async function setInCookie(text: string, written: string): Promise<void> {
    visit.setCookie({ ...cookie, value: written, maxAge: plan.lifetime / second })
    await leaveServer({ where: 'cookie', text })
  }

  async function remove(): Promise<void> {
    visit.deleteCookie(cookie)
    await leaveServer({ where: 'nowhere' })
  }

  /** The cookie is on its way; it is called back if what it replaces cannot be removed. */
  async function leaveServer(next: Held): Promise<void> {
    const before = held
    if (before.where === 'server') await orElsePutBack(before, () => kept.remove(before.reference))
    held = next
  }

  /** The reference stays, so that requests under way with it find the new value rather than none. False if there is nothing to replace. */
  async function setInPlace(before: OnServer, text: string, end: number): Promise<boolean> {
    setReference(before.reference, end)
    const replaced = await orElsePutBack(before, () => kept.replace(before.reference, text, end * second))
    if (replaced) held = { ...before, end, text: Promise.resolve(text) }
    return replaced
  }

  async function moveToServer(text: string, end: number): Promise<void> {
    const reference = await kept.insert(text, end * second)
    try {
      setReference(reference, end)
    } catch (error) {
      await kept.remove(reference)
      throw error
    }
    held = { where: 'server', reference, end, text: Promise.resolve(text) }
  }

  async function orElsePutBack<T>(before: OnServer, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      setReference(before.reference, before.end)
      throw error
    }
  }

  function setReference(reference: string, end: number): void {
    const value = signContent(ring, cookie.name, { holds: 'reference', octets: reference, end })
    visit.setCookie({ ...cookie, value, maxAge: Math.max(1, end - toSeconds(clock.now())) })
  }

  return { get, set: (value) => inTurn(() => set(value)), delete: () => inTurn(remove) }
}

function cookieOf({ opened }: Visit, plan: PreferencePlan): Omit<Cookie, 'value' | 'maxAge'> {
  const { insecureHttp } = opened.settings
  const name = insecureHttp ? plan.name : `__Host-${plan.name}`
  return { name, path: '/', secure: !insecureHttp, httpOnly: !plan.readableByScript, sameSite: 'Lax' }
}

function readHeld({ opened, head }: Visit, plan: PreferencePlan, name: string): Held {
  const [found] = readCookies(head.header('cookie'), [name])
  if (typeof found !== 'string' || name.length + found.length > 4096) return { where: 'nowhere' }
  if (!plan.signed) return inCookie(found)
  const content = openContent(opened.ring, name, found, opened.engine.clock.now())
  if (content === null) return { where: 'nowhere' }
  if (content.holds === 'value') return inCookie(content.octets)
  return { where: 'server', reference: content.octets, end: content.end, text: null }
}

function inCookie(octets: string): Held {
  const text = unescapeText(octets)
  return text === null ? { where: 'nowhere' } : { where: 'cookie', text }
}

/** Read anew each time, so that nobody changes it for others. */
async function initialValue(plan: PreferencePlan): Promise<unknown> {
  const text = await plan.initial
  const read = text === null ? null : await plan.kind.read(text)
  if (read === null)
    throw new Fault('invalid_option', `The default of the preference ${plan.name} is not ${plan.kind.takes}.`)
  return read.value
}

function tooLarge(plan: PreferencePlan, why: string): Fault {
  return new Fault('invalid_value', `The preference ${plan.name} does not fit: ${why}. Nothing was changed.`)
}
