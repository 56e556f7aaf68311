import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Clock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import { accept, refuse } from '../../src/base/reasons.ts'
import type { Documents } from '../../src/model/backend.ts'
import { type Accounts, accountsVerifier, createAccounts } from '../../src/server/accounts.ts'
import { createPasswords, type Derive, deriveArgon2id, type HashCost } from '../../src/server/password.ts'
import { usernameKey } from '../../src/server/username.ts'
import { memory } from '../../src/stores/memory.ts'

const cheap: HashCost = { memory: 8, passes: 1, parallelism: 1 }
const clock: Clock = { now: () => 1_800_000_000_000, monotonic: () => 0 }
const password = 'plum train ogling'

interface Setup {
  readonly documents: Documents
  readonly accounts: Accounts
  /** What each hash cost. */
  readonly hashes: string[]
}

function setup(documents: Documents = memory().documents, cost: HashCost = cheap): Setup {
  const hashes: string[] = []
  const derive: Derive = (text, salt, at, length) => {
    hashes.push(JSON.stringify(at))
    return deriveArgon2id(text, salt, at, length)
  }
  const accounts = createAccounts(documents, clock, { passwords: createPasswords({ cost, derive }) })
  return { documents, accounts, hashes }
}

async function added(accounts: Accounts, username: string, role?: string) {
  const account = await accounts.add({ username, password, ...(role === undefined ? {} : { role }) })
  assert.ok(account.ok, username)
  return account.value
}

describe('adding an account', () => {
  test('gives it a stable, opaque id and keeps the name as typed', async () => {
    const { accounts } = setup()
    const ada = await added(accounts, '  Ada Lovelace ', 'admin')
    assert.match(ada.id, /^[A-Za-z0-9_-]{22}$/)
    const { id } = ada
    const expected = {
      id,
      username: 'Ada Lovelace',
      role: 'admin',
      createdAt: clock.now(),
      disabled: false,
      version: 1,
    }
    assert.deepEqual(ada, expected)
    assert.deepEqual(await accounts.find('ada lovelace'), expected)
    assert.deepEqual(await accounts.findById(id), expected)
    assert.notEqual((await added(accounts, 'Bob')).id, id)
  })

  test('refuses a name that is taken in another spelling', async () => {
    const { accounts } = setup()
    await added(accounts, 'Ada')
    for (const username of ['Ada', 'ada', ' ADA ', '\uff21\uff24\uff21'])
      assert.deepEqual(await accounts.add({ username, password }), refuse('account_exists'))
  })

  test('gives one account when a name is added many times at once', async () => {
    const { accounts, documents } = setup()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => accounts.add({ username: index % 2 ? 'Ada' : 'ada', password })),
    )
    assert.equal(answers.filter((answer) => answer.ok).length, 1)
    assert.ok(answers.every((answer) => answer.ok || answer.reason === 'account_exists'))
    assert.equal((await documents.list('account', 100)).length, 1)
    assert.equal((await documents.list('account-id', 100)).length, 1)
  })

  test('refuses names that cannot be told apart by eye, and endless ones', async () => {
    const { accounts, documents } = setup()
    for (const username of [
      '',
      '   ',
      'a\u0000b',
      'a\nb',
      'a\u200bb',
      'a\u202eb',
      'a\ufeffb',
      '\ud800',
      'x'.repeat(129),
      'x'.repeat(1e6),
    ])
      assert.deepEqual(await accounts.add({ username, password }), refuse('bad_username'))
    assert.equal((await accounts.list(10)).length, 0)
    assert.equal((await documents.list('account-id', 10)).length, 0)
    await added(accounts, 'x'.repeat(128))
  })

  test('refuses a weak password and a role that is no word', async () => {
    const { accounts } = setup()
    assert.deepEqual(await accounts.add({ username: 'ada', password: 'too short' }), refuse('weak_password'))
    for (const role of ['', 'two words', 'a\n', 'x'.repeat(65)])
      await assert.rejects(accounts.add({ username: 'ada', password, role }), { kind: 'invalid_value' })
  })

  test('39 touches only its own key, whatever the name', async () => {
    const { accounts, documents } = setup()
    const names = [
      '*',
      '%',
      '_',
      '../../etc/passwd',
      "' OR 1=1 --",
      '{tag}',
      'a:b',
      '\\',
      '__proto__',
      'constructor',
      'toString',
      '"',
      '😀',
    ]
    for (const [index, name] of names.entries()) {
      const account = await added(accounts, name)
      assert.deepEqual(await accounts.find(name), account)
      assert.equal((await documents.list('account', 100)).length, index + 1)
    }
    for (const name of names) assert.ok((await accounts.verify(name, password)).ok, name)
    assert.equal(({} as { username?: unknown }).username, undefined)
    assert.equal(await accounts.find('hasOwnProperty'), null)
  })

  test('S5 keeps no password, in no document', async () => {
    const { accounts, documents } = setup()
    await added(accounts, 'ada')
    const all = [...(await documents.list('account', 10)), ...(await documents.list('account-id', 10))]
    assert.ok(!JSON.stringify(all).includes(password))
    assert.ok(!JSON.stringify(await accounts.list(10)).includes('argon2'))
  })
})

