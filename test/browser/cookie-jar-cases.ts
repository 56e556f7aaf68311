import assert from 'node:assert/strict'
import { budgetFlaw } from '../../src/http/cookie-budget.ts'
import type { HeldCookie } from '../support/browser.ts'
import { seededRandom } from '../support/random.ts'
import { type CookieWorld, call, hosts, signedIn, type Visitor } from './cookie-jar-world.ts'

/** How much is thrown. */
export interface Amount {
  readonly seed: number
  /** Lines whose fate in Chromium is compared with what the budget says of them. */
  readonly compared: number
  /** Lines that a sibling throws at a session. */
  readonly tossed: number
}

export type Facts = Readonly<Record<string, unknown>>

/** One thing that a browser does with cookies. Asserts what must hold; the facts are for the evidence. */
export interface CookieCase {
  readonly title: string
  run(world: CookieWorld, amount: Amount): Promise<Facts>
}

export const sibling = 'blog.example.com'

/** That the server sees the same session, and the browser holds the same credential. */
export async function assertUnchanged(visitor: Visitor, before: readonly HeldCookie[], why = ''): Promise<void> {
  const { status, answer } = await visitor.me()
  assert.deepEqual({ status, id: answer?.id }, { status: 200, id: visitor.id }, why)
  assert.deepEqual(valuesOf(await visitor.ours()), valuesOf(before), why)
}

function valuesOf(jar: readonly HeldCookie[]): readonly string[] {
  return jar.map(({ name, value }) => `${name}=${value}`)
}

export function flagsOf(jar: readonly HeldCookie[]): readonly unknown[] {
  return jar.map(({ name, domain, path, secure, httpOnly, sameSite }) => [
    name,
    domain,
    path,
    secure,
    httpOnly,
    sameSite,
  ])
}

const where = [
  ['app', '__Host-', hosts.app],
  ['shared', '__Secure-', '.example.org'],
  ['localhost', '__Host-', 'localhost'],
] as const

async function lifeOfTheJar(world: CookieWorld): Promise<Facts> {
  for (const [name, prefix, domain] of where) {
    const person = await world.arrive()
    const { page } = person
    const origin = name === 'localhost' ? world.plain : world.at(hosts[name])
    const ada = await signedIn(person, origin, 'ada')
    const first = await ada.ours()
    const expected = ['session', 'snapshot'].map((one) => [`${prefix}${one}`, domain, '/', true, true, 'Lax'])
    assert.deepEqual(flagsOf(await person.jar()), expected, 'C1 C2 accepted as they were set')
    assert.equal(await page.evaluate(() => document.cookie), '', 'C12')
    await page.evaluate((name) => {
      // biome-ignore lint/suspicious/noDocumentCookie: what a script may try.
      document.cookie = `${name}=planted; Path=/; Secure`
    }, `${prefix}session`)
    if (prefix === '__Host-') await assertUnchanged(ada, first, 'C12 nor can a script write it')
    else {
      assert.equal((await ada.me()).answer.user, null, 'C8 what sharing costs: a twin, and both are refused')
      await person.context.clearCookies({ name: `${prefix}session`, domain: hosts.shared })
      await assertUnchanged(ada, first)
    }
    const bob = await signedIn(person, origin, 'bob')
    const second = await bob.ours()
    assert.deepEqual(flagsOf(await person.jar()), expected, 'overwritten: still two')
    assert.ok(first.every(({ value }) => second.every((other) => other.value !== value)))
    assert.equal((await bob.me()).answer.user, 'bob')
    assert.equal((await call(page, '/logout', {})).status, 204)
    assert.deepEqual(await person.jar(), [], 'C9 deleted')
    assert.equal((await bob.me()).answer.user, null)
    await person.leave()
  }
  return { configurations: where.map(([name]) => name), documentCookie: '' }
}

