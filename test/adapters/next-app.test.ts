import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { makeSid } from '../../src/model/partition.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { type Browser, createBrowser, createWire, type Wire } from '../support/app-client.ts'
import { arrive, inChromium } from '../support/browser.ts'
import { type NextApp, startNext, withNext } from '../support/next-app.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ada = { username: 'ada', password: 'notes on the engine' }
const pair = ['__Host-session', '__Host-snapshot']

withNext('the app of examples/next, built and started', () => {
  const data = temporaryFolder()
  let app: NextApp
  let wire: Wire
  before(async () => {
    app = await startNext(data)
    // C10 is asked of route handlers below: Next writes Vary of its pages itself.
    wire = createWire(app.port, [])
  })
  after(async () => {
    wire?.close()
    await app?.stop()
  })

  const newcomer = (): Browser => createBrowser(wire, systemClock)

  async function signedIn(): Promise<Browser> {
    const browser = newcomer()
    const login = await browser.post('/login', ada)
    assert.equal(login.status, 200)
    assert.deepEqual([...browser.jar.keys()].sort(), pair)
    return browser
  }

  /** The rotation as the store has it; `older` lets time go by for it. */
  async function rotationOf(browser: Browser, older = 0): Promise<number> {
    const id = sidOf(browser)
    const backend = sqlite({ path: app.database })
    try {
      await backend.ready()
      const found = await backend.store.find(id)
      assert.ok(found !== null)
      const { rotation, seenAt } = found.record
      if (older > 0) await backend.store.rotate(id, rotation, { ...rotation, at: rotation.at - older }, seenAt)
      return rotation.cur
    } finally {
      await backend.close()
    }
  }

  describe('by HTTP', () => {
    test('S6 logs in, checks and logs out; a copied pair is refused afterwards by route and component', async () => {
      const browser = newcomer()
      assert.equal((await browser.get('/me')).reason, 'anonymous')
      assert.equal((await browser.post('/login', { ...ada, password: 'wrong' })).status, 401)
      assert.match((await browser.get('/')).body, /Sign in/)
      assert.equal(browser.jar.size, 0)

      const known = await signedIn()
      assert.deepEqual((await known.get('/me')).json(), { user: '42' })
      assert.match((await known.get('/')).body, /Hello/)

      const copy = known.copy()
      const logout = await known.post('/auth/logout')
      assert.equal(logout.status, 204)
      assert.equal(known.jar.size, 0)
      for (const name of ['', '__Host-snapshot']) {
        if (name !== '') copy.put(name, null)
        assert.equal((await copy.get('/me')).reason, 'revoked')
        const page = await copy.get('/')
        assert.match(page.body, /Sign in/)
        assert.deepEqual(page.cookies, [])
      }
    })

    test('a lost snapshot is renewed by the proxy, once for proxy, component and route', async () => {
      for (const path of ['/', '/me']) {
        const browser = await signedIn()
        browser.put('__Host-snapshot', null)
        const answer = await browser.get(path)
        assert.match(answer.body, path === '/' ? /Hello/ : /"42"/)
        assert.deepEqual(answer.cookies.map(({ name }) => name).sort(), pair)
        assert.match(answer.header('cache-control') ?? '', /no-store/)
        assert.deepEqual((await browser.get(path)).cookies, [], 'and the next request needs none')
      }
    })

    test('R2 twenty requests at once with an old credential rotate it once', async () => {
      const browser = await signedIn()
      browser.put('__Host-snapshot', null)
      const before = await rotationOf(browser, 120_000)
      const copies = Array.from({ length: 20 }, (_, index) => ({
        path: index % 2 === 0 ? '/' : '/me',
        browser: browser.copy(),
      }))
      const answers = await Promise.all(copies.map(({ path, browser }) => browser.get(path)))
      for (const { status, body } of answers) {
        assert.equal(status, 200)
        assert.match(body, /Hello|"42"/)
      }
      assert.equal(await rotationOf(browser), before + 1)
      const credentials = answers.flatMap(({ cookies }) => cookies).filter(({ name }) => name === '__Host-session')
      assert.equal(new Set(credentials.map(({ value }) => value)).size, 1)
    })

    test('a logout whose snapshot has gone sets each cookie once, to nothing', async () => {
      const browser = await signedIn()
      browser.put('__Host-snapshot', null)
      const { status, cookies } = await browser.post('/auth/logout')
      assert.equal(status, 204)
      assert.deepEqual(
        cookies.map(({ name, value }) => [name, value]),
        pair.map((name) => [name, '']),
      )
    })

    test('nothing is renewed for a prefetch', async () => {
      const browser = await signedIn()
      browser.put('__Host-snapshot', null)
      const answer = await browser.get('/', { 'Sec-Purpose': 'prefetch' })
      assert.match(answer.body, /Hello/)
      assert.deepEqual(answer.cookies, [])
    })

    test('X1 what another site has started is refused at routes and pages, whatever else it says', async () => {
      const browser = await signedIn()
      const spoofs = {
        'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy',
        'x-middleware-override-headers': 'cookie',
        'X-Forwarded-Host': 'elsewhere.example',
      }
      for (const path of ['/auth/logout', '/login', '/'])
        for (const more of [{}, spoofs]) {
          const answer = await browser.post(path, ada, { 'Sec-Fetch-Site': 'cross-site', ...more })
          assert.equal(answer.status, 403)
          assert.equal(answer.reason, 'cross_site')
          assert.deepEqual(answer.cookies, [])
        }
      assert.deepEqual((await browser.get('/me')).json(), { user: '42' })
    })

    test('no header that Next uses inside makes somebody of nobody', async () => {
      const known = await signedIn()
      const cookie = known.cookie() ?? ''
      const spoofs = {
        'x-middleware-request-cookie': cookie,
        'x-middleware-override-headers': 'cookie',
        'x-middleware-set-cookie': cookie.replaceAll('; ', ','),
        'x-middleware-rewrite': '/me',
      }
      const answer = await newcomer().get('/me', spoofs)
      assert.equal(answer.reason, 'anonymous')
      assert.match((await newcomer().get('/', spoofs)).body, /Sign in/)
    })

    test('C10 route handlers that read the session are not cached and vary by Cookie', async () => {
      const answer = await (await signedIn()).get('/me')
      assert.equal(answer.header('cache-control'), 'no-store')
      assert.match(answer.header('vary') ?? '', /(^|, )Cookie(,|$)/)
    })

    test('the endpoints are there, and say 404 and 405', async () => {
      const keys = await newcomer().get('/auth/.well-known/jwks.json')
      assert.equal(keys.header('content-type'), 'application/jwk-set+json')
      assert.equal((await newcomer().get('/auth/nothing')).reason, 'not_found')
      assert.equal((await newcomer().get('/auth/logout')).reason, 'method_not_allowed')
    })
  })

  test('what `next build` has written does not hold the secret', () => {
    const files = readdirSync(app.built, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const holding = files.filter((file) => readFileSync(join(file.parentPath, file.name)).includes(app.secret))
    assert.deepEqual(holding, [])
  })

  inChromium('in Chromium', (chromium) => {
    for (const javaScriptEnabled of [true, false])
      test(`signs in and out by server functions, ${javaScriptEnabled ? 'with' : 'without'} script`, async () => {
        const person = await arrive(chromium(), { javaScriptEnabled })
        const { page } = person
        await page.goto(app.url)
        await page.getByLabel('Name').fill('ada')
        await page.getByLabel('Password').fill('wrong')
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByText('The name or the password is wrong.').waitFor()

        await page.getByLabel('Name').fill('ada')
        await page.getByLabel('Password').fill(ada.password)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByRole('heading', { name: 'Hello, 42' }).waitFor()
        const jar = await person.jar()
        assert.deepEqual(
          jar.map(({ name, httpOnly, secure, sameSite, path }) => ({ name, httpOnly, secure, sameSite, path })),
          pair.map((name) => ({ name, httpOnly: true, secure: true, sameSite: 'Lax', path: '/' })),
        )

        await person.context.clearCookies({ name: '__Host-snapshot' })
        await page.reload()
        await page.getByRole('heading', { name: 'Hello, 42' }).waitFor()
        assert.equal((await person.jar()).length, 2)

        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.getByRole('heading', { name: 'Sign in' }).waitFor()
        assert.deepEqual(await person.jar(), [])
        assert.deepEqual([...person.hosts], [new URL(app.url).host])
        assert.deepEqual(person.complaints, [])
        await person.leave()
      })
  })
})

/** The public id in a session cookie: partition and handle. */
function sidOf(browser: Browser): string {
  const bytes = Buffer.from(browser.jar.get('__Host-session') ?? '', 'base64url')
  return makeSid(bytes[7] as number, bytes.toString('base64url', 8, 24))
}
