import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What stands between `<!-- NAME -->` and `<!-- /NAME -->` in a document of the repository. */
export interface Marked {
  readonly path: string
  readonly name: string
}

/** A path of the repository on this machine. */
export function onDisk(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url))
}

/** The document as it stands, and as it would be with this text between the marks. */
export function withMarked({ path, name }: Marked, text: string): { readonly before: string; readonly after: string } {
  const before = readFileSync(onDisk(path), 'utf8')
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const from = before.indexOf(open)
  const to = before.indexOf(close)
  if (from < 0 || to < from) throw new Error(`${path} needs the marks ${open} and ${close}`)
  return { before, after: `${before.slice(0, from)}${open}\n\n${text}\n${before.slice(to)}` }
}

/** Brings the document up to date and says so. */
export function update(marked: Marked, text: string): void {
  const { before, after } = withMarked(marked, text)
  if (before !== after) writeFileSync(onDisk(marked.path), after)
  console.log(`${marked.path}: ${before === after ? 'is current' : 'updated'}`)
}
