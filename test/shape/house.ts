/** The house of `style.md` as data: what stands on which floor, and what may never happen. */

export const floors: ReadonlyMap<string, number> = new Map([
  ['base', 1],
  ['model', 2],
  ['crypto', 3],
  ['edge', 3],
  ['stores', 3],
  ['advisor', 3],
  ['engine', 4],
  ['http', 5],
  ['client', 5],
  ['adapters', 6],
  ['migrate', 6],
  ['server', 7],
  ['testing', 7],
  ['lab', 8],
  ['doctor', 8],
  ['cli', 9],
])

export interface Never {
  readonly from: (folder: string) => boolean
  readonly to: (folder: string) => boolean
  /** `import type` is let through. */
  readonly exceptTypes?: true
  readonly sentence: string
}

/** Arrows that stay forbidden whatever the floors say. A file at the root of `src` has the folder `''`. */
export const nevers: readonly Never[] = [
  { from: is('stores'), to: is('engine'), sentence: 'stores never import the engine' },
  { from: is('crypto'), to: is('stores'), sentence: 'crypto never imports stores' },
  { from: is('model'), to: is('crypto'), sentence: 'the model never imports crypto' },
  { from: is('engine'), to: is('http'), sentence: 'the engine never imports http' },
  { from: isNot('cli', 'lab'), to: is('lab'), sentence: 'only the cli and tests import the lab' },
  { from: isNot('testing', 'lab'), to: is('testing'), sentence: 'only tests and the lab import the test help' },
  { from: is('edge'), to: isNot('edge', 'base', 'model'), sentence: 'edge imports base and model only' },
  {
    from: is('client'),
    to: isNot('client', 'base', 'model'),
    exceptTypes: true,
    sentence: 'the browser client imports nothing from the server side but types',
  },
]

/** Packages below this floor: only those in `corePackages`, and Node's own. */
export const firstFloorWithPackages = 7
export const corePackages: readonly string[] = ['jose']

/** Folders that also run where there is no Node. */
export const foldersWithoutNode: readonly string[] = ['base', 'model', 'edge', 'client']

/** What `adapters/` may name in an `import type`. */
export const frameworks: readonly string[] = ['express', 'express-serve-static-core', 'fastify', 'hono', 'next']

/** The adapter that asks its framework for what belongs to the request, by `import()` and of that package only. */
export const lazyAdapters: ReadonlyMap<RegExp, string> = new Map([[/^src\/adapters\/next(-[a-z-]+)?\.ts$/, 'next']])

export const maxFileLines = 400
export const maxFunctionLines = 50
export const maxDocumentLines: ReadonlyMap<string, number> = new Map([
  ['README.md', 150],
  ['ARCHITECTURE.md', 120],
  ['CONTRIBUTING.md', 80],
])

/** Pages that vite builds for the browser: they bundle devDependencies, go by the browser's clock, and are imported by nobody. */
export const browserPages = 'src/server/console/client/'

/** The one file that may ask what time it is. */
export const clockFile = 'src/base/clock.ts'

/** Names that say nothing: a type lives with its noun. */
export const emptyNames: readonly string[] = ['types', 'util', 'utils', 'helper', 'helpers', 'common', 'misc']

function is(...names: readonly string[]): (folder: string) => boolean {
  return (folder) => names.includes(folder)
}

function isNot(...names: readonly string[]): (folder: string) => boolean {
  return (folder) => !names.includes(folder)
}
