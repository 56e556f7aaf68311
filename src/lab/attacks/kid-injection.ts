import { createHmac } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readsTheKeyFile } from '../mistakes.ts'
import { standards } from '../standards.ts'
import { inputOf, tokenForgery } from '../token-forgery.ts'

/** A file of the application that anybody can download. */
const known = 'User-agent: *\nDisallow:\n'

export const kidInjection = tokenForgery({
  id: 'kid-injection',
  title: 'Injection by the name of the key',
  aim: 'The attacker names a key that leads out of the folder of keys, to a file whose content everybody knows, and signs with that.',
  defence: {
    id: 'kid-is-a-name',
    title: 'The name of a key is looked up, exactly',
    on: 'kid is looked up in a map of the keys that there are; it is part of no path, query or address',
    off: 'A check written by hand that reads the file of that name',
    rule: 'A kid that names no key of ours is refused: nothing is opened, asked or fetched for it.',
  },
  standard: standards.keyInput,
  mistake: (publicPem, stage) => {
    const folder = mkdtempSync(join(tmpdir(), 'handstamp-lab-'))
    stage.after(() => rmSync(folder, { recursive: true, force: true }))
    mkdirSync(join(folder, 'keys'))
    writeFileSync(join(folder, 'robots.txt'), known)
    return readsTheKeyFile(join(folder, 'keys'), publicPem)
  },
  forge: ({ header, claims }) => {
    const input = inputOf({ ...header, alg: 'HS256', kid: '../robots.txt' }, claims)
    return `${input}.${createHmac('sha256', known).update(input).digest('base64url')}`
  },
})
