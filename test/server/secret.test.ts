import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { sessionSecrets } from '../../src/server/secret.ts'

const root = mkdtempSync(join(tmpdir(), 'handstamp-secret-'))
after(() => rmSync(root, { recursive: true, force: true }))

let made = 0
function freshFolder(): string {
  return join(root, `data-${made++}`, 'inner')
}

function silent(sentence: string): void {
  assert.fail(sentence)
}

const development = { secrets: [], production: false }

describe('the secrets', () => {
  test('are those of the configuration, in production and in development, and nothing is written', async () => {
    const data = freshFolder()
    for (const production of [true, false])
      assert.deepEqual(await sessionSecrets({ secrets: ['a', 'b'], data, production }, silent), ['a', 'b'])
    assert.throws(() => statSync(data), { code: 'ENOENT' })
  })

  test('are required in production, and the error says how to make one', async () => {
    const data = freshFolder()
    const refused = sessionSecrets({ secrets: [], data, production: true }, silent)
    await assert.rejects(refused, { kind: 'invalid_option', message: /SESSION_SECRET="\$\(openssl rand -base64 32\)"/ })
    assert.throws(() => statSync(data), { code: 'ENOENT' })
  })
})

describe('the development secret', () => {
  test('is made once, of 32 random bytes, for its owner only', async () => {
    const data = freshFolder()
    const [secret = ''] = await sessionSecrets({ ...development, data }, silent)
    assert.match(secret, /^[A-Za-z0-9_-]{43}$/)
    assert.deepEqual(readdirSync(data), ['secret'])
    assert.equal(readFileSync(join(data, 'secret'), 'utf8'), `${secret}\n`)
    assert.equal(statSync(join(data, 'secret')).mode & 0o777, 0o600)
    assert.equal(statSync(data).mode & 0o777, 0o700)
    assert.deepEqual(await sessionSecrets({ ...development, data }, silent), [secret])
    assert.notDeepEqual(await sessionSecrets({ ...development, data: freshFolder() }, silent), [secret])
  })

  test('is one for all that start at once, in one process', async () => {
    const data = freshFolder()
    const all = await Promise.all(Array.from({ length: 50 }, () => sessionSecrets({ ...development, data }, silent)))
    assert.equal(new Set(all.map(([secret]) => secret)).size, 1)
    assert.deepEqual(readdirSync(data), ['secret'])
  })

  test('is one for all that start at once, in several processes', async () => {
    const data = freshFolder()
    const script = `
      import { sessionSecrets } from ${JSON.stringify(new URL('../../src/server/secret.ts', import.meta.url).href)}
      process.stdout.write('ready ')
      process.stdin.once('data', async () => {
        const [secret] = await sessionSecrets({ secrets: [], production: false, data: ${JSON.stringify(data)} }, () => {})
        process.stdout.write(secret)
        process.stdin.destroy()
      })`
    const processes = Array.from({ length: 6 }, () => startProcess(script))
    await Promise.all(processes.map(({ ready }) => ready))
    for (const { child } of processes) child.stdin.write('go')
    const secrets = await Promise.all(processes.map(({ output }) => output))
    assert.deepEqual(new Set(secrets), new Set([`ready ${readFileSync(join(data, 'secret'), 'utf8').trim()}`]))
    assert.deepEqual(readdirSync(data), ['secret'])
  })

  test('that others can read is used, with a warning that says what to do', async () => {
    const data = freshFolder()
    const before = await sessionSecrets({ ...development, data }, silent)
    chmodSync(join(data, 'secret'), 0o644)
    const warnings: string[] = []
    assert.deepEqual(await sessionSecrets({ ...development, data }, (warning) => warnings.push(warning)), before)
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', /chmod 600/)
    assert.ok(!warnings[0]?.includes(before[0] ?? ''))
  })

  test('that is damaged is refused, not replaced', async () => {
    const data = freshFolder()
    await sessionSecrets({ ...development, data }, silent)
    for (const text of ['', 'short', 'x'.repeat(50), 'abcdefghijk'.repeat(500)]) {
      writeFileSync(join(data, 'secret'), text)
      await assert.rejects(sessionSecrets({ ...development, data }, silent), { kind: 'invalid_option' })
      assert.equal(readFileSync(join(data, 'secret'), 'utf8'), text)
    }
  })

  test('in a folder that cannot be made is refused, with the way out', async () => {
    writeFileSync(join(root, 'file'), '')
    const places = [join(root, 'file', 'data'), ...(process.platform === 'linux' ? ['/proc/handstamp/data'] : [])]
    for (const data of places) {
      const refused = sessionSecrets({ ...development, data }, silent)
      await assert.rejects(refused, { kind: 'invalid_option', message: /--data or HANDSTAMP_DATA/ })
    }
  })
})

function startProcess(script: string) {
  const child = spawn(process.execPath, ['--conditions=handstamp-source', '--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const output = once(child, 'close').then(() => text)
  return { child, ready: once(child.stdout, 'data'), output }
}
