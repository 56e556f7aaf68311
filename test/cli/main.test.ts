import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { settings } from '../../src/server/setting.ts'
import { handstamp } from './command.ts'

describe('handstamp', () => {
  test('says what it can do, on standard output when asked', async () => {
    for (const argv of [['--help'], ['-h'], ['help']]) {
      const { code, out, err } = await handstamp(argv)
      assert.equal(code, 0)
      assert.match(out, /Usage: handstamp COMMAND/)
      for (const command of ['serve', 'users']) assert.ok(out.includes(`  ${command} `))
      assert.equal(err, '')
    }
  })

  test('without a command is called wrongly, and says how', async () => {
    const { code, out, err } = await handstamp([])
    assert.equal(code, 2)
    assert.equal(out, '')
    assert.match(err, /Usage: handstamp COMMAND/)
  })

  test('explains each command', async () => {
    const serve = await handstamp(['serve', '--help'])
    assert.equal(serve.code, 0)
    for (const { flag, env } of Object.values(settings)) {
      assert.ok(serve.out.includes(`--${flag}`), flag)
      assert.ok(serve.out.includes(env), env)
    }
    assert.match((await handstamp(['users', 'add', '--help'])).out, /--password-stdin/)
    assert.match((await handstamp(['help', 'users'])).out, /users disable NAME/)
  })

  test('knows its version', async () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    assert.deepEqual(await handstamp(['--version']), { code: 0, out: `${manifest.version}\n`, err: '' })
  })

  test('names the nearest command for one it does not know', async () => {
    const { code, out, err } = await handstamp(['user'])
    assert.equal(code, 2)
    assert.equal(out, '')
    assert.match(err, /there is no command user: did you mean users\?/)
  })

  test('writes no colour codes where nobody sees them', async () => {
    assert.ok(!(await handstamp(['user'])).err.includes('\u001b'))
  })
})
