import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The text of each file by its path from the root of the repository. Fixtures are trees written by hand. */
export type Tree = ReadonlyMap<string, string>

const folders = ['src', 'test', 'examples', 'tools', 'evidence']
const isMade = /^(node_modules|\..+)$/
const isRead = /\.(tsx?|js|mjs|css)$/

export function readTree(root: string): Tree {
  const tree = new Map<string, string>()
  const add = (path: string): unknown => tree.set(path, readFileSync(join(root, path), 'utf8'))

  for (const name of readdirSync(root)) if (name.endsWith('.md') || name === 'package.json') add(name)
  for (const folder of folders) {
    if (!existsSync(join(root, folder))) continue
    for (const path of filesBelow(root, folder)) if (isRead.test(path)) add(path)
  }
  return tree
}

/** Without what is installed or built there. */
function filesBelow(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return isMade.test(entry.name) ? [] : filesBelow(root, path)
    return entry.isFile() && entry.name !== 'next-env.d.ts' ? [path] : []
  })
}

export function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}
