import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import {
  addPackages,
  bin,
  dependencies,
  doorsOf,
  load,
  packIn,
  projectWith,
  readManifest,
  root,
  run,
  runWell,
  typeCheck,
} from './packing.ts'

const doors = doorsOf(readManifest(root))
const specifiers = [...doors.keys()]
const frameworks = ['express', 'fastify', 'next', 'react']

describe('the package, packed and installed', () => {
  let folder = ''
  let tarball = ''
  let project = ''

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'handstamp-package-'))
    tarball = packIn(folder)
    project = projectWith(folder, tarball)
  })

  after(() => rmSync(folder, { recursive: true, force: true }))

  test('publint has nothing to say', () => {
    const output = runWell(project, bin('publint'), ['run', 'node_modules/handstamp', '--strict'])
    assert.match(output, /All good/)
  })

  // Node 24 can `require` ES modules, and each door is tried below; what knows no `exports` (node10) knows no Node 24 either.
  test('attw finds types that fit the code (esm-only)', () => {
    const { status, output } = run(project, bin('attw'), [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'])
    assert.equal(status, 0, output)
    for (const door of specifiers) assert.match(output, new RegExp(`"${door}" +│ OK \\(ESM\\) +│ OK `), door)
  })

  test('each door can be imported where no framework is installed, and gives what the source gives', async () => {
    for (const name of frameworks) assert.ok(!existsSync(join(project, 'node_modules', name)), name)
    for (const { door, names } of load(project, specifiers, 'import')) {
      const source = (await import(pathToFileURL(join(root, doors.get(door) ?? '')).href)) as object
      assert.deepEqual([...names].sort(), Object.keys(source).sort(), door)
      assert.ok(names.length > 0, door)
    }
  })

  test('a CommonJS project can require each door', () => {
    for (const { door, names } of load(project, specifiers, 'require')) {
      const own = names.filter((name) => name !== '__esModule' && name !== 'default')
      assert.ok(own.length > 0 && own.every((name) => /^\w+$/.test(name)), `${door}: ${names.join(', ')}`)
    }
  })

  test('types resolve for Node and for bundlers', () => {
    const types = ['@types', 'undici-types', 'fastify', 'next', 'react']
    addPackages(
      project,
      types.filter((name) => existsSync(join(root, 'node_modules', name))),
    )
    assert.equal(typeCheck(project, specifiers, 'node16'), '')
    assert.equal(typeCheck(project, specifiers, 'bundler'), '')
    assert.match(typeCheck(project, ['handstamp/nowhere'], 'node16'), /TS2307/)
  })

  test('its command runs', () => {
    const output = runWell(project, process.execPath, ['node_modules/handstamp/bin/handstamp.js', '--help'])
    assert.match(output, /serve/)
  })

  test('nothing that is installed has an install script, and nothing else than the package is in it', () => {
    const all = dependencies()
    assert.deepEqual(
      [...all].filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
      [],
    )
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare']
    assert.deepEqual(
      hooks.filter((name) => name in (readManifest(root).scripts ?? {})),
      [],
    )
    const files = runWell(folder, 'tar', ['-tzf', tarball]).trim().split('\n')
    assert.ok(files.includes('package/dist/console/console.js'), 'the console is shipped built')
    const known = /^package\/((bin|dist|src)\/.+|package\.json|README\.md|LICENSE)$/
    assert.deepEqual(
      files.filter((path) => !known.test(path) || /\.test\.|\.tsbuildinfo$/.test(path)),
      [],
    )
  })
})
