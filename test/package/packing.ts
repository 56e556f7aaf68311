import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

export interface Ran {
  readonly status: number | null
  readonly output: string
}

/** Runs a command without what an npm around it has put into the environment. */
export function run(folder: string, command: string, args: readonly string[]): Ran {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST)/i.test(name)))
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...{ cwd: folder, encoding: 'utf8', timeout: 300_000 },
    env: { ...env, npm_config_update_notifier: 'false', npm_config_audit: 'false', npm_config_fund: 'false' },
  })
  if (error !== undefined) throw error
  return { status, output: `${stdout}${stderr}` }
}

export function runWell(folder: string, command: string, args: readonly string[]): string {
  const { status, output } = run(folder, command, args)
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${output}`)
  return output
}

/** A tool of ours, started by the Node that runs the tests. */
export function bin(name: string): string {
  return join(root, 'node_modules', '.bin', name)
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** The specifiers that the package has code for, by their source: `handstamp/node` and the like. */
export function doorsOf({ name, exports }: Manifest): ReadonlyMap<string, string> {
  const doors = Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string' ? [] : [[name + path.slice(1), target['handstamp-source'] ?? ''] as const],
  )
  return new Map(doors)
}

/** Builds and packs a copy of the repository in a folder, so that nothing is written into ours. @returns the path of the tarball */
export function packIn(folder: string): string {
  const copy = join(folder, 'copy')
  mkdirSync(copy, { recursive: true })
  for (const name of [
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'README.md',
    'LICENSE',
    'bin',
    'src',
    'tools',
  ])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  runWell(copy, bin('tsc'), ['-p', 'tsconfig.build.json'])
  runWell(copy, process.execPath, [join('tools', 'build-console.ts')])
  // The build is what `prepack` would do.
  runWell(copy, 'npm', ['pack', '--ignore-scripts', '--offline', '--pack-destination', folder])
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  assert.ok(tarball !== undefined, 'npm pack has packed something')
  return join(folder, tarball)
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly optional?: boolean; readonly hasInstallScript?: boolean }>
  >
}

/** What is installed with the package: paths below our own `node_modules`, by the lock file. */
export function dependencies(): ReadonlyMap<string, { readonly hasInstallScript: boolean }> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
  const found = Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { hasInstallScript = false }]) => [path, { hasInstallScript }] as const)
  return new Map(found)
}

/** A project that has the package installed, put together by hand: the tarball, its dependencies, and nothing else. */
export function projectWith(folder: string, tarball: string): string {
  const project = join(folder, 'project')
  const installed = join(project, 'node_modules', 'handstamp')
  mkdirSync(installed, { recursive: true })
  runWell(folder, 'tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  for (const path of dependencies().keys()) cpSync(join(root, path), join(project, path), { recursive: true })
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true }))
  return project
}

export interface Loaded {
  readonly door: string
  /** The names that it exports, or what went wrong. */
  readonly names: readonly string[]
}

/** Loads every door in a process of its own, by `import` or by `require`. */
export function load(project: string, doors: readonly string[], by: 'import' | 'require'): readonly Loaded[] {
  return doors.map((door) => {
    const from = by === 'import' ? `await import('${door}')` : `require('${door}')`
    const type = by === 'import' ? 'module' : 'commonjs'
    const script = `console.log(JSON.stringify(Object.keys(${from})))`
    const { status, output } = run(project, process.execPath, [`--input-type=${type}`, '--eval', script])
    return { door, names: status === 0 ? (JSON.parse(output) as string[]) : [output] }
  })
}

/**
 * Type-checks a file that uses every door, as a project of the given kind would.
 *
 * @param of `project`: the file alone; `everything`: the declarations of the packages as well, which takes long
 * @returns what tsc says
 */
export function typeCheck(
  project: string,
  doors: readonly string[],
  kind: 'node16' | 'bundler',
  of: 'project' | 'everything' = 'project',
): string {
  const lines = doors.map(
    (door, at) => `import * as door${at} from '${door}'\nexport const keys${at} = Object.keys(door${at})`,
  )
  writeFileSync(join(project, 'doors.mts'), `${lines.join('\n')}\n`)
  const options = {
    strict: true,
    noEmit: true,
    target: 'es2024',
    lib: ['es2024', 'dom', 'dom.iterable'],
    module: kind === 'node16' ? 'node16' : 'preserve',
    moduleResolution: kind,
    types: ['node'],
    skipLibCheck: of === 'project',
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['doors.mts'] }))
  return run(project, bin('tsc'), ['-p', '.']).output
}

/** Links packages of ours into the project, for what a user would install besides. */
export function addPackages(project: string, names: readonly string[]): void {
  for (const name of names) {
    const path = join(project, 'node_modules', name)
    mkdirSync(join(path, '..'), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), path)
  }
}
