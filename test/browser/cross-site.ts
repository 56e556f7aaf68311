import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Response } from 'playwright-core'
import { arrive, type HeldCookie, type Person, until } from '../support/browser.ts'
import { type Attacker, attack, calls, form } from './attacker.ts'
import { type Account, type ServerProcess, serve } from './server-process.ts'
import { replay, sessionIds, signIn, takeTokens, words } from './steps.ts'

const victimHost = 'app.localhost'
/** Where the attacker's pages stand, and what a browser says of their requests. */
const places = [
  { host: 'evil.localhost', site: 'cross-site' },
  { host: '127.0.0.1', site: 'cross-site' },
  { host: 'blog.app.localhost', site: 'same-site' },
  { host: victimHost, site: 'same-site' },
] as const

/** Pages of other sites and of siblings on other names and ports: X1, X4, X5. */
export function crossSiteTests(browser: () => Browser): void {
  describe('pages of others', { concurrency: 1 }, () => {
    let server: ServerProcess
    let attacker: Attacker
    let target: string
    let victim: Person
    let jar: readonly HeldCookie[]
    let sessions: readonly string[]
    let answers: Response[]

    before(async () => {
      server = await serve()
      attacker = await attack()
      target = server.at(victimHost)
      victim = await arrive(browser())
      victim.context.on('response', (response) => {
        if (response.request().method() === 'POST') answers.push(response)
      })
      answers = []
      await signIn(victim, server, { url: target })
      await takeTokens(server)
      jar = await victim.jar()
      sessions = await sessionIds(target, jar)
      assert.equal(sessions.length, 2)
    })
    after(async () => {
      await victim?.leave()
      await attacker?.stop()
      await server?.remove()
    })

    async function assertUntouched(): Promise<void> {
      assert.deepEqual(await victim.jar(), jar)
      assert.equal((await replay(target, jar)).answer.user, server.demo.username)
      assert.deepEqual(await sessionIds(target, jar), sessions)
    }

    /** Opens a page that goes on by itself. */
    async function fallInto(trap: string, to: string): Promise<void> {
      await victim.page.goto(trap, { waitUntil: 'commit' })
      await victim.page.waitForURL(to)
    }

    for (const { host, site } of places) {
      test(`X1, X4 forms at ${host} (${site}) that send themselves change nothing`, async () => {
        const { username, password } = server.demo
        const forms = [
          ['/login', { username, password }],
          ['/login', { username, password, present: 'token' }],
          ['/logout', {}],
          ['/sessions/end', { scope: 'all' }],
          ['/sessions/end', { scope: 'others' }],
          ['/sessions/end', { id: sessions[0] as string }],
          ['/sessions?_method=DELETE&scope=all', { _method: 'DELETE' }],
        ] as const
        // The two that a browser treats most kindly get all of them.
        for (const [path, fields] of site === 'same-site' ? forms : forms.slice(0, 4)) {
          answers = []
          const trap = attacker.page(form(target + path, fields))
          await fallInto(attacker.at(host) + trap, target + path)
          const [answer] = answers
          assert.equal(answer?.status(), 403, path)
          assert.equal(await answer.request().headerValue('sec-fetch-site'), site)
          assert.equal(await answer.headerValue('set-cookie'), null)
          assert.match(await words(victim), /Another page tried this in your name.*Nothing was changed\./)
        }
        await assertUntouched()
      })

      test(`X1, X4 scripts at ${host} (${site}) change nothing`, async () => {
        const { username, password } = server.demo
        const send = (path: string, body: string, type: string, init: RequestInit = { mode: 'no-cors' }) => ({
          url: target + path,
          init: { method: 'POST', headers: { 'Content-Type': type }, body, ...init },
        })
        const login = JSON.stringify({ username, password })
        const requests = [
          send('/login', new URLSearchParams({ ...server.demo }).toString(), 'application/x-www-form-urlencoded'),
          send('/login', login, 'text/plain'),
          send('/login', login, 'application/json', { mode: 'cors' }),
          send('/logout', '', 'text/plain'),
          send('/sessions/end', 'scope=all', 'application/x-www-form-urlencoded'),
          send('/token', 'grant_type=refresh_token', 'application/x-www-form-urlencoded'),
          send('/revoke', `token=${jar[0]?.value}`, 'application/x-www-form-urlencoded'),
          { url: `${target}/sessions?scope=all`, init: { method: 'DELETE' } },
          { url: `${target}/sessions/${sessions[0]}`, init: { method: 'DELETE' } },
          { url: `${target}/session`, init: { mode: 'cors' } },
        ] as const
        const wire = await victim.context.newCDPSession(victim.page)
        const statuses: number[] = []
        wire.on('Network.responseReceivedExtraInfo', ({ statusCode }) => statuses.push(statusCode))
        await wire.send('Network.enable')
        await victim.page.goto(attacker.at(host) + attacker.page(calls(requests)))
        await victim.page.waitForFunction(`document.title.startsWith('done')`)
        // No answer is handed over, not even as an opaque one (Cross-Origin-Resource-Policy): only the wire shows what it was.
        assert.equal(await victim.page.title(), `done${' blocked'.repeat(requests.length)}`)
        await until(async () => statuses.filter((status) => status === 403).length === 6)
        await wire.detach()
        await assertUntouched()
      })
    }

    test('X5 nothing is changed by following a link', async () => {
      for (const path of ['/logout', '/sessions/end?scope=all', '/sessions?scope=all&_method=DELETE', '/login?out']) {
        const trap = attacker.page(`<img src="${target}${path}"><a href="${target}${path}">Look at this</a>`)
        await victim.page.goto(attacker.at('evil.localhost') + trap)
        await Promise.all([
          victim.page.waitForURL((to) => to.host === new URL(target).host),
          victim.page.getByRole('link').click(),
        ])
      }
      await assertUntouched()
    })

    test('X4 a page without an origin of its own (a sandboxed frame) changes nothing', async () => {
      const inner = form(`${target}/logout`, {}).replace('<form', '<form target="_top"').replaceAll('"', '&quot;')
      const allowed = 'allow-scripts allow-forms allow-top-navigation'
      const trap = attacker.page(`<iframe sandbox="${allowed}" srcdoc="${inner}"></iframe>`)
      answers = []
      await fallInto(attacker.at(victimHost) + trap, `${target}/logout`)
      assert.equal(await answers[0]?.request().headerValue('origin'), 'null')
      assert.deepEqual(
        answers.map((answer) => answer.status()),
        [403],
      )
      await assertUntouched()
    })

    test('no page of ours is shown in a frame of theirs', async () => {
      const trap = attacker.page(`<iframe src="${target}/"></iframe>`)
      await victim.page.goto(attacker.at('blog.app.localhost') + trap)
      const frame = victim.page.frames()[1]
      assert.ok(frame !== undefined)
      assert.doesNotMatch(await frame.content(), /Your sessions|Sign in/)
    })

    test('C7, C8 a sibling cannot plant a cookie of ours', async () => {
      const plant = ['__Host-session', '__host-session', '__Host-snapshot'].map(
        (name) => `document.cookie = '${name}=planted; Domain=app.localhost; Path=/; Secure'`,
      )
      const trap = attacker.page(`<script>${plant.join(';')}; document.title = 'done'</script>`)
      await victim.page.goto(attacker.at('blog.app.localhost') + trap)
      await victim.page.waitForFunction(`document.title === 'done'`)
      await victim.page.goto(target)
      assert.match(await words(victim), /You are signed in as demo/)
      const ours = (await victim.jar()).filter(({ name }) => name.startsWith('__Host-'))
      assert.deepEqual(ours, jar)
      await victim.context.clearCookies({ name: '__host-session' })
      await assertUntouched()
    })

    test('its own page still does all of it', async () => {
      const { page } = victim
      await page.goto(target)
      await Promise.all([page.waitForURL('**/?ended'), page.getByRole('button', { name: /^End the session/ }).click()])
      await Promise.all([page.waitForURL('**/login?out'), page.getByRole('button', { name: 'Sign out here' }).click()])
      assert.deepEqual(await victim.jar(), [])
    })

    test('X4 nobody is signed in as somebody else without a word', async () => {
      const stranger: Account = server.demo
      const trap = attacker.page(form(`${target}/login`, { ...stranger }))
      for (const { host } of places) {
        await fallInto(attacker.at(host) + trap, `${target}/login`)
        assert.deepEqual(await victim.jar(), [], host)
      }
    })
  })
}
