import { isBuiltin } from 'node:module'
import { findCircles } from './circles.ts'
import * as house from './house.ts'
import { folderOf, type Import, type Module, readModules, type Use } from './module.ts'
import { countLines, type Tree } from './tree.ts'

/** A rule gives one line for each place that breaks it: `path:line what is wrong`. */
export type Rule = (tree: Tree) => readonly string[]

export const rules = {
  'an import goes down a floor or stays in its folder': floorRule,
  'nobody imports a door': doorRule,
  'no arrow that must never be': neverRule,
  'no circle, not even of types': (tree) =>
    findCircles(readModules(tree)).map((circle) => `${circle[0]} circle: ${circle.join(' -> ')}`),
  [`no file over ${house.maxFileLines} lines`]: fileSizeRule,
  [`no function over ${house.maxFunctionLines} lines`]: functionSizeRule,
  'only the clock asks for the time': (tree) =>
    usesOf(tree, 'time').filter(
      (problem) => !problem.startsWith(`${house.clockFile}:`) && !problem.startsWith(house.browserPages),
    ),
  'no Math.random': (tree) => usesOf(tree, 'random'),
  'no default export': (tree) => usesOf(tree, 'default export'),
  'packages stand on the upper floors only': packageRule,
  'a package that is imported is a dependency': dependencyRule,
  'base, model, edge and client run without Node': nodelessRule,
  'names are kebab-case and say something': nameRule,
  'every export leads to a source file': exportRule,
  'the documents are short': documentRule,
} as const satisfies Record<string, Rule>

function floorRule(tree: Tree): readonly string[] {
  return eachImport(tree, (module, one) => {
    if (module.folder === '') return undefined
    const floor = house.floors.get(module.folder)
    if (floor === undefined) return `the folder ${module.folder}/ stands on no floor`
    if (one.target === undefined) return undefined
    if (!one.target.startsWith('src/')) return `imports ${one.target}, which is outside src`
    const folder = folderOf(one.target)
    const below = house.floors.get(folder)
    if (folder === module.folder || folder === '' || (below !== undefined && below < floor)) return undefined
    return `${module.folder} (floor ${floor}) imports ${folder} (floor ${below ?? 'unknown'})`
  })
}

function doorRule(tree: Tree): readonly string[] {
  return eachImport(tree, (_module, one) =>
    one.target?.startsWith('src/') && folderOf(one.target) === '' ? `imports the door ${one.target}` : undefined,
  )
}

function neverRule(tree: Tree): readonly string[] {
  return eachImport(tree, (module, one) => {
    const { target } = one
    if (!target?.startsWith('src/')) return undefined
    const never = house.nevers.find(
      ({ from, to, exceptTypes }) =>
        from(module.folder) && to(folderOf(target)) && !(exceptTypes === true && one.typeOnly),
    )
    return never?.sentence
  })
}

function fileSizeRule(tree: Tree): readonly string[] {
  return [...tree]
    .filter(([path, text]) => path.startsWith('src/') && countLines(text) > house.maxFileLines)
    .map(([path, text]) => `${path}:1 ${countLines(text)} lines`)
}

function functionSizeRule(tree: Tree): readonly string[] {
  return readModules(tree).flatMap((module) =>
    module.functions
      .filter((one) => one.lines > house.maxFunctionLines)
      .map((one) => `${module.path}:${one.line} ${one.name} has ${one.lines} lines of its own`),
  )
}

function packageRule(tree: Tree): readonly string[] {
  return eachImport(tree, (module, one) => {
    const name = packageOf(one)
    if (name === undefined || house.corePackages.includes(name)) return undefined
    if ((house.floors.get(module.folder) ?? 0) >= house.firstFloorWithPackages) return undefined
    if (module.folder === 'adapters' && one.typeOnly && house.frameworks.includes(name)) return undefined
    if (isOwnFramework(module, one, name)) return undefined
    return `imports the package ${name}`
  })
}

