import assert from 'node:assert/strict'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import {
  addPackages,
  bin,
  doorsOf,
  load,
  type Manifest,
  packIn,
  readManifest,
  root,
  runWell,
  typeCheck,
} from '../test/package/packing.ts'
import type { Figure } from './figure.ts'

const peers = ['express-session', 'iron-session', 'better-auth', 'supertokens-node']

export const install: Figure = {
  name: 'install',
  shows:
    'the package as a user gets it: every door by import, require and types; its size and number of packages beside others',
  run: async (progress) => {
    const folder = mkdtempSync(join(tmpdir(), 'handstamp-install-'))
    try {
      progress('build, pack, lint')
      const tarball = packIn(folder)
      progress('install each into a project of its own')
      const sizes = ['handstamp', ...peers].map((name) => {
        const project = emptyProject(folder, name)
        runWell(project, 'npm', ['install', '--ignore-scripts', name === 'handstamp' ? tarball : name])
        return sizeOf(project, name)
      })
      progress('every door, three ways')
      const own = join(folder, 'handstamp')
      const checks = checksOf(own, tarball)
      for (const line of tableOf(sizes)) progress(line)
      const failed = checks.filter(({ flaw }) => flaw !== null)
      const result = {
        ...{ sizes, checks: checks.map(({ what }) => what), failed },
        ...{
          tarball: lstatSync(tarball).size,
          attwProfile: 'esm-only',
          npm: runWell(own, 'npm', ['--version']).trim(),
        },
      }
      return { n: checks.length, passed: failed.length === 0, result }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function emptyProject(folder: string, name: string): string {
  const project = join(folder, name)
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true }))
  return project
}

interface Size {
  readonly name: string
  readonly version: string
  /** Of all files below node_modules. */
  readonly bytes: number
  readonly packages: number
  /** The three largest packages, with their bytes. */
  readonly largest: Readonly<Record<string, number>>
  /** Packages that want to run something when they are installed. */
  readonly installScripts: readonly string[]
}

function sizeOf(project: string, name: string): Size {
  const modules = join(project, 'node_modules')
  const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>
  }
  const paths = Object.keys(packages)
  return {
    name,
    version: readManifest(join(modules, name)).version,
    bytes: bytesIn(modules),
    packages: paths.length,
    largest: largestOf(project, paths),
    installScripts: paths.filter(
      (path) => packages[path]?.hasInstallScript === true || wantsToRun(join(project, path)),
    ),
  }
}

function largestOf(project: string, paths: readonly string[]): Readonly<Record<string, number>> {
  const own = paths.map((path) => {
    const nested = join(project, path, 'node_modules')
    const bytes = bytesIn(join(project, path)) - (existsSync(nested) ? bytesIn(nested) : 0)
    return [path.slice('node_modules/'.length), bytes] as const
  })
  return Object.fromEntries(own.sort(([, a], [, b]) => b - a).slice(0, 3))
}

function wantsToRun(path: string): boolean {
  const { scripts = {} }: Manifest = readManifest(path)
  return (
    existsSync(join(path, 'binding.gyp')) || ['preinstall', 'install', 'postinstall'].some((name) => name in scripts)
  )
}

/** What npm itself keeps there is left out. */
function bytesIn(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name !== '.package-lock.json')
      bytes += lstatSync(join(entry.parentPath, entry.name)).size
  }
  return bytes
}

function tableOf(sizes: readonly Size[]): readonly string[] {
  const rows = sizes.map(({ name, version, bytes, packages }) => [name, version, `${bytes}`, `${packages}`])
  return [['package', 'version', 'bytes', 'packages'], ...rows].map(
    ([name = '', version = '', bytes = '', count = '']) =>
      [name.padEnd(18), version.padEnd(10), bytes.padStart(12), count.padStart(9)].join(' '),
  )
}

interface Checked {
  readonly what: string
  /** null: it holds. */
  readonly flaw: string | null
}

function checksOf(project: string, tarball: string): readonly Checked[] {
  const installed = join(project, 'node_modules', 'handstamp')
  const doors = doorsOf(readManifest(installed))
  assert.deepEqual([...doors], [...doorsOf(readManifest(root))], basename(tarball))
  const names = [...doors.keys()]
  const loaded = (['import', 'require'] as const).flatMap((by) =>
    names.map((door) => check(`${by} ${door}`, () => exportsSomething(project, door, by))),
  )
  const { installScripts } = sizeOf(project, 'handstamp')
  addPackages(
    project,
    ['@types', 'undici-types', 'fastify', 'next', 'react'].filter((name) =>
      existsSync(join(root, 'node_modules', name)),
    ),
  )
  const kinds = ['node16', 'bundler'] as const
  return [
    check('publint --strict', () => runWell(project, bin('publint'), ['run', installed, '--strict'])),
    check('attw, esm-only', () => runWell(project, bin('attw'), [tarball, '--profile', 'esm-only'])),
    ...loaded,
    ...kinds.map((kind) =>
      check(`types, ${kind}, declarations included`, () =>
        assert.equal(typeCheck(project, names, kind, 'everything'), ''),
      ),
    ),
    check('no install script', () => assert.deepEqual(installScripts, [])),
    check('the command', () => runWell(project, join(project, 'node_modules', '.bin', 'handstamp'), ['--help'])),
  ]
}

function exportsSomething(project: string, door: string, by: 'import' | 'require'): void {
  const [{ names } = { names: [] }] = load(project, [door], by)
  assert.ok(names.length > 0 && names.every((name) => /^\w+$/.test(name)), names.join('\n'))
}

function check(what: string, run: () => unknown): Checked {
  try {
    run()
    return { what, flaw: null }
  } catch (error) {
    return { what, flaw: error instanceof Error ? error.message : String(error) }
  }
}
