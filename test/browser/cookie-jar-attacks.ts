import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Frame } from 'playwright-core'
import type { Person } from '../support/browser.ts'
import { seededRandom } from '../support/random.ts'
import { type Amount, assertUnchanged, type CookieCase, type Facts } from './cookie-jar-cases.ts'
import { type CookieWorld, call, hosts, signedIn, type Visitor } from './cookie-jar-world.ts'

const sibling = 'blog.example.com'

/** `evil0=v; …`, so many. */
function planted(count: number, attributes: string, length = 1): readonly string[] {
  return Array.from({ length: count }, (_, n) => `evil${n}=${'v'.repeat(length)}; Path=/; ${attributes}`)
}

const domain = 'Domain=example.com'

/** Names that look like ours, in all the ways that a sibling can set them. */
const lookalikes = [
  '__Host-session=evil',
  '__Host-snapshot=evil',
  '__host-session=evil',
  '__HOST-SESSION=evil',
  '__Host-session =evil',
  ' __Host-session=evil',
  '=__Host-session=evil',
  '__Host-session',
  '%5F%5FHost-session=evil',
  '__Host%2Dsession=evil',
  '..Host-session=evil',
  '__Host_session=evil',
  '__Secure-session=evil',
  'session=evil',
  '"__Host-session"=evil',
  '__Host-session[]=evil',
  '\u00a0__Host-session=evil',
  'a=1, __Host-session=evil',
  '=evil',
  '__Host-session=; Max-Age=0',
  '__Host-session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
]
const attributes = [
  domain,
  'Domain=.example.com',
  'Domain=app.example.com',
  'Path=/',
  'Path=/me',
  'Secure',
  'HttpOnly',
  'SameSite=None',
  'SameSite=Strict',
  'Partitioned',
  'Max-Age=60',
]

const twinAttributes = [
  `${domain}; Secure`,
  `${domain}; Secure; Path=/`,
  `${domain}; Path=/`,
  `${domain}; Path=/me; Secure`,
  'Domain=app.example.com; Path=/; Secure',
]

async function twins(world: CookieWorld): Promise<Facts> {
  const person = await world.arrive()
  const visitor = await signedIn(person, world.at(hosts.app), 'ada')
  const before = await visitor.ours()
  let arrived = 0
  for (const from of [sibling, 'example.com', 'www.app.example.com'])
    for (let at = 0; at < lookalikes.length; at += 7) {
      const looks = lookalikes.slice(at, at + 7)
      const lines = looks.flatMap((look) => twinAttributes.map((more) => `${look}; ${more}`))
      await visitor.toss(world.at(from), lines)
      arrived += (await person.jar()).length - 2
      await assertUnchanged(visitor, before, `C7 C8 ${looks} from ${from}`)
      await visitor.sweep()
    }
  await visitor.page.goto(world.at(sibling))
  await visitor.page.evaluate((domain) => {
    for (const name of ['__Host-session', '__host-session', '__Host-snapshot', '']) {
      // biome-ignore lint/suspicious/noDocumentCookie: what a script may try.
      document.cookie = `${name}=evil; ${domain}; Path=/; Secure`
    }
  }, domain)
  await assertUnchanged(visitor, before, 'by script')
  await person.leave()
  return {
    lookalikes: lookalikes.length,
    lines: 3 * lookalikes.length * twinAttributes.length,
    thatChromiumStored: arrived,
  }
}

async function anyToss(world: CookieWorld, { seed, tossed }: Amount): Promise<Facts> {
  const random = seededRandom(seed)
  const person = await world.arrive()
  const visitor = await signedIn(person, world.at(hosts.app), 'ada')
  const before = await visitor.ours()
  let stored = 0
  for (let sent = 0; sent < tossed; sent += 50) {
    const lines = Array.from({ length: 50 }, () => {
      const more = Array.from({ length: random.below(5) }, () => random.pick(attributes))
      return [random.pick(lookalikes), ...more].join('; ')
    })
    await visitor.toss(world.at(random.pick([sibling, 'example.com', 'www.app.example.com'])), lines)
    stored += (await person.jar()).length - 2
    await assertUnchanged(visitor, before, `after ${sent} with seed ${seed}`)
    await visitor.sweep()
  }
  await person.leave()
  return { tossed, heldByChromium: stored, changed: 0 }
}

