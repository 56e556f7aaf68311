import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fixtures, soundTree, treeOf } from './shape/fixtures.ts'
import { type Rule, rules } from './shape/rules.ts'
import { readTree } from './shape/tree.ts'

const repository = readTree(fileURLToPath(new URL('..', import.meta.url)))

describe('the shape of the house', () => {
  for (const [name, rule] of Object.entries<Rule>(rules)) {
    test(name, () => assert.equal(rule(repository).join('\n'), ''))
  }
})

describe('the shape rules can fail', () => {
  test('a sound tree breaks none', () => {
    for (const [name, rule] of Object.entries<Rule>(rules)) assert.deepEqual(rule(soundTree), [], name)
  })

  test('every rule has a fixture that breaks it', () => {
    const broken = new Set<string>(fixtures.map((fixture) => fixture.breaks))
    assert.deepEqual(
      Object.keys(rules).filter((name) => !broken.has(name)),
      [],
    )
  })

  for (const fixture of fixtures) {
    test(`${fixture.breaks}: ${fixture.why}`, () => {
      const problems = rules[fixture.breaks](treeOf(fixture))
      assert.equal(problems.length, 1, `expected one problem, got ${JSON.stringify(problems)}`)
      const place = problems[0] ?? ''
      assert.ok(Object.keys(fixture.files).some((path) => place.startsWith(`${path}:`) || place.startsWith(`${path} `)))
    })
  }
})
