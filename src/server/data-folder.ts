import { mkdirSync } from 'node:fs'
import { Fault } from '../base/fault.ts'

/** Makes the data folder, for its owner only (0700), where there is none. A folder that is there stays as it is. */
export function makeDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : ''
    const message = `The data folder ${path} cannot be made${why}: name another one with --data or HANDSTAMP_DATA.`
    throw new Fault('invalid_option', message, { cause })
  }
}
