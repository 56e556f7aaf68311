import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Choice } from '../../src/advisor/advice.ts'
import { advise } from '../../src/advisor/advise.ts'
import { type Answers, answersTo, questionNames, usualAnswers } from '../../src/advisor/questions.ts'
import { handstamp } from '../cli/command.ts'
import { withAccountServer } from '../support/account-server.ts'
import { sharedEngines } from '../support/engines.ts'
import { everyChoice, pairwise } from './choices.ts'
import { journey } from './journey.ts'

const engines = await sharedEngines()
const urls = Object.fromEntries(engines.map(({ variable }) => variable))
const missing = new Set(['postgres', 'redis'].filter((name) => !engines.some((engine) => engine.name === name)))

function presentFor(changes: Partial<Answers>): Choice['present'] {
  return advise({ ...usualAnswers, ...changes }).choice.present
}

describe('the advisor', () => {
  test('M15 browsers get cookies, programs tokens, and whoever has both gets both', () => {
    assert.equal(presentFor({}), 'cookie')
    assert.equal(presentFor({ clients: 'programs' }), 'token')
    assert.equal(presentFor({ clients: 'both' }), 'both')
    assert.equal(presentFor({ verifiers: 'services' }), 'both')
    assert.equal(presentFor({ domains: 'several' }), 'both')
    assert.equal(presentFor({ clients: 'programs', domains: 'several' }), 'token')
  })

  test('the engine is the one that is there, or the least that does', () => {
    const engineFor = (changes: Partial<Answers>): string => advise({ ...usualAnswers, ...changes }).choice.engine
    assert.equal(engineFor({}), 'sqlite')
    assert.equal(engineFor({ nodes: 'process' }), 'memory')
    assert.equal(engineFor({ nodes: 'hosts' }), 'postgres')
    assert.equal(engineFor({ nodes: 'hosts', store: 'redis' }), 'redis')
  })

  test('whoever verifies without asking gets short tokens, and is told what that means', () => {
    const { choice, reasons } = advise({ ...usualAnswers, verifiers: 'services' })
    assert.deepEqual(choice.policy, { access: 60_000 })
    assert.match(
      reasons.map(({ text }) => text).join('\n'),
      /accept an access token until it expires: here after one minute/,
    )
    assert.match(reasons.map(({ text }) => text).join('\n'), /A JWT check is not cheaper than a look-up/)
    const slow = advise({ ...usualAnswers, verifiers: 'others', revocation: 'minutes' })
    assert.deepEqual(slow.choice.policy, {})
    assert.deepEqual(advise({ ...usualAnswers, assurance: 'aal3' }).choice.policy, {
      idle: 900_000,
      absolute: 43_200_000,
    })
  })

  test('every answer changes something, or is said why not; an answer that there is not is refused', () => {
    for (const name of questionNames)
      for (const answer of answersTo(name).slice(1)) {
        const other = advise({ ...usualAnswers, [name]: answer } as Answers)
        assert.notDeepEqual(other, advise(usualAnswers), `${name} ${answer}`)
      }
    for (const answer of ['', '__proto__', 'nobody'])
      assert.throws(() => advise({ ...usualAnswers, clients: answer as 'both' }), RangeError)
  })

  test('the figures are those of the evidence', () => {
    const said = everyChoice.map(({ advice }) => advice.reasons.map(({ text }) => text).join('\n')).join('\n')
    const { speed } = figure<{ readonly speed: readonly { name: string; added: { median: number } }[] }>('speed')
    const { steps } = figure<{ readonly steps: readonly { name: string; cpu: { median: number } }[] }>('steps')
    const added = (name: string): number => speed.find((one) => one.name === name)?.added.median ?? 0
    const first = steps.find(({ name }) => name === 'check a first-seen token, memory')?.cpu.median ?? 0
    for (const text of [
      `adds ${Math.round(added('Handstamp cookie, memory'))} µs of CPU`,
      `${Math.round(added('Handstamp token, memory'))} µs for a token that was seen before`,
      `about ${Math.round(first)} µs for one that was not`,
      `express-session ${Math.round(added('express-session, memory'))} µs in memory`,
      `one ES256 signature takes ${Math.round(added('crypto.verify ES256'))} µs`,
      `a look-up in a map ${added('Map look-up').toFixed(1)} µs`,
    ])
      assert.ok(said.includes(text), text)
  })
})

function figure<Result>(name: string): Result {
  const text = readFileSync(new URL(`../../evidence/${name}.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly result: Result }).result
}

describe('what the advisor prints runs: sign-in, renewal, sign-out', { concurrency: 2 }, () => {
  for (const { framework, engine, present } of pairwise)
    test(`${framework}, ${engine}, ${present}`, { skip: missing.has(engine) && `${engine} is not there` }, async () => {
      const { advice } = everyChoice.find(
        ({ choice }) => choice.framework === framework && choice.engine === engine && choice.present === present,
      ) as (typeof everyChoice)[number]
      await journey(advice.choice, advice.files, urls)
    })
})

describe('where the advisor is asked', () => {
  test('handstamp advise answers, explains, and writes into an empty folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'handstamp-advise-'))
    try {
      const usual = await handstamp(['advise'])
      assert.equal(usual.code, 0)
      assert.match(usual.out, /^Take cookies/)
      assert.match(usual.out, /— server\.js/)
      const into = join(folder, 'app')
      const written = await handstamp(['advise', '--clients', 'both', '--framework', 'hono', '--write', into, '--json'])
      assert.equal(written.code, 0)
      assert.equal(JSON.parse(written.out).choice.present, 'both')
      assert.match(readFileSync(join(into, 'server.js'), 'utf8'), /from 'handstamp\/hono'/)
      assert.ok(existsSync(join(into, '.env.example')))
      const again = await handstamp(['advise', '--write', into])
      assert.equal(again.code, 2)
      assert.match(again.err, /is there already/)
      const wrong = await handstamp(['advise', '--clients', 'robots', '--colour', 'red'])
      assert.equal(wrong.code, 2)
      assert.match(wrong.err, /--clients must be browsers, programs, both/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('GET /advisor is a page and JSON, for everybody; what it is asked wrongly is the usual', () =>
    withAccountServer({}, async (server) => {
      const page = await server.get('/advisor?clients=both&framework=fastify', { Accept: 'text/html' })
      assert.equal(page.status, 200)
      assert.match(page.body, /Take both from the same sessions/)
      assert.match(page.body, /<option value="fastify" selected>/)
      assert.match(page.body, /from &#39;handstamp\/fastify&#39;/)
      const json = await server.get('/advisor?clients=%3Cscript%3E&verifiers=services')
      assert.equal((json.json().answers as Answers).clients, 'browsers')
      assert.equal((json.json().choice as Choice).present, 'both')
    }))
})
