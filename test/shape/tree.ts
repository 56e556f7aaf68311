import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The text of each file by its path from the root of the repository. Fixtures are trees written by hand. */
export type Tree = ReadonlyMap<string, string>

const folders = ['src', 'test', 'examples', 'tools', 'evidence']
const isRead = /\.(ts|js|mjs|css)$/

export function readTree(root: string): Tree {
  const tree = new Map<string, string>()
  const add = (path: string): unknown => tree.set(path, readFileSync(join(root, path), 'utf8'))

  for (const name of readdirSync(root)) if (name.endsWith('.md') || name === 'package.json') add(name)
  for (const folder of folders) {
    if (!existsSync(join(root, folder))) continue
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !isRead.test(entry.name)) continue
      const inside = entry.parentPath.slice(root.length).split(/[\\/]/).filter(Boolean)
      add([...inside, entry.name].join('/'))
    }
  }
  return tree
}

export function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}
