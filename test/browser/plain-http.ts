import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { Browser, Response } from 'playwright-core'
import { arrive } from '../support/browser.ts'
import { type Attacker, attack, form } from './attacker.ts'
import { type ServerProcess, serve } from './server-process.ts'
import { replay, signIn, words, wordsOf } from './steps.ts'

/** Plain http beyond this machine: refused, or allowed by name. Browsers send no Fetch Metadata there, so X2 decides by Origin. */
export function plainHttpTests(browser: () => Browser): void {
  describe('over plain http', { concurrency: 1 }, () => {
    let server: ServerProcess
    let attacker: Attacker
    before(async () => {
      const port = await freePort()
      server = await serve({
        PORT: String(port),
        HANDSTAMP_ORIGIN: `http://app.shop.test:${port}`,
        HANDSTAMP_INSECURE_HTTP: 'true',
      })
      attacker = await attack()
    })
    after(async () => {
      await attacker?.stop()
      await server?.remove()
    })

    test('without being asked to, the page takes no password and says why', async () => {
      const strict = await serve()
      const person = await arrive(browser())
      const { page } = person
      try {
        const url = strict.at('app.shop.test')
        await page.goto(url)
        assert.match(await wordsOf(page.getByRole('alert')), /This connection is not encrypted/)
        assert.equal(await page.getByLabel('Password').count(), 0)
        const { username, password } = strict.demo
        await page.evaluate(`document.querySelector('main').innerHTML = \`<form method="post" action="/login">
          <input name="username" value="${username}"><input name="password" value="${password}"><button>Send</button></form>\``)
        const answered = page.waitForResponse(`${url}/login`)
        await page.getByRole('button', { name: 'Send' }).click()
        const answer = await answered
        assert.ok([400, 403].includes(answer.status()))
        assert.equal(await answer.headerValue('set-cookie'), null)
        assert.deepEqual(await person.jar(), [])
      } finally {
        await person.leave()
        await strict.remove()
      }
    })

    test('X2, X4 allowed by name: its own pages work, those of others are refused by their Origin', async () => {
      const url = server.at('app.shop.test')
      const person = await arrive(browser())
      const { page } = person
      await signIn(person, server, { url })
      const jar = await person.jar()
      assert.deepEqual(
        jar.map(({ name, secure, httpOnly, sameSite }) => ({ name, secure, httpOnly, sameSite })),
        [
          { name: 'session', secure: false, httpOnly: true, sameSite: 'Lax' },
          { name: 'snapshot', secure: false, httpOnly: true, sameSite: 'Lax' },
        ],
      )
      const { username, password } = server.demo
      for (const host of ['evil.test', 'blog.shop.test', 'app.shop.test'])
        for (const [path, fields] of [
          ['/login', { username, password }],
          ['/logout', {}],
          ['/sessions/end', { scope: 'all' }],
        ] as const) {
          const answers: Response[] = []
          const note = (response: Response): void => void (response.url() === url + path && answers.push(response))
          page.on('response', note)
          await page.goto(attacker.at(host) + attacker.page(form(url + path, fields)), { waitUntil: 'commit' })
          await page.waitForURL(url + path)
          page.off('response', note)
          assert.deepEqual(
            answers.map((answer) => answer.status()),
            [403],
            `${host} ${path}`,
          )
          assert.equal(await answers[0]?.request().headerValue('sec-fetch-site'), null)
        }
      assert.deepEqual(await person.jar(), jar)
      assert.equal((await replay(server.url, jar)).status, 200)
      await page.goto(url)
      assert.match(await words(person), /You are signed in as demo/)
      await Promise.all([page.waitForURL('**/login?out'), page.getByRole('button', { name: 'Sign out here' }).click()])
      assert.deepEqual(await person.jar(), [])
      await person.leave()
    })
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
