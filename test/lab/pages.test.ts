import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { attacks } from '../../src/lab/attacks/index.ts'
import { closeBrowser } from '../../src/lab/browsers.ts'
import { comparisons } from '../../src/lab/comparison.ts'
import { recording } from '../../src/lab/recorded.ts'
import { addLab } from '../../src/lab/routes.ts'
import { everyTrial } from '../../src/lab/run.ts'
import { createTurns } from '../../src/lab/turns.ts'
import { type AccountServer, withAccountServer } from '../support/account-server.ts'

after(closeBrowser)

const reads = { Accept: 'text/html' }
const headers = { Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin' }

function law(title: string, run: (server: AccountServer) => Promise<void>): void {
  test(title, () => withAccountServer({ lab: addLab }, run))
}

describe('the pages of the lab', () => {
  law('show every attack, and a recorded run of each', async (server) => {
    const anybody = server.browser()
    const overview = await anybody.get('/lab', reads)
    assert.equal(overview.status, 200)
    for (const { id, title } of attacks) {
      assert.ok(overview.body.includes(`href="/lab/${id}"`), id)
      const answer = await anybody.get(`/lab/${id}`, reads)
      assert.equal(answer.status, 200, id)
      assert.ok(answer.body.includes(title.replaceAll('&', '&amp;')), id)
      assert.match(answer.body, /The attack succeeds/)
      assert.match(answer.body, /Recorded on \d{4}-\d\d-\d\d/)
    }
    assert.equal((await anybody.get('/lab/nothing', reads)).status, 404)
  })

  law('carry an attack out at once, without and with its defence, in both presentations', async (server) => {
    const path = '/lab/logout-replay'
    for (const present of ['cookie', 'token']) {
      const off = await server.send({ method: 'POST', path, form: { present }, headers })
      assert.match(off.body, /The attack succeeds/)
      assert.match(off.body, /Carried out just now/)
      const on = await server.send({ method: 'POST', path, form: { present, on: 'ends-on-the-server' }, headers })
      assert.match(on.body, /The attack fails/)
      assert.match(on.body, /401 revoked/)
      assert.match(on.body, /href="\/lab\/code\/src\/engine\/end\.ts"/)
    }
  })

  law('X1 no other site starts one', async (server) => {
    const answer = await server.browser().post('/lab/logout-replay', {}, { 'Sec-Fetch-Site': 'cross-site' })
    assert.equal(answer.status, 403)
  })

  law('the matrix is there as page, JSON and CSV', async (server) => {
    const anybody = server.browser()
    const page = await anybody.get('/lab/matrix', reads)
    assert.equal(page.status, 200)
    assert.doesNotMatch(page.body, /not expected/)
    const { rows, columns } = (await anybody.get('/lab/matrix.json')).json() as unknown as Record<
      'rows' | 'columns',
      readonly unknown[]
    >
    assert.equal(rows.length, everyTrial(attacks).length)
    assert.equal(columns.length, 3)
    const csv = (await anybody.get('/lab/matrix.csv')).body.trimEnd().split('\r\n')
    assert.equal(csv.length, rows.length + 1)
  })

  law('M14 the life of a session, step by step, in both presentations', async (server) => {
    const anybody = server.browser()
    const seen: Readonly<Record<string, readonly RegExp[]>> = {
      login: [/Set-Cookie: __Host-session=/, /The access token, decoded/],
      storage: [/The record in the store/, /&quot;book&quot;/],
      transmission: [/Cookie: __Host-session=/, /Authorization: Bearer/],
      validation: [/view of the log/],
      logout: [/&quot;kind&quot;: &quot;kill&quot;/, /401 revoked/],
    }
    for (const [step, patterns] of Object.entries(seen)) {
      const { status, body } = await anybody.get(`/lab/lifecycle?step=${step}`, reads)
      assert.equal(status, 200)
      for (const pattern of patterns) assert.match(body, pattern)
    }
  })

  law('the comparison, its assets, and code that a defence names, and no other file', async (server) => {
    const anybody = server.browser()
    assert.match((await anybody.get('/lab/comparison', reads)).body, /an access token [3-9]\d\d bytes/)
    assert.equal((await anybody.get('/lab/assets/lab.css')).header('content-type'), 'text/css; charset=utf-8')
    assert.match((await anybody.get('/lab/code/src/engine/end.ts')).body, /export async function revoke/)
    for (const path of ['package.json', '../package.json', 'src/server/secret.ts', '%2e%2e/package.json', ''])
      assert.equal((await anybody.get(`/lab/code/${path}`)).status, 404, path)
  })

  test('are not there where nobody asked for them', () =>
    withAccountServer({}, async (server) => {
      assert.equal((await server.browser().get('/lab', reads)).status, 404)
      assert.doesNotMatch((await server.browser().get('/login', reads)).body, /href="\/lab"/)
    }))

  law('the login page leads there', async (server) => {
    assert.match((await server.browser().get('/login', reads)).body, /href="\/lab"/)
  })
})

describe('what the lab has recorded and compared', () => {
  test('is a run of every trial of this version, as expected', () => {
    const { runs, versions } = recording()
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    assert.equal(versions.handstamp, version, 'npm run evidence lab')
    const keys = runs.map(({ attack, present, on }) => `${attack} ${present} ${on}`)
    assert.deepEqual(
      keys,
      everyTrial(attacks).map(({ attack, present, on }) => `${attack.id} ${present} ${[...on]}`),
    )
    assert.ok(runs.every(({ expected, observed }) => expected === observed.succeeded))
  })

  test('the figures of the comparison are those of the evidence', () => {
    const text = JSON.stringify(comparisons({ cookies: 0, accessToken: 0 }))
    const of = (name: string) =>
      JSON.parse(readFileSync(new URL(`../../evidence/${name}.json`, import.meta.url), 'utf8')).result
    const { verdicts } = of('memory') as { verdicts: readonly { what: string; found: string }[] }
    const speed = of('speed').speed as readonly { name: string; added: { median: number } }[]
    const added = (name: string) => Math.round(speed.find((one) => one.name === name)?.added.median ?? 0)
    const nodes = of('nodes')['postgres, with hints, R = 5 s']
    for (const figure of [
      `${verdicts.find(({ what }) => what === 'a session in memory(), of a million')?.found} in memory`,
      `${added('Handstamp cookie, memory')} µs of CPU for a cookie, ${added('Handstamp token, memory')} µs`,
      `${nodes.p50.toFixed(1)} ms as a rule and ${Math.round(nodes.p99)} ms at p99 (${nodes.revocations.toLocaleString('en')} ends on Postgres)`,
      `0 of 10,000 replays were accepted after logout`,
    ])
      assert.ok(text.includes(figure), figure)
    assert.equal(of('logout').accepted, 0)
  })

  test('runs take turns, and not without end', async () => {
    const turns = createTurns(2)
    const seen: string[] = []
    const gate = Promise.withResolvers<void>()
    const first = turns.take(async () => {
      await gate.promise
      seen.push('first')
    })
    const second = turns.take(async () => seen.push('second'))
    assert.equal(await turns.take(async () => seen.push('third')), null)
    gate.resolve()
    await Promise.all([first, second])
    assert.deepEqual(seen, ['first', 'second'])
  })
})
