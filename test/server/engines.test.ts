import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readConfig } from '../../src/server/config.ts'
import { startServer } from '../../src/server/serve.ts'
import { sharedEngines } from '../support/engines.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const secret = 'Eg4-engines-Yq2Wn8Rk5Lm0Xc3Zt6Bd9Hf'
const engines = await sharedEngines()
const data = temporaryFolder()

function noFile(): never {
  throw new Error('there is no file')
}

describe('the server on an engine that many nodes share', { skip: engines.length === 0 && 'none is installed' }, () => {
  for (const { name, variable } of engines) {
    test(`S6 ${name}: sign in at one server, sign out at another, and no server knows the session`, async () => {
      const [key, url] = variable
      const env = { [key]: url, SESSION_SECRET: secret, HANDSTAMP_DATA: data, PORT: '0' }
      const { config } = readConfig([], env, noFile)
      const one = await startServer({ config, warn: () => {} })
      const two = await startServer({ config, warn: () => {} })
      try {
        assert.match(one.data, name === 'postgres' ? /^Postgres at 127/ : /^Redis at 127/)
        assert.ok(one.demo !== null && two.demo === null, 'the account is made once')
        const body = new URLSearchParams({ ...one.demo, present: 'token' })
        const signedIn = await fetch(`${one.url}/login`, { method: 'POST', body })
        assert.equal(signedIn.status, 200)
        const { access_token: token } = (await signedIn.json()) as { access_token: string }
        const headers = { Authorization: `Bearer ${token}` }
        for (const { url: server } of [one, two])
          assert.equal((await fetch(`${server}/session`, { headers })).status, 200)
        assert.equal((await fetch(`${two.url}/logout`, { method: 'POST', headers })).status, 204)
        assert.equal((await fetch(`${two.url}/session`, { headers })).status, 401, 'the node that ended it, at once')
        const since = performance.now()
        while ((await fetch(`${one.url}/session`, { headers })).status === 200)
          assert.ok(performance.now() - since < config.policy.revocationBound, 'the other one, within R')
      } finally {
        await one.stop()
        await two.stop()
      }
    })

    test(`${name}: a URL that leads nowhere is said at the start, without its password`, async () => {
      const [key, url] = variable
      const wrong = url
        .replace('127.0.0.1', 'app:hunter2@127.0.0.1')
        .replace(/:\d+(\/|$)/, ':1$1')
        .replace('postgres@', '')
      const { config } = readConfig([], { [key]: wrong, SESSION_SECRET: secret, HANDSTAMP_DATA: data }, noFile)
      await assert.rejects(startServer({ config, warn: () => {} }), (error: Error) => {
        assert.match(error.message, /(does|did) not answer.* Check that it runs, and its URL\.$/)
        assert.ok(!error.message.includes('hunter2'))
        return true
      })
    })
  }
})
