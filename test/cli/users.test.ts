import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { Presented } from '../../src/engine/engine.ts'
import { readConfig } from '../../src/server/config.ts'
import { type OpenAuth, openAuth } from '../../src/server/open.ts'
import { type Call, type Finished, handstamp, temporaryFolder } from './command.ts'

const folder = temporaryFolder()
after(folder.remove)

let made = 0
function freshData(): string {
  return join(folder.path, `data-${made++}`)
}

function users(data: string, argv: readonly string[], call: Call = {}): Promise<Finished> {
  return handstamp(['users', ...argv], { ...call, env: { HANDSTAMP_DATA: data, ...call.env } })
}

function configOf(data: string) {
  return readConfig(['--data', data], {}, () => '').config
}

function opened(data: string): Promise<OpenAuth> {
  return openAuth(configOf(data), (sentence) => assert.fail(sentence))
}

describe('handstamp users password, enable', () => {
  test('S8 sets another password, ends the sessions, and lets the name be tried again', async () => {
    const data = freshData()
    const added = JSON.parse((await users(data, ['add', 'ada', '--json'])).out)
    const server = await opened(data)
    const session = await begin(server.auth, added.id, 0)
    assert.equal((await server.auth.validate(session, 0)).ok, true)
    for (let tries = 0; tries < 30; tries++)
      await server.attempts.begin({ username: 'ada', address: `192.0.2.${tries}` })
    assert.equal((await server.attempts.begin({ username: 'ada', address: '192.0.2.99' })).ok, false)
    const { code, out, err } = await users(data, ['password', 'ADA', '--json'])
    assert.equal(code, 0, err)
    const { password, id } = JSON.parse(out)
    assert.equal(id, added.id)
    assert.notEqual(password, added.password)
    assert.equal((await server.auth.validate(session, 0)).ok, false)
    assert.equal((await server.accounts.verify('ada', password)).ok, true)
    assert.equal((await server.accounts.verify('ada', added.password)).ok, false)
    assert.equal((await server.attempts.begin({ username: 'ada', address: '192.0.2.100' })).ok, true)
    await server.auth.close()
    assert.equal((await users(data, ['password', 'nobody'])).code, 3)
    assert.equal((await users(data, ['password', 'ada', '--password-stdin'], { input: 'short' })).code, 1)
  })

  test('a disabled account is enabled again', async () => {
    const data = freshData()
    const { password } = JSON.parse((await users(data, ['add', 'ada', '--json'])).out)
    assert.equal((await users(data, ['disable', 'ada'])).code, 0)
    assert.equal((await users(data, ['enable', 'ada'])).code, 0)
    const server = await opened(data)
    assert.equal((await server.accounts.verify('ada', password)).ok, true)
    await server.auth.close()
    assert.equal((await users(data, ['enable', 'nobody'])).code, 3)
  })
})

describe('handstamp users add', () => {
  test('makes an account and a password that is shown once', async () => {
    const data = freshData()
    const { code, out, err } = await users(data, ['add', 'Ada', '--role', 'admin', '--json'])
    assert.equal(code, 0, err)
    assert.equal(out.split('\n').length, 2)
    const { id, username, role, createdAt, disabled, password } = JSON.parse(out)
    assert.deepEqual({ username, role, disabled }, { username: 'Ada', role: 'admin', disabled: false })
    assert.match(id, /^[A-Za-z0-9_-]{22}$/)
    assert.match(createdAt, /^\d{4}-\d\d-\d\dT/)
    assert.match(password, /^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
    assert.match(err, /shown only now/)
    assert.ok(!err.includes(password))
    const auth = await opened(data)
    assert.deepEqual((await auth.accounts.verify('ada', password)).ok, true)
    await auth.close()
    assert.ok(!(await users(data, ['list', '--json'])).out.includes(password))
  })

  test('tells people the same in lines', async () => {
    const { code, out } = await users(freshData(), ['add', 'Ada'])
    assert.equal(code, 0)
    assert.match(out, /^id: .+\nusername: Ada\nrole: none\ncreatedAt: .+\ndisabled: false\npassword: .+\n$/)
  })

  test('takes a password from standard input, without its line end, and does not repeat it', async () => {
    const data = freshData()
    const input = 'plum train ogling\n'
    const { code, out, err } = await users(data, ['add', 'ada', '--password-stdin', '--json'], { input })
    assert.equal(code, 0, err)
    assert.ok(!`${out}${err}`.includes('plum'))
    const auth = await opened(data)
    assert.equal((await auth.accounts.verify('ada', 'plum train ogling')).ok, true)
    await auth.close()
  })

  test('refuses with exit code 1: a weak password, a taken name, a name that cannot be', async () => {
    const data = freshData()
    const weak = await users(data, ['add', 'ada', '--password-stdin'], { input: 'hunter2' })
    assert.deepEqual([weak.code, weak.out], [1, ''])
    assert.match(weak.err, /Choose 15 characters or more/)
    assert.equal((await users(data, ['add', 'ada'])).code, 0)
    const taken = await users(data, ['add', 'ADA'])
    assert.deepEqual([taken.code, taken.out], [1, ''])
    assert.match(taken.err, /There is an account of that name already/)
    assert.equal((await users(data, ['add', '\u202eada'])).code, 1)
  })

  test('is called wrongly with exit code 2, and says everything at once', async () => {
    const data = freshData()
    const { code, out, err } = await users(data, ['add', '--rol', 'x', '--port', 'y'])
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, /--rol is not known: did you mean --role\?/)
    assert.match(err, /--port must be/)
    assert.equal((await users(data, ['add'])).code, 2)
    assert.equal((await users(data, ['add', 'a', '--password-stdin'], { input: 'x'.repeat(5000) })).code, 2)
    assert.equal((await users(data, [])).code, 2)
    const unknown = await users(data, ['ad'])
    assert.equal(unknown.code, 2)
    assert.match(unknown.err, /there is no users ad: did you mean add\?/)
    assert.throws(() => statSync(data), { code: 'ENOENT' })
    assert.equal((await users(data, ['add', 'a', '--role', 'two words'])).code, 2)
  })

  test('keeps the data folder to its owner', async () => {
    const data = freshData()
    await users(data, ['add', 'ada'])
    assert.equal(statSync(data).mode & 0o777, 0o700)
  })
})

