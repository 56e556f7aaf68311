import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { readConfig } from '../../src/server/config.ts'
import { type OpenAuth, openAuth } from '../../src/server/open.ts'
import { type Finished, handstamp, temporaryFolder } from './command.ts'

const folder = temporaryFolder()
after(folder.remove)

function run(argv: readonly string[], data: string): Promise<Finished> {
  return handstamp(argv, { env: { HANDSTAMP_DATA: join(folder.path, data) } })
}

function opened(data: string): Promise<OpenAuth> {
  const { config } = readConfig(['--data', join(folder.path, data)], {}, () => '')
  return openAuth(config, (sentence) => assert.fail(sentence))
}

/** Somebody with two sessions, in a server that runs. */
async function signedIn(data: string) {
  const { id: user } = JSON.parse((await run(['users', 'add', 'Ada', '--json'], data)).out)
  const server = await opened(data)
  const made = []
  for (const present of ['cookie', 'token'] as const) {
    const created = await server.auth.create({ user, present, device: { agent: 'curl/8', address: '192.0.2.1' } })
    assert.ok(created.ok)
    made.push(created.value)
  }
  return { server, made, ids: made.map(({ session }) => session.id) }
}

describe('handstamp sessions', () => {
  test('S9 lists and shows those of a name, and never what opens them', async () => {
    const { server, made, ids } = await signedIn('list')
    const listed = await run(['sessions', 'list', 'ADA', '--json'], 'list')
    assert.equal(listed.code, 0, listed.err)
    assert.deepEqual(
      JSON.parse(listed.out)
        .map(({ id }: { id: string }) => id)
        .toSorted(),
      ids.toSorted(),
    )
    const plain = await run(['sessions', 'list', 'ada'], 'list')
    assert.equal(plain.out.trim().split('\n').length, 2)
    const one = await run(['sessions', 'show', ids[0] ?? '', '--json'], 'list')
    assert.equal(JSON.parse(one.out).device, 'A script (curl)')
    for (const { credential, snapshot } of made)
      for (const { out, err } of [listed, plain, one])
        assert.ok(!`${out}${err}`.includes(credential) && !`${out}${err}`.includes(snapshot))
    assert.equal((await run(['sessions', 'show', 'no-such'], 'list')).code, 3)
    assert.match((await run(['sessions', 'list', 'nobody'], 'list')).err, /not signed in anywhere/)
    await server.close()
  })

  test('S9 ends one, then all, in a server that runs beside', async () => {
    const { server, made, ids } = await signedIn('revoke')
    const lives = async (index: number): Promise<boolean> => {
      const { credential, snapshot } = made[index] as (typeof made)[number]
      const shown = index === 0 ? { credential, snapshot } : { accessToken: snapshot }
      return (await server.auth.validate(shown)).ok
    }
    assert.deepEqual([await lives(0), await lives(1)], [true, true])
    assert.equal((await run(['sessions', 'revoke', ids[0] ?? ''], 'revoke')).code, 0)
    assert.deepEqual([await lives(0), await lives(1)], [false, true])
    assert.equal((await run(['sessions', 'revoke', ids[0] ?? ''], 'revoke')).code, 3)
    assert.equal((await run(['sessions', 'revoke-all', 'ada'], 'revoke')).code, 0)
    assert.deepEqual([await lives(0), await lives(1)], [false, false])
    assert.equal(
      (await run(['sessions', 'revoke-everyone', '--json'], 'revoke')).out,
      '{"everyone":true,"ended":true}\n',
    )
    await server.close()
  })
})

describe('handstamp keys', () => {
  test('J16 lists, adds and removes', async () => {
    const list = async (): Promise<string[]> =>
      JSON.parse((await run(['keys', 'list', '--json'], 'keys')).out).map(({ kid }: { kid: string }) => kid)
    const [first = ''] = await list()
    const { kid } = JSON.parse((await run(['keys', 'rotate', '--json'], 'keys')).out)
    assert.deepEqual((await list()).toSorted(), [first, kid].toSorted())
    assert.equal((await run(['keys', 'remove', first], 'keys')).code, 0)
    assert.deepEqual(await list(), [kid])
    assert.equal((await run(['keys', 'remove', first], 'keys')).code, 3)
    assert.equal((await run(['keys', 'twist'], 'keys')).code, 2)
  })
})

test('handstamp config says where each value comes from, and only counts secrets', async () => {
  const secret = 'Cf5-config-Zq8Wn2Rk7Lm1Xc4Vt9Bd6Hs'
  const call = { env: { SESSION_SECRET: secret, PORT: '9000' } }
  const { code, out } = await handstamp(['config', '--json', '--host', '0.0.0.0'], call)
  assert.equal(code, 0)
  const all = JSON.parse(out)
  assert.deepEqual(all.port, { value: 9000, source: 'env PORT' })
  assert.deepEqual(all.host, { value: '0.0.0.0', source: 'flag --host' })
  assert.deepEqual(all.data, { value: './data', source: 'default' })
  assert.deepEqual(all.secrets, { value: '1 secret', source: 'env SESSION_SECRET' })
  assert.ok(!out.includes(secret))
  assert.match((await handstamp(['config'], call)).out, /^port +9000 +env PORT$/m)
})
