import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { browserMissing, closeBrowser, openBrowsers } from '../../src/lab/browsers.ts'
import { fillMatrix } from '../../src/lab/matrix.ts'
import { createStage } from '../../src/lab/stage.ts'
import { whoseAnswer } from '../../src/lab/steps.ts'
import { readConfig } from '../../src/server/config.ts'
import { isAlone } from '../../src/server/serve.ts'
import { startServerProcess } from '../support/server-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

after(closeBrowser)

const nothing = { present: 'cookie', on: new Set<string>(), other: null } as const

describe('what the lab leaves behind: nothing', () => {
  test('a run that is over opens no more, and what it has opened is gone, whatever fails on the way', async () => {
    const staged = createStage(nothing)
    const target = await staged.stage.open()
    staged.stage.after(() => {
      throw new Error('cannot be ended')
    })
    const client = staged.stage.client('attacker', target)
    assert.equal((await client.send('GET', '/')).status, 200)
    await assert.rejects(staged.close(), AggregateError)
    await assert.rejects(client.send('GET', '/'), { code: 'ECONNREFUSED' })
    await assert.rejects(staged.stage.open(), /The run is over/)
  })

  test('a listener that breaks answers 500, and the process goes on', async () => {
    const staged = createStage(nothing)
    for (const listener of [
      () => {
        throw new Error('at once')
      },
      (() => Promise.reject(new Error('later'))) as () => void,
    ]) {
      const port = await staged.stage.serve('attacker', listener)
      const client = staged.stage.client('attacker', { origin: `http://localhost:${port}`, port })
      assert.equal((await client.send('GET', '/?%')).status, 500)
    }
    await staged.close()
  })

  test('a browser that has gone is started again', async (t) => {
    const missing = await browserMissing()
    if (missing !== null && process.env.HANDSTAMP_REQUIRE_ALL !== '1') return t.skip(missing)
    const { victim } = await openBrowsers(() => {})
    await victim.browser()?.close()
    const ends: (() => Promise<void>)[] = []
    const again = await openBrowsers((end) => ends.push(end))
    assert.equal(again.victim.browser()?.isConnected(), true)
    for (const end of ends) await end()
  })

  test('a server that is stopped during a run ends, with 0', async () => {
    const server = await startServerProcess(temporaryFolder())
    const headers = { Origin: server.url, 'Content-Type': 'application/x-www-form-urlencoded' }
    const running = fetch(`${server.url}/lab/matrix`, { method: 'POST', headers }).catch(() => null)
    await fetch(`${server.url}/lab`)
    assert.equal(await server.stop(), 0)
    await running
  })

  test('an application that breaks is no merit of a defence', () => {
    const broke = { status: 500, headers: {}, body: '', json: {}, reason: '' }
    assert.throws(() => whoseAnswer('GET /me', broke), /the application broke: GET \/me: 500/)
  })

  test('nothing tried is nothing passed', async () => {
    assert.equal((await fillMatrix({ attacks: [] })).passed, false)
  })

  test('its pages are there for somebody alone with the server', () => {
    const alone = (...argv: string[]): boolean => isAlone(readConfig(argv, {}, () => '').config)
    assert.equal(alone(), true)
    assert.equal(alone('--host', '::1'), true)
    for (const argv of [
      ['--host', '0.0.0.0'],
      ['--host', '127.0.0.1.example.com'],
      ['--trusted-proxies', 'loopback'],
      ['--origin', 'https://example.com'],
    ])
      assert.equal(alone(...argv), false, argv.join(' '))
    const config = readConfig(
      [],
      { NODE_ENV: 'production', SESSION_SECRET: 'Kf8-alone-2mXw0_qVtZ6rJyB4nLd9cH' },
      () => '',
    ).config
    assert.equal(isAlone(config), false)
  })
})