describe('handstamp users list', () => {
  test('lists accounts in the order of their names, never a hash', async () => {
    const data = freshData()
    for (const name of ['Zoe', 'ada', 'Bob']) assert.equal((await users(data, ['add', name])).code, 0)
    const { code, out } = await users(data, ['list', '--json'])
    assert.equal(code, 0)
    assert.deepEqual(
      JSON.parse(out).map((account: { readonly username: string }) => account.username),
      ['ada', 'Bob', 'Zoe'],
    )
    const lines = (await users(data, ['list'])).out
    assert.match(lines, /^ada {2}-\s+active /)
    for (const text of [out, lines]) assert.ok(!text.includes('argon2'))
  })

  test('is an empty list for nobody', async () => {
    const data = freshData()
    assert.deepEqual(JSON.parse((await users(data, ['list', '--json'])).out), [])
    const { code, out, err } = await users(data, ['list'])
    assert.deepEqual([code, out], [0, ''])
    assert.match(err, /handstamp users add NAME/)
  })
})

describe('handstamp users disable', () => {
  test('S7 lets the account sign in no more and ends its sessions on a running node, in both modes, with no secret at hand', async () => {
    const data = freshData()
    const added = JSON.parse((await users(data, ['add', 'Ada', '--json'])).out)
    const { auth, accounts, close } = await opened(data)
    const presented = await Promise.all(Array.from({ length: 10 }, (_, index) => begin(auth, added.id, index)))
    const stranger = await begin(auth, 'somebody else', 0)
    for (const session of [...presented, stranger]) assert.equal((await auth.validate(session)).ok, true)

    const { code, out, err } = await users(data, ['disable', 'ada', '--json'], { env: { NODE_ENV: 'production' } })
    assert.equal(code, 0, err)
    assert.equal(JSON.parse(out).disabled, true)

    for (const session of presented) assert.deepEqual(await auth.validate(session), { ok: false, reason: 'revoked' })
    assert.equal((await auth.validate(stranger)).ok, true)
    assert.deepEqual(await auth.list(added.id), [])
    assert.deepEqual(await accounts.verify('ada', added.password), { ok: false, reason: 'wrong_login' })
    await close()
    assert.equal(JSON.parse((await users(data, ['list', '--json'])).out)[0].disabled, true)
    assert.match((await users(data, ['list'])).out, /disabled/)
  })

  test('can be repeated, and ends the sessions again', async () => {
    const data = freshData()
    await users(data, ['add', 'ada'])
    for (let round = 0; round < 2; round++) assert.equal((await users(data, ['disable', 'ada'])).code, 0)
  })

  test('answers 3 for a name that nobody has', async () => {
    const { code, out, err } = await users(freshData(), ['disable', 'ada'])
    assert.deepEqual([code, out], [3, ''])
    assert.match(err, /no account of that name/)
  })
})

describe('a configuration that cannot be', () => {
  test('is exit code 2, and a secret in it is not repeated', async () => {
    const env = { DATABASE_URL: 'mysql://u:hunter2@h/d', SESSION_SECRET: 'hunter2', HANDSTAMP_DTA: 'x' }
    const { code, out, err } = await users(freshData(), ['list'], { env })
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, /DATABASE_URL must be a URL/)
    assert.match(err, /HANDSTAMP_DTA is not known: did you mean HANDSTAMP_DATA\?/)
    assert.ok(!err.includes('hunter2'))
  })
})

/** A new session, as the client shows it: every second one by tokens. */
async function begin(auth: OpenAuth['auth'], user: string, index: number): Promise<Presented> {
  const isToken = index % 2 === 1
  const started = await auth.create({ user, present: isToken ? 'token' : 'cookie' })
  assert.ok(started.ok)
  const { credential, snapshot } = started.value
  return isToken ? { accessToken: snapshot } : { credential, snapshot }
}
