import { posix } from 'node:path'
import ts from 'typescript'
import type { Tree } from './tree.ts'

/** One source file of `src`, reduced to what the rules ask about. */
export interface Module {
  readonly path: string
  /** First folder under `src`; `''` for a door, a file at the root of `src`. */
  readonly folder: string
  readonly imports: readonly Import[]
  readonly functions: readonly FunctionSize[]
  readonly uses: readonly Use[]
}

export interface Import {
  readonly specifier: string
  readonly line: number
  /** Gone after type stripping. `import { type A }` is not: it still loads the file. */
  readonly typeOnly: boolean
  /** `import()`: loaded when it is called for. */
  readonly lazy: boolean
  /** For a relative import: the path of the imported file from the root of the repository. */
  readonly target?: string
}

/** A function's own lines: a named function inside it is counted by itself, an inline callback is not. */
export interface FunctionSize {
  readonly name: string
  readonly line: number
  readonly lines: number
}

export interface Use {
  readonly what: 'time' | 'random' | 'default export'
  readonly text: string
  readonly line: number
}

export function readModules(tree: Tree): readonly Module[] {
  const paths = [...tree.keys()].filter((path) => path.startsWith('src/') && /\.tsx?$/.test(path))
  return paths.map((path) => readModule(path, tree.get(path) ?? ''))
}

export function folderOf(path: string): string {
  const parts = path.split('/')
  return parts.length > 2 ? (parts[1] ?? '') : ''
}

function readModule(path: string, text: string): Module {
  const source = ts.createSourceFile(
    path,
    text,
    ts.ScriptTarget.Latest,
    true,
    path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  )
  const imports: Import[] = []
  const functions: FunctionSize[] = []
  const uses: Use[] = []
  const lineOf = (node: ts.Node): number => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1

  const visit = (node: ts.Node): void => {
    const found = importIn(node)
    const lazy = ts.isCallExpression(node)
    if (found) imports.push({ ...found, ...targetOf(path, found.specifier), lazy, line: lineOf(node) })
    const what = useIn(node)
    if (what) uses.push({ what, text: node.getText(source).split('\n', 1)[0] ?? '', line: lineOf(node) })
    if (isFunction(node)) {
      functions.push({ name: nameOf(node) ?? 'a callback', line: lineOf(node), lines: ownLines(node, source) })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return { path, folder: folderOf(path), imports, functions, uses }
}

function targetOf(path: string, specifier: string): { readonly target?: string } {
  if (!specifier.startsWith('.')) return {}
  return { target: posix.join(posix.dirname(path), specifier) }
}

function importIn(node: ts.Node): { readonly specifier: string; readonly typeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
    return { specifier: node.moduleSpecifier.text, typeOnly }
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly }
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { specifier: node.argument.literal.text, typeOnly: true }
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments
    if (argument && ts.isStringLiteralLike(argument)) return { specifier: argument.text, typeOnly: false }
  }
  return undefined
}

const timeMembers = ['Date.now', 'performance.now', 'performance.timeOrigin', 'process.hrtime', 'Temporal.Now']

function useIn(node: ts.Node): Use['what'] | undefined {
  const member = memberIn(node)
  if (member && timeMembers.includes(member)) return 'time'
  if (member === 'Math.random') return 'random'
  if (ts.isNewExpression(node) && lastName(node.expression) === 'Date' && !node.arguments?.length) return 'time'
  if (ts.isCallExpression(node) && lastName(node.expression) === 'Date') return 'time'
  if (ts.isExportAssignment(node)) return 'default export'
  if (ts.isExportSpecifier(node) && node.name.text === 'default') return 'default export'
  if (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.DefaultKeyword)) {
    return 'default export'
  }
  return undefined
}

/** `Date.now`, `Date['now']`, `globalThis.Date.now` and `const { now } = Date` all give `Date.now`. */
function memberIn(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return `${lastName(node.expression)}.${node.name.text}`
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return `${lastName(node.expression)}.${node.argumentExpression.text}`
  }
  if (ts.isBindingElement(node) && ts.isVariableDeclaration(node.parent.parent)) {
    const from = node.parent.parent.initializer
    return from && `${lastName(from)}.${(node.propertyName ?? node.name).getText()}`
  }
  return undefined
}

function lastName(node: ts.Expression): string | undefined {
  if (ts.isIdentifier(node)) return node.text
  if (ts.isPropertyAccessExpression(node)) return node.name.text
  return undefined
}

type AnyFunction = ts.FunctionLikeDeclaration & { readonly body: ts.Node }

function isFunction(node: ts.Node): node is AnyFunction {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined
}

function nameOf(node: AnyFunction): string | undefined {
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  if (node.name) return node.name.getText()
  const { parent } = node
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) {
    return parent.name.getText()
  }
  return undefined
}

function ownLines(node: AnyFunction, source: ts.SourceFile): number {
  let lines = span(node, source)
  const visit = (inner: ts.Node): void => {
    // One line stays: the one on which the outer function names it.
    if (isFunction(inner) && nameOf(inner) !== undefined) lines -= span(inner, source) - 1
    else ts.forEachChild(inner, visit)
  }
  ts.forEachChild(node, visit)
  return lines
}

function span(node: ts.Node, source: ts.SourceFile): number {
  const line = (position: number): number => source.getLineAndCharacterOfPosition(position).line
  return line(node.end) - line(node.getStart(source)) + 1
}
