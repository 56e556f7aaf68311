import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { day, hour, minute, second } from '../src/base/clock.ts'
import { attacks } from '../src/lab/attacks/index.ts'
import { defaultPolicy } from '../src/model/policy.ts'
import * as engines from '../tools/engines.ts'
import { grouped, labTables } from '../tools/lab-table.ts'
import { onDisk, withMarked } from '../tools/markers.ts'
import * as performance from '../tools/performance.ts'
import * as reasons from '../tools/reasons.ts'
import * as requirements from '../tools/requirements.ts'
import { requirements as list } from '../tools/requirements-list.ts'

const documents = readdirSync(onDisk('.')).filter((name) => name.endsWith('.md'))
const decisions = readdirSync(onDisk('docs/decisions')).sort()

function read(path: string): string {
  return readFileSync(onDisk(path), 'utf8')
}

describe('documents that are made', () => {
  test('docs/reasons.md is the table of reasons (node tools/reasons.ts)', () => {
    const { before, after } = withMarked(reasons.marked, reasons.reasonsTable())
    assert.equal(before, after)
  })

  test('docs/performance.md and its plots are the evidence (node tools/performance.ts)', () => {
    const { texts, files } = performance.makePerformance(performance.readEvidence())
    for (const [marked, text] of texts) {
      const { before, after } = withMarked(marked, text)
      assert.equal(before, after)
    }
    for (const [path, text] of files) assert.equal(read(path), text, path)
  })

  test('docs/engines.md is the evidence (node tools/engines.ts)', () => {
    const { before, after } = withMarked(engines.marked, engines.figures())
    assert.equal(before, after)
  })

  test('the tables of the lab are the evidence (node tools/lab-table.ts)', () => {
    for (const [marked, text] of labTables()) {
      const { before, after } = withMarked(marked, text)
      assert.equal(before, after, marked.path)
    }
    assert.deepEqual([...grouped].sort(), attacks.map(({ id }) => id).sort(), 'every attack in one line of the README')
  })

  test('SECURITY.md says what the tests name (node tools/requirements.ts)', () => {
    const { before, after } = withMarked(requirements.marked, requirements.requirementsTable(requirements.readNamed()))
    assert.equal(before, after)
  })
})

describe('the requirements', () => {
  const families = { S: 15, T: 9, C: 12, X: 11, J: 17, R: 10, D: 8, B: 14, L: 6, V: 6 }

  test('are all there, each once and in order', () => {
    const all = Object.entries(families).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
    )
    assert.deepEqual(
      list.map(({ id }) => id),
      all,
    )
  })

  test('that are held are each named by the title of a test', () => {
    const rows = read('SECURITY.md').matchAll(/^\| ([A-Z]\d+) \| .* \| held \| (.*) \|$/gm)
    let held = 0
    for (const [, id = '', files = ''] of rows) {
      held++
      const paths = [...files.matchAll(/`([^`]+)`/g)].map(([, path = '']) =>
        path.startsWith('src/') ? path : `test/${path}`,
      )
      const titles = paths.flatMap((path) => requirements.titlesIn(read(path)))
      assert.ok(
        titles.some((title) => requirements.idsOf(title).includes(id)),
        id,
      )
    }
    assert.ok(held > 0)
  })

  test('are found at the beginning of a title only', () => {
    assert.deepEqual(requirements.idsOf('S6 V2, logout is final'), ['S6', 'V2'])
    assert.deepEqual(requirements.idsOf('P-D1 32 no update is lost'), ['P-D1', '32'])
    assert.deepEqual(requirements.idsOf('logout is final S6'), [])
    assert.deepEqual(requirements.idsOf('S6'), [])
    const source = `test(\`C9 of \${name}\`, run); t.test('X1 a', run); const laws = { 'V3 b': run }; fail('J1 c')`
    assert.deepEqual(requirements.titlesIn(source), ['C9 of ', 'X1 a', 'V3 b'])
  })

  test('are held only when nothing is missing and a test names them', () => {
    const named = new Map([['A1', new Set(['test/a.test.ts'])]])
    assert.equal(requirements.stateOf({ id: 'A1', says: '' }, named), 'held')
    assert.equal(requirements.stateOf({ id: 'A1', says: '', missing: 'half' }, named), 'partly')
    assert.equal(requirements.stateOf({ id: 'A2', says: '' }, named), 'partly')
    assert.equal(requirements.stateOf({ id: 'A1', says: '', absent: 'all' }, named), 'not yet')
  })
})

describe('what the documents say of the code', () => {
  test('T9 the documented times are the defaults', () => {
    const { rememberMe, levelThree } = defaultPolicy
    const documented = {
      'session, unused': defaultPolicy.idle,
      'session, in all': defaultPolicy.absolute,
      'remembered, unused': rememberMe.idle,
      'remembered, in all': rememberMe.absolute,
      'at level 3, unused': levelThree.idle,
      'at level 3, in all': levelThree.absolute,
      'access token, snapshot': defaultPolicy.access,
      'clocks forgiven': defaultPolicy.leeway,
    }
    const units: Readonly<Record<string, number>> = { d: day, h: hour, min: minute, s: second }
    const rows = [...read('SECURITY.md').matchAll(/^\| ([a-z0-9 ,]+) \| (\d+) (d|h|min|s) \|/gm)]
    const times = rows.map(([, what = '', number, unit = '']) => [what, Number(number) * (units[unit] ?? 0)])
    assert.deepEqual(Object.fromEntries(times), documented)
  })

  test('every step of a walk in ARCHITECTURE.md is a function', () => {
    const steps = [...read('ARCHITECTURE.md').matchAll(/`([a-z]+\/[a-z-]+)\.([a-z]\w*)`/gi)]
    assert.ok(steps.length > 20)
    for (const [step, file, name] of steps) {
      if (step === '`folder/file.function`') continue
      const isThere = new RegExp(`\\b${name}\\b`).test(read(`src/${file}.ts`))
      assert.ok(isThere, step)
    }
  })

  for (const path of [...documents, ...decisions.map((name) => `docs/decisions/${name}`), 'docs/reasons.md']) {
    test(`${path}: every file it names is there, and every script`, () => {
      const text = read(path)
      const files = [...text.matchAll(/`((?:src|test|tools|examples|docs)\/[\w./-]*)`/g)].map((found) => found[1] ?? '')
      const scripts = Object.keys((JSON.parse(read('package.json')) as { readonly scripts: object }).scripts)
      const named = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map((found) => found[1] ?? '')
      assert.deepEqual(
        files.filter((file) => !existsSync(onDisk(file))),
        [],
      )
      assert.deepEqual(
        named.filter((name) => !scripts.includes(name)),
        [],
      )
    })
  }

  test('CHANGELOG.md has an entry for the version of the package', () => {
    const { version } = JSON.parse(read('package.json')) as { readonly version: string }
    assert.ok(read('CHANGELOG.md').includes(`\n## ${version}`))
  })
})

describe('the decisions', () => {
  test('are numbered without a gap', () => {
    const numbers = decisions.map((name) => Number(name.slice(0, 3)))
    assert.deepEqual(
      numbers,
      decisions.map((_, index) => index + 1),
    )
  })

  for (const name of decisions) {
    test(`${name} is one page that says what was decided`, () => {
      const text = read(`docs/decisions/${name}`)
      assert.ok(text.startsWith(`# ${name.slice(0, 3)}: `))
      assert.ok(text.split('\n').length <= 41)
      assert.match(text, /^\*\*Decided\.\*\*/m)
    })
  }
})