/** By `import()`: the door opens where the framework is not installed. */
function isOwnFramework(module: Module, one: Import, name: string): boolean {
  return one.lazy && [...house.lazyAdapters].some(([path, framework]) => path.test(module.path) && framework === name)
}

function dependencyRule(tree: Tree): readonly string[] {
  const { dependencies, devDependencies, peerDependencies } = manifestOf(tree)
  const declared = Object.keys(dependencies ?? {})
  const peers = Object.keys(peerDependencies ?? {})
  const bundled = Object.keys(devDependencies ?? {})
  return eachImport(tree, (module, one) => {
    const name = packageOf(one)
    if (name === undefined || one.typeOnly || declared.includes(name)) return undefined
    if (module.path.startsWith(house.browserPages) && bundled.includes(name)) return undefined
    if (one.lazy && peers.includes(name)) return undefined
    return `${name} is not among the dependencies of package.json`
  })
}

function nodelessRule(tree: Tree): readonly string[] {
  return eachImport(tree, (module, one) =>
    house.foldersWithoutNode.includes(module.folder) && isBuiltin(one.specifier)
      ? `${module.folder} imports ${one.specifier}`
      : undefined,
  )
}

function nameRule(tree: Tree): readonly string[] {
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d|config))?(\.[a-z]+)?$/
  // Folders that Next reads as part of an address.
  const route = /^(\[\.\.\.[a-z]+\]|\[\[\.\.\.[a-z]+\]\])$/
  const code = /^(src|test|examples|tools|evidence)\//
  return [...tree.keys()]
    .filter((path) => code.test(path))
    .flatMap((path) => {
      const parts = path.split('/')
      const bad = parts.find((part) => !kebab.test(part) && !route.test(part))
      if (bad !== undefined) return [`${path}:1 ${bad} is not kebab-case`]
      const empty = parts.find((part) => house.emptyNames.includes(part.split('.')[0] ?? ''))
      return empty === undefined || parts[0] !== 'src' ? [] : [`${path}:1 ${empty} says nothing: name the noun`]
    })
}

function exportRule(tree: Tree): readonly string[] {
  return Object.entries(manifestOf(tree).exports ?? {}).flatMap(([door, targets]) => {
    if (typeof targets === 'string') return []
    const source = targets['handstamp-source'] ?? ''
    const stem = source.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, '')
    if (!tree.has(source.slice(2))) return [`package.json:1 ${door}: there is no ${source || 'handstamp-source'}`]
    if (targets.types === `${stem}.d.ts` && targets.default === `${stem}.js`) return []
    return [`package.json:1 ${door}: types and default must be ${stem}.d.ts and ${stem}.js`]
  })
}

function documentRule(tree: Tree): readonly string[] {
  return [...house.maxDocumentLines].flatMap(([path, limit]) => {
    const lines = countLines(tree.get(path) ?? '')
    return lines > limit ? [`${path}:1 ${lines} lines, at most ${limit}`] : []
  })
}

function eachImport(tree: Tree, judge: (module: Module, one: Import) => string | undefined): readonly string[] {
  return readModules(tree).flatMap((module) =>
    module.imports.flatMap((one) => {
      const problem = judge(module, one)
      return problem === undefined ? [] : [`${module.path}:${one.line} ${problem}`]
    }),
  )
}

function usesOf(tree: Tree, what: Use['what']): readonly string[] {
  return readModules(tree).flatMap((module) =>
    module.uses.filter((use) => use.what === what).map((use) => `${module.path}:${use.line} ${use.text}`),
  )
}

/** The name of the package, without the path inside it; nothing for Node's own modules and relative paths. */
function packageOf(one: Import): string | undefined {
  if (one.target !== undefined || one.specifier.startsWith('node:')) return undefined
  const parts = one.specifier.split('/')
  return parts.slice(0, one.specifier.startsWith('@') ? 2 : 1).join('/')
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

function manifestOf(tree: Tree): Manifest {
  return JSON.parse(tree.get('package.json') ?? '{}') as Manifest
}