/** Whom the server sees after it, and whether a new sign-in is clean. */
async function flood(
  world: CookieWorld,
  lines: readonly string[],
): Promise<{ readonly ours: readonly string[]; readonly held: number; readonly sees: string }> {
  const person = await world.arrive()
  const visitor = await signedIn(person, world.at(hosts.app), 'ada')
  const before = await visitor.ours()
  await visitor.toss(world.at(sibling), lines)
  const held = (await person.jar()).length
  const ours = await visitor.ours()
  const { status, answer } = await visitor.me()
  assert.equal(status, 200)
  const same = ours.length === 2
  // Never somebody else; at worst nobody.
  assert.equal(answer.user, same || ours.some(({ name }) => name === '__Host-session') ? 'ada' : null)
  if (same) await assertUnchanged(visitor, before)
  else await assertCleanSignIn(person, visitor)
  await person.leave()
  return { ours: ours.map(({ name }) => name), held, sees: answer.user ?? 'nobody' }
}

async function assertCleanSignIn(person: Person, lost: Visitor): Promise<void> {
  const again = await signedIn(person, lost.origin, 'ada')
  const { answer } = await again.me()
  assert.equal(answer.user, 'ada')
  assert.notEqual(answer.id, lost.id)
  assert.equal((await again.ours()).length, 2)
}

async function sixty(world: CookieWorld): Promise<Facts> {
  const plain = await flood(world, planted(60, domain))
  const secure = await flood(world, planted(60, `${domain}; Secure; HttpOnly`))
  for (const { ours, held } of [plain, secure]) assert.deepEqual([ours.length, held], [2, 62])
  const person = await world.arrive()
  const visitor = await signedIn(person, world.at(hosts.app), 'ada')
  await visitor.toss(world.at(sibling), planted(60, domain))
  await visitor.page.goto(visitor.origin)
  const refused = await call(visitor.page, '/own', ['theme=dark; Path=/; Secure'])
  assert.match(refused.answer.message, /^The cookie theme .*number 63/, 'C5 the application hears of it')
  const bob = await signedIn(person, visitor.origin, 'bob')
  assert.equal((await bob.me()).answer.user, 'bob', 'session cookies leave all the same')
  assert.equal((await call(bob.page, '/logout', {})).status, 204)
  assert.deepEqual(await bob.ours(), [])
  await person.leave()
  return { plain, secure }
}

async function twoHundred(world: CookieWorld): Promise<Facts> {
  return {
    withoutSecure: await flood(world, planted(200, domain)),
    withSecure: await flood(world, planted(200, `${domain}; Secure`)),
    withSecureAndHighPriority: await flood(world, planted(200, `${domain}; Secure; Priority=High`)),
  }
}

async function bomb(world: CookieWorld): Promise<Facts> {
  const person = await world.arrive()
  const visitor = await signedIn(person, world.at(hosts.app), 'ada')
  const before = await visitor.ours()
  const open = await person.context.newPage()
  await open.goto(visitor.origin)
  await visitor.toss(world.at(sibling), planted(10, `${domain}; Secure`, 3500))
  const status = await open.evaluate(() => fetch('/me').then(({ status }) => status))
  assert.equal(status, 431, 'Node refuses the head; nobody is signed out')
  await visitor.sweep()
  await visitor.page.goto(visitor.origin)
  await assertUnchanged(visitor, before, 'the session stands')
  await person.leave()
  return { '10 cookies of 3500 octets': '431 until they are deleted; the session stands' }
}

async function framedBy(world: CookieWorld, person: Person, site: string): Promise<Frame> {
  await person.page.goto(`${world.at(site)}/frame?of=${world.at(hosts.framed)}`)
  const frame = person.page.frames()[1]
  assert.ok(frame !== undefined)
  await frame.waitForLoadState()
  return frame
}

