import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import type { Attack } from '../../src/lab/attack.ts'
import { attackById, attacks } from '../../src/lab/attacks/index.ts'
import { browserMissing, closeBrowser } from '../../src/lab/browsers.ts'
import { fillMatrix, type Matrix } from '../../src/lab/matrix.ts'
import { carryOut } from '../../src/lab/run.ts'
import { handstamp } from '../cli/command.ts'

const root = new URL('../../', import.meta.url)
/** The others are carried out by `npm run evidence lab`. */
const inBrowser = ['csrf-form', 'cookie-tossing', 'xss-local-storage']

after(closeBrowser)

function assertAsExpected({ rows, passed }: Matrix): void {
  const differ = rows.filter(({ expected, observed }) => expected !== observed)
  assert.deepEqual(differ, [])
  assert.equal(passed, true)
}

describe('the attacks of the lab', () => {
  test('succeed without their defences, and fail with any one of them', async () => {
    const matrix = await fillMatrix({ attacks: attacks.filter((attack) => !attack.inBrowser) })
    assertAsExpected(matrix)
    assert.ok(matrix.rows.length > 50, `${matrix.rows.length} rows`)
  })

  test('the same in a browser', async (t) => {
    const missing = await browserMissing()
    if (missing !== null && process.env.HANDSTAMP_REQUIRE_ALL !== '1') return t.skip(missing)
    assert.equal(missing, null)
    assertAsExpected(await fillMatrix({ attacks: inBrowser.map((id) => attackById(id) as Attack) }))
  })

  test('one that a defence does not stop is found out, and one that breaks too', async () => {
    const replay = attackById('logout-replay') as Attack
    const useless: Attack = { ...replay, carryOut: async () => ({ succeeded: true, evidence: 'always' }) }
    const broken: Attack = { ...replay, carryOut: () => Promise.reject(new Error('on the way')) }
    const [open, shut] = (await fillMatrix({ attacks: [useless] })).rows
    assert.deepEqual([open?.observed, shut?.expected, shut?.observed], ['succeeds', 'fails', 'succeeds'])
    assert.equal((await fillMatrix({ attacks: [useless] })).passed, false)
    const { rows, passed } = await fillMatrix({ attacks: [broken] })
    assert.equal(passed, false)
    assert.deepEqual(new Set(rows.map(({ observed }) => observed)), new Set(['broke']))
  })

  test('every defence names a rule, a file that is there, and a standard', () => {
    for (const { id, defences, presents, otherwise } of attacks) {
      assert.equal(otherwise === '', presents.length === 2, `${id}: why not in the other presentation`)
      for (const { rule, code, standard } of defences) {
        assert.ok(existsSync(new URL(code, root)), `${id}: ${code}`)
        assert.match(standard.href, /^https:\/\//)
        assert.match(rule, /\.\)?$/)
      }
    }
    assert.equal(new Set(attacks.map(({ id }) => id)).size, attacks.length)
  })

  test('S4 a transcript shows no credential whole', async () => {
    for (const present of ['cookie', 'token'] as const) {
      const { entries } = await carryOut({ attack: attackById('logout-replay') as Attack, present, on: new Set() })
      assert.ok(entries.some((entry) => entry.kind === 'exchange' && entry.status === 200))
      assert.doesNotMatch(JSON.stringify(entries), /[A-Za-z0-9_-]{40}/)
    }
  })
})

describe('handstamp lab', () => {
  test('carries out one attack and prints what came of it, as lines and as JSON', async () => {
    const lines = await handstamp(['lab', 'logout-replay', '--no-others'])
    assert.equal(lines.code, 0, lines.err)
    assert.match(lines.out, /logout-replay +cookie +no defence +succeeds/)
    assert.match(lines.out, /logout-replay +token +ends-on-the-server +fails .*401 revoked/)
    const { out, code } = await handstamp(['lab', 'alg-none', '--no-others', '--json'])
    assert.equal(code, 0)
    const { rows } = JSON.parse(out) as Matrix
    assert.deepEqual(
      rows.map(({ attack, defence, presentation, expected, observed }) => [
        attack,
        defence,
        presentation,
        expected,
        observed,
      ]),
      [
        ['alg-none', null, 'token', 'succeeds', 'succeeds'],
        ['alg-none', 'always-signed', 'token', 'fails', 'fails'],
      ],
    )
  })

  test('is called wrongly with exit code 2', async () => {
    const { code, err } = await handstamp(['lab', 'logout-reply'])
    assert.equal(code, 2)
    assert.match(err, /there is no attack logout-reply; did you mean logout-replay\?|logout-replay/)
  })

  test('lists what it knows', async () => {
    const { out } = await handstamp(['lab', '--list'])
    assert.equal(out.trim().split('\n').length, attacks.length)
  })
})
