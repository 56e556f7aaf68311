import { mkdirSync } from 'node:fs'
import { type FileHandle, link, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import { secretFindings } from '../crypto/keyring.ts'
import { randomText } from '../crypto/random.ts'

export const makeOne = 'openssl rand -base64 32'

/**
 * The secret for development: made at the first start and kept in `<folder>/secret`, readable by its owner only. Processes that start at once agree on one.
 *
 * @param warn receives a sentence when the file can be read by others
 * @throws Fault `invalid_option` when the file is damaged or out of reach
 */
export async function developmentSecret(folder: string, warn: (sentence: string) => void): Promise<string> {
  const path = join(folder, 'secret')
  return (await readSecret(path, warn)) ?? (await makeSecret(path, warn))
}

/**
 * The same in the folder `.handstamp` of the working directory, which git is told to ignore.
 *
 * @throws Fault `invalid_option`
 */
export async function applicationSecret(warn: (sentence: string) => void): Promise<string> {
  const folder = join(process.cwd(), '.handstamp')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    await writeNew(join(folder, '.gitignore'), '*\n').catch(passOver('EEXIST'))
  } catch (cause) {
    throw unusable(join(folder, 'secret'), 'cannot be written', cause)
  }
  return developmentSecret(folder, warn)
}

/** The file gets its name when it is whole, and only if the name is free: nobody reads half a secret or replaces one that is in use. */
async function makeSecret(path: string, warn: (sentence: string) => void): Promise<string> {
  const draft = `${path}.${randomText(8)}`
  try {
    await writeNew(draft, `${randomText(32)}\n`)
    await link(draft, path).catch(passOver('EEXIST'))
  } catch (cause) {
    throw unusable(path, 'cannot be written', cause)
  } finally {
    await unlink(draft).catch(passOver('ENOENT'))
  }
  const secret = await readSecret(path, warn)
  if (secret === null) throw unusable(path, 'was removed while the server started')
  return secret
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** @returns null when there is no such file */
async function readSecret(path: string, warn: (sentence: string) => void): Promise<string | null> {
  const file = await openIfThere(path)
  if (file === null) return null
  try {
    const { mode, size } = await file.stat()
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      warn(`The secret in ${path} can be read by others on this machine: chmod 600 ${path}`)
    const secret = size <= 1024 ? (await file.readFile('utf8')).trim() : ''
    if (secretFindings([secret]).length > 0) throw unusable(path, 'holds no secret')
    return secret
  } finally {
    await file.close()
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return null
    throw unusable(path, 'cannot be read', cause)
  }
}

function unusable(path: string, how: string, cause?: unknown): Fault {
  const message = `The development secret ${path} ${how}. Set SESSION_SECRET (${makeOne}), or remove the file: everybody then signs in again.`
  return new Fault('invalid_option', message, { cause })
}

function passOver(code: string): (error: unknown) => void {
  return (error) => {
    if (!hasCode(error, code)) throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