async function overLong(world: CookieWorld): Promise<Facts> {
  const person = await world.arrive()
  const visitor = await signedIn(person, world.at(hosts.app), 'ada')
  const before = await visitor.ours()
  const line = (octets: number): string => `big=${'v'.repeat(octets - 3)}; Path=/; Secure`
  const held = async (): Promise<number> => (await person.jar()).find(({ name }) => name === 'big')?.value.length ?? 0
  await call(visitor.page, '/raw', [line(4096)])
  assert.equal(await held(), 4093)
  await person.context.clearCookies({ name: 'big' })
  await call(visitor.page, '/raw', [line(4097)])
  assert.equal(await held(), 0, 'Chromium drops it without a word')
  const { status, answer } = await call(visitor.page, '/own', [line(4097)])
  assert.deepEqual([status, answer.kind], [500, 'cookie_budget'])
  assert.match(answer.message, /^The cookie big \(4098 bytes\) .*4097 octets/)
  assert.equal((await call(visitor.page, '/own', [line(4096)])).status, 200)
  assert.equal(await held(), 4093)
  const long = `a=1; Path=/${'p'.repeat(1024)}; Secure`
  await call(visitor.page, '/raw', [long])
  const cut = (await person.jar()).find(({ name }) => name === 'a')
  assert.match((await call(visitor.page, '/own', [long])).answer.message, /path is 1025 octets/)
  await assertUnchanged(visitor, before)
  await person.leave()
  return {
    '4096 octets': 'kept',
    '4097 octets': 'dropped by Chromium, named by our error',
    'path of 1025 octets': cut === undefined ? 'dropped by Chromium' : `stored under ${cut.path} by Chromium`,
  }
}

async function budget(world: CookieWorld): Promise<Facts> {
  const person = await world.arrive()
  const visitor = await signedIn(person, world.at(hosts.app), 'ada')
  const before = await visitor.ours()
  let own = 0
  let refusal = ''
  while (refusal === '' && own < 100) {
    const { status, answer } = await call(visitor.page, '/own', [`own${own}=1; Path=/; Secure`])
    if (status === 200) own++
    else refusal = answer.message
  }
  assert.equal(own, 48, 'C5 and the two of the session')
  assert.match(refusal, /^The cookie own48 \(7 bytes\) is number 51/)
  assert.equal((await call(visitor.page, '/own', ['own0=2; Path=/; Secure'])).status, 200, 'changing one goes on')
  assert.equal((await person.jar()).length, 50)
  await visitor.sweep()
  let bytes = ''
  for (let n = 0; bytes === '' && n < 10; n++) {
    const { status, answer } = await call(visitor.page, '/own', [`part${n}=${'v'.repeat(2000)}; Path=/; Secure`])
    if (status !== 200) bytes = answer.message
  }
  const length = `Cookie: ${(await call(visitor.page, '/held')).answer}`.length
  assert.ok(length <= 8190, `${length}`)
  assert.match(bytes, /^The cookie part3 \(2006 bytes\) brings the Cookie header to \d+ bytes/)
  await assertUnchanged(visitor, before)
  await person.leave()
  return { ownCookies: own, refusedByCount: refusal, refusedByBytes: bytes, headerAfterwards: length }
}

async function lifetimes(world: CookieWorld): Promise<Facts> {
  const person = await world.arrive()
  const visitor = await signedIn(person, world.at(hosts.app), 'ada', true)
  const before = await visitor.ours()
  const now = Date.now() / 1000
  const far = [
    'max=1; Path=/; Secure; Max-Age=99999999',
    'exp=1; Path=/; Secure; Expires=Fri, 31 Dec 2100 23:59:59 GMT',
  ]
  assert.equal((await call(visitor.page, '/own', far)).status, 200, 'C4 what a browser shortens is no error')
  const days = (await person.jar())
    .filter(({ name }) => name === 'max' || name === 'exp')
    .map(({ expires }) => (expires - now) / 86_400)
  assert.equal(days.length, 2)
  for (const one of days) assert.ok(one <= 400.001 && one > 399, `${one} days`)
  const ours = before.map(({ name, expires }) => [name, Math.round((expires - now) / 60)])
  assert.deepEqual(ours, [
    ['__Host-session', 30 * 24 * 60],
    ['__Host-snapshot', 5],
  ])
  await assertUnchanged(visitor, before)
  await person.leave()
  return { daysThatChromiumKeeps: days.map(Math.round) }
}

