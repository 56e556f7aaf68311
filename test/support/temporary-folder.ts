import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

/** A folder that is removed when the tests of the file, or of the suite that asks for it, are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'handstamp-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
