import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Fault } from '../base/fault.ts'

/** Makes the data folder, for its owner only (0700), where there is none. A folder that is there stays as it is. */
export function makeDataFolder(path: string): void {
  try {
    makeFolders(resolve(path))
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : ''
    const message = `The data folder ${path} cannot be made${why}: name another one with --data or HANDSTAMP_DATA.`
    throw new Fault('invalid_option', message, { cause })
  }
}

/** Not `recursive: true`: under /proc that never returns (Node 24). */
function makeFolders(path: string): void {
  if (isFolder(path)) return
  const above = dirname(path)
  if (above !== path) makeFolders(above)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (!isFolder(path)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