/** Lines of all kinds: what browsers take, drop, or take in part. Only what Node can send: no control characters. */
function anyLine(seed: number): () => string {
  const random = seededRandom(seed)
  const names = [
    'a',
    'b c',
    '',
    '__Host-a',
    '__host-a',
    '__HOST-A',
    '__Secure-a',
    '__sEcUrE-a',
    '__Http-a',
    '__Host-Http-a',
    '__Hosta',
    'é',
  ]
  const values = [
    '1',
    '',
    ' 1 ',
    '=',
    '"q, r"',
    '__Host-a=1',
    '__Secure-',
    '\t',
    'é',
    'v'.repeat(4085),
    'v'.repeat(4096),
    'v'.repeat(4097),
  ]
  const attributes = [
    'Secure',
    'secure',
    'HttpOnly',
    'Path=/',
    'path=/',
    'Path=/',
    'Path=/app',
    'Path',
    'Path=x',
    'Domain=example.com',
    'Domain=.example.com',
    'Domain=',
    'Partitioned',
    'SameSite=None',
    'samesite=none',
    'SameSite=Lax',
    'SameSite=odd',
    'Max-Age=60',
    'Max-Age=x',
    'Max-Age=99999999',
    'Expires=Fri, 31 Dec 2100 23:59:59 GMT',
    'Expires=soon',
    `Path=/${'p'.repeat(1023)}`,
    `Path=/${'p'.repeat(1024)}`,
    '',
    ' ',
    '=',
  ]
  return () => {
    const parts = Array.from({ length: random.below(6) }, () => random.pick(attributes))
    return [random.pick(names) + random.pick(['=', '=', '=', ' = ', '']) + random.pick(values), ...parts].join('; ')
  }
}

async function comparison(world: CookieWorld, { seed, compared }: Amount): Promise<Facts> {
  const person = await world.arrive()
  const { page, context } = person
  await page.goto(world.at(hosts.app))
  const line = anyLine(seed)
  const differ: string[] = []
  const counts = { kept: 0, dropped: 0, cut: 0 }
  for (let n = 0; n < compared; n++) {
    const text = line()
    await context.clearCookies()
    await call(page, '/raw', [text])
    const kept = (await context.cookies()).length > 0
    const flaw = budgetFlaw({ held: undefined, set: [text] })
    const cut = flaw !== undefined && / octets, of which browsers take 1024 /.test(flaw)
    if (cut) counts.cut++
    else if (kept) counts.kept++
    else counts.dropped++
    // A part that is cut away leaves a cookie that is not the one that was set, or none.
    if (!cut && kept !== (flaw === undefined))
      differ.push(`${text.slice(0, 100)}: ${kept ? 'kept' : 'dropped'}, ${flaw}`)
  }
  await person.leave()
  assert.deepEqual(differ, [], 'the budget and Chromium are of one mind')
  assert.ok(counts.kept > compared / 10 && counts.dropped > compared / 10, JSON.stringify(counts))
  return { ...counts, differ: differ.length }
}

async function prefixes(world: CookieWorld): Promise<Facts> {
  const person = await world.arrive()
  const visitor = await signedIn(person, world.at(hosts.app), 'ada')
  const before = await visitor.ours()
  const wrong = [
    '__Host-x=1; Path=/',
    '__Host-x=1; Secure',
    '__Host-x=1; Secure; Path=/app',
    '__Host-x=1; Secure; Path=/; Domain=app.example.com',
    '__Host-x=1; Secure; Path=/; Domain=example.com',
    '__host-x=1; Path=/',
    '__HOST-x=1; Secure; Path=/; Domain=example.com',
    '__Secure-x=1; Path=/',
    '__secure-x=1; Path=/',
    '=__Host-x=1; Secure; Path=/',
    '__Host-x; Secure; Path=/',
  ]
  for (const line of wrong) {
    await call(visitor.page, '/raw', [line])
    assert.equal((await person.jar()).length, 2, `C1 ${line}`)
    assert.equal((await call(visitor.page, '/own', [line])).answer.kind, 'cookie_budget', line)
  }
  const right = ['__Host-y=1; Secure; Path=/', '__Secure-y=1; Secure; Path=/; Domain=example.com']
  assert.equal((await call(visitor.page, '/own', right)).status, 200)
  assert.equal((await person.jar()).length, 4)
  await assertUnchanged(visitor, before)
  await person.leave()
  return { refusedByChromiumAndNamedByUs: wrong.length }
}

export const cookieCases: readonly CookieCase[] = [
  { title: 'C1 C2 C9 C12 ours are accepted, overwritten and deleted, and out of reach of scripts', run: lifeOfTheJar },
  { title: 'C3 an over-long cookie is dropped by Chromium, and named by us before', run: overLong },
  { title: 'C5 one cookie too many, or too large, is named before a browser or a proxy would mind', run: budget },
  { title: 'C4 Chromium keeps 400 days at most; ours live as long as they say', run: lifetimes },
  { title: 'C3 what we say of a line is what Chromium does with it', run: comparison },
  { title: 'C1 C7 prefixes that are set wrongly are refused by Chromium, and named by us', run: prefixes },
]