async function partitions(world: CookieWorld): Promise<Facts> {
  const person = await world.arrive()
  const user = async (frame: Frame): Promise<unknown> => (await call(frame, '/me')).answer.user
  const first = await framedBy(world, person, 'first.test')
  assert.equal((await call(first, '/login', { user: 'ada' })).answer.user, 'ada')
  assert.equal(await user(first), 'ada')
  const jar = await person.jar()
  assert.deepEqual(
    jar.map(({ name, sameSite }) => [name, sameSite]),
    [
      ['__Host-session', 'None'],
      ['__Host-snapshot', 'None'],
    ],
  )
  assert.equal(await first.evaluate(() => document.cookie), '')
  const second = await framedBy(world, person, 'second.test')
  assert.equal(await user(second), null, 'the other site has a jar of its own')
  await call(second, '/login', { user: 'bob' })
  assert.equal(await user(second), 'bob')
  assert.equal(await user(await framedBy(world, person, 'first.test')), 'ada')
  await person.page.goto(world.at(hosts.framed))
  assert.equal((await call(person.page, '/me')).answer.user, null, 'and so has the application by itself')
  await framedBy(world, person, 'first.test')
  const refused = await person.page.evaluate(
    (url) => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include' }).then(({ type }) => type),
    `${world.at(hosts.framed)}/logout`,
  )
  assert.equal(refused, 'opaque')
  const back = await framedBy(world, person, 'first.test')
  assert.equal(await user(back), 'ada', 'X4 the embedding page cannot sign the user out')
  assert.equal((await call(back, '/logout', {})).status, 204)
  assert.equal(await user(back), null)
  assert.equal((await person.jar()).length, 2, 'C9 deleted in its own partition')
  assert.equal(await user(await framedBy(world, person, 'second.test')), 'bob')
  await person.leave()
  return { partitions: 3, sessions: 2 }
}

async function restart(world: CookieWorld): Promise<Facts> {
  const profile = mkdtempSync(join(tmpdir(), 'handstamp-jar-'))
  try {
    const first = await world.withProfile(profile)
    const lasting = await signedIn(first, world.at(hosts.app), 'ada', true)
    await signedIn(first, world.at(hosts.shared), 'bob')
    await first.leave()
    const second = await world.withProfile(profile)
    await second.page.goto(world.at(hosts.app))
    assert.equal((await call(second.page, '/me')).answer.id, lasting.id, 'remembered')
    await second.page.goto(world.at(hosts.shared))
    assert.equal((await call(second.page, '/me')).answer.user, null, 'ended with the browser')
    await second.leave()
  } finally {
    rmSync(profile, { recursive: true, force: true })
  }
  return { remembered: 'stays', notRemembered: 'gone' }
}

async function costOfSharing(world: CookieWorld): Promise<Facts> {
  const person = await world.arrive()
  const mallory = await world.arrive()
  const theirs = await signedIn(mallory, world.at(hosts.shared), 'mallory')
  const visitor = await signedIn(person, world.at(hosts.shared), 'ada')
  const [credential] = await theirs.ours()
  await visitor.page.goto(world.at('blog.example.org'))
  assert.match((await call(visitor.page, '/held')).answer, /__Secure-session=/, 'a sibling is shown the credential')
  const line = `__Secure-session=${credential?.value}; Domain=example.org; Secure`
  await visitor.toss(world.at('blog.example.org'), [`${line}; Path=/me`])
  assert.equal((await visitor.me()).answer.user, null, 'C8 two of a name are refused')
  await person.context.clearCookies({ path: '/me' })
  assert.equal((await visitor.me()).answer.user, 'ada')
  await visitor.toss(world.at('blog.example.org'), [`${line}; Path=/`])
  const { answer } = await visitor.me()
  for (const one of [mallory, person]) await one.leave()
  return { aSiblingIsShownTheCredential: true, aSiblingReplacesIt: `signed in as ${answer.user}` }
}

export const cookieAttacks: readonly CookieCase[] = [
  {
    title: 'C7 C8 30 twins and lookalikes from siblings, by header and by script: the session is unchanged',
    run: twins,
  },
  { title: 'C7 C8 30 any lines from siblings: the session is unchanged', run: anyToss },
  {
    title: 'C5 30 sixty cookies from a sibling: the session is unchanged, and its cookies leave all the same',
    run: sixty,
  },
  { title: '30 two hundred cookies from a sibling: the same session, or nobody and a clean sign-in', run: twoHundred },
  { title: '30 a head too large to be read is refused, and the session stands', run: bomb },
  { title: 'C1 C9 under two sites that embed it, an application has two jars', run: partitions },
  { title: 'C4 a browser that is closed keeps the remembered session, and only that', run: restart },
  { title: 'C8 what sharedDomain costs: siblings are shown the credential, and can replace it', run: costOfSharing },
]