describe('the key of a username', () => {
  test('is the key of itself, for every text that has one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (username) => {
        const key = usernameKey(username)
        if (key !== null) assert.equal(usernameKey(key), key)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('verifying a login', () => {
  test('gives the account for the right password, in any spelling of the name', async () => {
    const { accounts } = setup()
    const ada = await added(accounts, 'Ada')
    assert.deepEqual(await accounts.verify(' ADA', password), accept(ada))
  })

  test('L4 unknown, impossible, wrong and disabled: one answer, one hash of one cost each', async () => {
    const { accounts, hashes } = setup()
    await added(accounts, 'ada')
    await accounts.disable((await added(accounts, 'bob')).id)
    const attempts = [
      ['nobody', password],
      ['a\u0000b', password],
      ['ada', 'not that one at all'],
      ['bob', password],
      ['bob', 'not that one at all'],
    ] as const
    for (const [username, attempt] of attempts) {
      hashes.length = 0
      assert.equal(await accounts.verify(username, attempt), refuse('wrong_login'))
      assert.deepEqual(hashes, [JSON.stringify(cheap)])
    }
  })

  test('answers too_many_logins instead of taking the memory', async () => {
    const { documents } = setup()
    const derive: Derive = () => new Promise(() => {})
    const passwords = createPasswords({ atOnce: 1, waiting: 1, derive })
    const accounts = createAccounts(documents, clock, { passwords })
    void accounts.verify('ada', password)
    void accounts.verify('ada', password)
    assert.deepEqual(await accounts.verify('ada', password), refuse('too_many_logins'))
  })

  test('hashes again when the cost has changed, once', async () => {
    const { documents, accounts } = setup()
    const ada = await added(accounts, 'ada')
    const later = setup(documents, { memory: 16, passes: 2, parallelism: 1 })
    assert.deepEqual(await later.accounts.verify('ada', 'not that one at all'), refuse('wrong_login'))
    assert.equal((await later.accounts.find('ada'))?.version, 1)
    assert.deepEqual(await later.accounts.verify('ada', password), accept({ ...ada, version: 2 }))
    later.hashes.length = 0
    assert.deepEqual(await later.accounts.verify('ada', password), accept({ ...ada, version: 2 }))
    assert.deepEqual(later.hashes, ['{"memory":16,"passes":2,"parallelism":1}'])
  })

  test('V1 a store that is down and a damaged account are breakages, not wrong passwords', async () => {
    const { accounts, documents } = setup()
    const down = { ...documents, find: () => Promise.reject(new Fault('store_unavailable', 'down')) }
    const broken = ['', 'null', '[]', '{}', '{"format":1}', '{"format":1,"id":7}', 'not json', '"text"']
    await assert.rejects(setup(down).accounts.verify('ada', password), { kind: 'store_unavailable' })
    for (const [index, value] of broken.entries()) {
      await documents.insert('account', `broken${index}`, value)
      await assert.rejects(accounts.verify(`broken${index}`, password), { kind: 'store_unavailable' })
    }
    await documents.insert('account', 'newer', '{"format":2}')
    await assert.rejects(accounts.verify('newer', password), { kind: 'newer_schema' })
  })

  test('goes through the verifier that an application may replace', async () => {
    const { accounts } = setup()
    const ada = await added(accounts, 'Ada', 'admin')
    const bob = await added(accounts, 'bob')
    const verify = accountsVerifier(accounts)
    const first = await verify({ username: 'ada', password })
    assert.ok(first.ok)
    const { confirm, ...user } = first.value
    assert.deepEqual(user, { user: ada.id, name: 'Ada', role: 'admin', level: 1, methods: ['pwd'] })
    assert.equal(await confirm?.(), true)
    await accounts.disable(ada.id)
    assert.equal(await confirm?.(), false)
    const second = await verify({ username: 'bob', password })
    assert.ok(second.ok)
    assert.deepEqual([second.value.user, 'role' in second.value], [bob.id, false])
    assert.deepEqual(await verify({ username: 'ada', password: 'x' }), refuse('wrong_login'))
  })
})

describe('changing an account', () => {
  test('S8 a new password replaces the old one and outdates what was read before', async () => {
    const { accounts } = setup()
    const ada = await added(accounts, 'ada')
    assert.equal(await accounts.isCurrent(ada), true)
    const changed = await accounts.setPassword(ada.id, 'another tulip walks')
    assert.deepEqual(changed, accept({ ...ada, version: 2 }))
    assert.equal(await accounts.isCurrent(ada), false)
    assert.deepEqual(await accounts.verify('ada', password), refuse('wrong_login'))
    assert.deepEqual(await accounts.verify('ada', 'another tulip walks'), changed)
    assert.deepEqual(await accounts.setPassword(ada.id, 'short'), refuse('weak_password'))
    assert.deepEqual(await accounts.setPassword('nobody', password), refuse('not_found'))
  })

  test('S7 a disabled account is not current, stays disabled, and keeps its id', async () => {
    const { accounts } = setup()
    const ada = await added(accounts, 'ada')
    assert.deepEqual(await accounts.disable(ada.id), accept({ ...ada, disabled: true, version: 2 }))
    assert.equal(await accounts.isCurrent(ada), false)
    const again = await accounts.disable(ada.id)
    assert.ok(again.ok && again.value.disabled)
    assert.equal(await accounts.isCurrent(again.value), false)
    assert.deepEqual(await accounts.disable('nobody'), refuse('not_found'))
  })

  test('loses no change when many come at once', async () => {
    const { accounts } = setup()
    const ada = await added(accounts, 'ada')
    await Promise.all([
      accounts.disable(ada.id),
      ...Array.from({ length: 8 }, (_, index) => accounts.setPassword(ada.id, `tulips walk ${index} times`)),
    ])
    const after = await accounts.findById(ada.id)
    assert.deepEqual(after, { ...ada, disabled: true, version: 10 })
  })

  test('a signpost from an id to an account of another id leads nowhere', async () => {
    const { accounts, documents } = setup()
    await added(accounts, 'ada')
    await documents.insert('account-id', 'stray', 'ada')
    assert.equal(await accounts.findById('stray'), null)
    assert.deepEqual(await accounts.disable('stray'), refuse('not_found'))
    assert.equal((await accounts.find('ada'))?.disabled, false)
  })
})

describe('listing accounts', () => {
  test('goes through all of them, page by page', async () => {
    const { accounts } = setup()
    const names = ['Zoe', 'ada', 'Bob', 'eve', 'Carl']
    for (const name of names) await added(accounts, name)
    const seen: string[] = []
    for (let page = await accounts.list(2); page.length > 0; page = await accounts.list(2, seen.at(-1)))
      seen.push(...page.map(({ username }) => username))
    assert.deepEqual(seen, ['ada', 'Bob', 'Carl', 'eve', 'Zoe'])
  })
})
