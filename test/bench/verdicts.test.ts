import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BenchResult } from '../../bench/bench.ts'
import type { Speed } from '../../bench/rounds.ts'
import { judge } from '../../bench/verdicts.ts'

const nothing: BenchResult = {
  ...{ pinned: true, rounds: 0, requests: 0, speed: [], behaviour: [], steps: [], tokens: [], memory: [], missing: [] },
}

function at(value: number) {
  return { median: value, low: value, high: value, n: 11 }
}

function speed(name: string, added: number, share = 0.2): Speed {
  const rest = {
    cpu: at(20),
    perSecond: at(1),
    barePerSecond: at(1),
    p50: at(1),
    p99: at(1),
    requestBytes: 1,
    requests: 1,
  }
  return { name, framework: 'node:http', added: at(added), share: at(share), ...rest }
}

function step(name: string, cpu: number, storeCalls = 0) {
  return { name, cpu: at(cpu), bytes: 0, storeCalls }
}

function missed(result: Partial<BenchResult>): readonly string[] {
  return judge({ ...nothing, ...result })
    .filter(({ held }) => !held)
    .map(({ what }) => what)
}

test('what was not measured is not judged', () => assert.deepEqual(judge(nothing), []))

test('a request that costs more than was promised, or more than fast-jwt with its cache, is missed', () => {
  const cached = speed('fast-jwt HS256, cache', 2.5)
  assert.deepEqual(missed({ speed: [speed('Handstamp cookie, memory', 2.5), cached] }), [])
  assert.deepEqual(missed({ speed: [speed('Handstamp cookie, memory', 2.9), cached] }), [
    'Handstamp cookie, memory: added CPU',
  ])
  assert.equal(missed({ speed: [speed('Handstamp token, memory', 3.1), cached] }).length, 2)
  assert.equal(missed({ speed: [speed('Handstamp token, SQLite, 100 commits/s', 7.1)] }).length, 1)
  assert.equal(missed({ speed: [speed('Handstamp token, memory', 2, 0.26)] }).length, 1)
  assert.equal(missed({ speed: [speed('Handstamp token, SQLite', 6, 0.6)] }).length, 1)
})

test('a token that takes longer than the bare check allows, or than another library, is missed', () => {
  const tokens = (raw: number, ours: number, other: number, alg = 'ES256') => [
    step(`${alg}: raw node:crypto`, raw),
    step(`${alg}: Handstamp`, ours),
    step(`${alg}: jose`, other),
  ]
  assert.equal(missed({ tokens: tokens(50, 60, 61) }).length, 0)
  assert.equal(missed({ tokens: tokens(50, 61, 62) }).length, 1)
  assert.equal(missed({ tokens: tokens(50, 59, 58) }).length, 1)
  assert.equal(missed({ tokens: tokens(2, 7.1, 9, 'HS256') }).length, 1)
})

test('a forgery that costs more than a good one, or reaches the store, is missed', () => {
  const good = step('check a first-seen cookie, memory', 20)
  assert.equal(missed({ steps: [good, step('refuse a cookie with a forged mark', 19)] }).length, 0)
  assert.equal(missed({ steps: [good, step('refuse a cookie with a forged mark', 21)] }).length, 1)
  assert.equal(missed({ steps: [good, step('refuse a cookie of garbage', 1, 1)] }).length, 1)
})

test('memory is judged at a million, and the table of revoked ids wherever it was weighed', () => {
  const weight = (subject: string, count: number, bytes: number) => ({ subject, count, bytes })
  assert.equal(
    missed({ memory: [weight('session in memory()', 1_000_000, 401), weight('session in memory()', 10_000, 500)] })
      .length,
    1,
  )
  assert.equal(missed({ memory: [weight('revoked id', 10_000, 57)] }).length, 1)
  assert.equal(missed({ memory: [weight('revoked id', 12_288, 33)] }).length, 1)
  assert.equal(missed({ memory: [weight('revoked id', 12_289, 53)] }).length, 0)
})
