// Writes the table of requirements in SECURITY.md from the list and the titles of the tests: `node tools/requirements.ts`.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { type Marked, onDisk, update } from './markers.ts'
import { type Requirement, requirements } from './requirements-list.ts'

export const marked: Marked = { path: 'SECURITY.md', name: 'requirements' }

/** The test files that name a requirement at the beginning of a title, by its id. */
export type Named = ReadonlyMap<string, ReadonlySet<string>>

export type State = 'held' | 'partly' | 'not yet'

/** Reads every title under `test/`, and of the laws of a store: texts that begin with ids, e.g. `S6 V2 a logout that …`; ids of the protocol (`P-D1`) are passed over. */
export function readNamed(): Named {
  const named = new Map<string, Set<string>>()
  const known = new Set(requirements.map(({ id }) => id))
  for (const path of testFiles()) {
    for (const title of titlesIn(readFileSync(onDisk(path), 'utf8'))) {
      for (const id of idsOf(title).filter((id) => known.has(id))) named.set(id, (named.get(id) ?? new Set()).add(path))
    }
  }
  return named
}

/** The laws of a store are published, so they stand among the sources. */
const laws = 'src/testing/contract'

function testFiles(): readonly string[] {
  return ['test', laws]
    .flatMap((folder) =>
      readdirSync(onDisk(folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replaceAll('\\', '/'))
    .sort()
}

const titled = new Set(['test', 'it', 'describe', 'suite'])

/** The titles in a source file: first arguments of `test`, `describe` and the like, a template by what stands before its first hole; and the quoted names of laws. */
export function titlesIn(source: string): readonly string[] {
  const titles: string[] = []
  const visit = (node: ts.Node): void => {
    const title = titleOf(node)
    if (title !== undefined && (ts.isStringLiteralLike(title) || ts.isTemplateHead(title))) titles.push(title.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('test.ts', source, ts.ScriptTarget.Latest))
  return titles
}

function titleOf(node: ts.Node): ts.Node | undefined {
  if (ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)) return node.name
  if (!ts.isCallExpression(node)) return undefined
  const { expression, arguments: given } = node
  const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression
  if (!ts.isIdentifier(name) || !titled.has(name.text)) return undefined
  const [first] = given
  return first !== undefined && ts.isTemplateExpression(first) ? first.head : first
}

/** The ids that a title begins with; none for an id alone, which is no title. */
export function idsOf(title: string): readonly string[] {
  const words = title.split(' ')
  const end = words.findIndex((word) => !/^(?:P-)?[A-Z]?\d+[,:]?$/.test(word))
  return end < 0 ? [] : words.slice(0, end).map((word) => word.replace(/[,:]$/, ''))
}

export function stateOf(requirement: Requirement, named: Named): State {
  if (requirement.absent !== undefined) return 'not yet'
  return requirement.missing === undefined && named.has(requirement.id) ? 'held' : 'partly'
}

/** One row for each requirement, in the order of the list. */
export function requirementsTable(named: Named): string {
  const rows = requirements.map((requirement) => {
    const { id, says } = requirement
    const files = [...(named.get(id) ?? [])].map((path) => `\`${path.replace(/^test\//, '')}\``).join(', ')
    return `| ${id} | ${says} | ${stateOf(requirement, named)}${openOf(requirement, named)} | ${files} |`
  })
  return `${['| id | requirement | state | tests |', '|---|---|---|---|', ...rows].join('\n')}\n`
}

function openOf({ id, missing, absent }: Requirement, named: Named): string {
  const untested = absent === undefined && !named.has(id) ? 'no test names it' : undefined
  const open = [absent, missing === undefined ? undefined : `missing: ${missing}`, untested].filter(Boolean)
  return open.length === 0 ? '' : `; ${open.join('; ')}`
}

if (import.meta.main) update(marked, requirementsTable(readNamed()))
