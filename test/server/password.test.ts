import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { accept, refuse } from '../../src/base/reasons.ts'
import { createPasswords, type Derive, deriveArgon2id, type HashCost } from '../../src/server/password.ts'

const cheap: HashCost = { memory: 8, passes: 1, parallelism: 1 }

/** Counts the hashes and notes what each cost. */
function counting(): { readonly derive: Derive; readonly costs: string[] } {
  const costs: string[] = []
  const derive: Derive = (password, salt, cost, length) => {
    costs.push(JSON.stringify({ ...cost, salt: salt.length, length }))
    return deriveArgon2id(password, salt, cost, length)
  }
  return { derive, costs }
}

async function hashOf(password: string, cost: HashCost = cheap): Promise<string> {
  const hash = await createPasswords({ cost }).hash(password)
  assert.ok(hash.ok)
  return hash.value
}

describe('password hashes', () => {
  test('verify what the reference implementation of argon2id hashed', async () => {
    // phc-winner-argon2, src/test.c
    const published = [
      ['password', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
      ['password', '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
      ['password', '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc'],
    ] as const
    for (const [password, hash] of published) {
      assert.deepEqual(await createPasswords().verify(password, hash), accept(true))
      assert.deepEqual(await createPasswords().verify(`${password} `, hash), accept(false))
    }
  })

  test('are PHC strings of argon2id at the cost that OWASP names', async () => {
    const passwords = createPasswords()
    const hash = await passwords.hash('correct horse')
    assert.ok(hash.ok)
    assert.match(hash.value, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    assert.deepEqual(await passwords.verify('correct horse', hash.value), accept(true))
    assert.deepEqual(await passwords.verify('correct Horse', hash.value), accept(false))
    assert.equal(passwords.needsRehash(hash.value), false)
  })

  test('have their own salt each', async () => {
    assert.notEqual(await hashOf('one and the same'), await hashOf('one and the same'))
  })

  test('are due for renewal at another cost', async () => {
    const passwords = createPasswords({ cost: cheap })
    assert.equal(passwords.needsRehash(await hashOf('x')), false)
    for (const cost of [{ memory: 16 }, { passes: 2 }, { memory: 16, parallelism: 2 }])
      assert.equal(passwords.needsRehash(await hashOf('x', { ...cheap, ...cost })), true)
  })
})

describe('a password', () => {
  test('is the same however a keyboard composes it (NFC, RFC 8265 4.2.2)', async () => {
    const passwords = createPasswords({ cost: cheap })
    const stored = await hashOf('caf\u00e9 au lait')
    assert.deepEqual(await passwords.verify('cafe\u0301 au lait', stored), accept(true))
    assert.deepEqual(await passwords.verify('caf\u00e9\u00a0au\u2003lait', stored), accept(true))
    assert.deepEqual(await passwords.verify('cafe au lait', stored), accept(false))
    assert.deepEqual(await passwords.verify('CAF\u00c9 AU LAIT', stored), accept(false))
  })

  test('is never cut off: every byte of 1024 counts', async () => {
    const passwords = createPasswords({ cost: cheap })
    const stored = await hashOf('x'.repeat(1024))
    assert.deepEqual(await passwords.verify('x'.repeat(1024), stored), accept(true))
    assert.deepEqual(await passwords.verify(`${'x'.repeat(1023)}y`, stored), accept(false))
  })

  test('that is none is wrong, and costs no hash for anybody', async () => {
    const { derive, costs } = counting()
    const passwords = createPasswords({ cost: cheap, derive })
    const stored = await hashOf('x')
    for (const none of [
      '',
      'x'.repeat(1025),
      '\u00e9'.repeat(513),
      'a\u0000b',
      'a\nb',
      'half a \ud83d',
      'x'.repeat(1e6),
    ]) {
      for (const hash of [stored, null]) assert.deepEqual(await passwords.verify(none, hash), accept(false))
      await assert.rejects(passwords.hash(none), { name: 'Fault', kind: 'invalid_value' })
    }
    assert.equal(costs.length, 0)
  })

  test('comes back true, and only that one', async () => {
    const passwords = createPasswords({ cost: cheap })
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(text, text, async (one, other) => {
        const stored = await hashOf(one)
        assert.deepEqual(await passwords.verify(one, stored), accept(true))
        const same = one.replace(/\p{Zs}/gu, ' ').normalize('NFC') === other.replace(/\p{Zs}/gu, ' ').normalize('NFC')
        assert.deepEqual(await passwords.verify(other, stored), accept(same))
      }),
      { numRuns: 50 },
    )
  })
})

describe('the work', () => {
  test('L4 is the same for a known and an unknown user, right or wrong, from the first attempt on', async () => {
    const { derive, costs } = counting()
    const passwords = createPasswords({ cost: cheap, derive })
    const stored = await hashOf('the right one')
    for (const [password, hash] of [
      ['anything', null],
      ['the right one', stored],
      ['a wrong one', stored],
      ['the right one', null],
    ] as const)
      await passwords.verify(password, hash)
    assert.equal(costs.length, 4)
    assert.equal(new Set(costs).size, 1)
  })

  test('L4 an unknown user is refused even if the hash should ever match', async () => {
    const passwords = createPasswords({
      random: (length) => Buffer.alloc(length, 7),
      derive: async () => Buffer.alloc(32, 7),
    })
    assert.deepEqual(await passwords.verify('anything', null), accept(false))
  })

  test('is bounded: some hashes at once, some waiting, the rest refused', async () => {
    const started: (() => void)[] = []
    const derive: Derive = (_password, _salt, _cost, length) =>
      new Promise((resolve) => started.push(() => resolve(Buffer.alloc(length))))
    const passwords = createPasswords({ atOnce: 2, waiting: 3, derive })
    const all = Array.from({ length: 5 }, (_, index) => passwords.verify(`password ${index}`, null))
    await setImmediate()
    assert.equal(started.length, 2)
    assert.deepEqual(await passwords.verify('one too many', null), refuse('too_many_logins'))
    assert.deepEqual(await passwords.hash('one too many'), refuse('too_many_logins'))
    for (let done = 0; done < all.length; done++) {
      started[done]?.()
      assert.deepEqual(await all[done], accept(false))
      assert.ok(started.length <= done + 3)
    }
    const next = passwords.verify('there is room again', null)
    await setImmediate()
    started.at(-1)?.()
    assert.deepEqual(await next, accept(false))
  })

  test('that breaks gives its place back', async () => {
    const passwords = createPasswords({ atOnce: 1, waiting: 0, derive: () => Promise.reject(new Error('no memory')) })
    for (let index = 0; index < 3; index++) await assert.rejects(passwords.verify('x', null), { message: 'no memory' })
  })
})

describe('a stored hash that is not one of ours', () => {
  const salt = 'c29tZXNhbHRzb21lc2FsdA'
  const tag = 'CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  const bad = {
    empty: '',
    'in clear': 'password',
    bcrypt: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
    argon2i: `$argon2i$v=19$m=256,t=2,p=1$${salt}$${tag}`,
    'no version': `$argon2id$m=256,t=2,p=1$${salt}$${tag}`,
    'old version': `$argon2id$v=16$m=256,t=2,p=1$${salt}$${tag}`,
    'all the memory': `$argon2id$v=19$m=999999,t=2,p=1$${salt}$${tag}`,
    'more memory than a number holds': `$argon2id$v=19$m=4294967296,t=2,p=1$${salt}$${tag}`,
    'over the cap': `$argon2id$v=19$m=65537,t=2,p=1$${salt}$${tag}`,
    'too many passes': `$argon2id$v=19$m=256,t=11,p=1$${salt}$${tag}`,
    'too many lanes': `$argon2id$v=19$m=256,t=2,p=5$${salt}$${tag}`,
    'too little memory for the lanes': `$argon2id$v=19$m=8,t=2,p=2$${salt}$${tag}`,
    'no memory': `$argon2id$v=19$m=0,t=2,p=1$${salt}$${tag}`,
    'a leading zero': `$argon2id$v=19$m=0256,t=2,p=1$${salt}$${tag}`,
    'another order': `$argon2id$v=19$t=2,m=256,p=1$${salt}$${tag}`,
    'a key id': `$argon2id$v=19$m=256,t=2,p=1,keyid=a$${salt}$${tag}`,
    'a short salt': `$argon2id$v=19$m=256,t=2,p=1$c29tZQ$${tag}`,
    'a short tag': `$argon2id$v=19$m=256,t=2,p=1$${salt}$CTFhFdXPJA`,
    padding: `$argon2id$v=19$m=256,t=2,p=1$${salt}==$${tag}=`,
    'stray bits': `$argon2id$v=19$m=256,t=2,p=1$${salt.slice(0, -1)}B$${tag}`,
    'base64url letters': `$argon2id$v=19$m=256,t=2,p=1$${salt}$${tag.slice(0, -2)}_c`,
    'a line end': `$argon2id$v=19$m=256,t=2,p=1$${salt}$${tag}\n`,
    'an endless one': `$argon2id$v=19$m=256,t=2,p=1$${salt}$${tag.repeat(9999)}`,
  }
  for (const [why, stored] of Object.entries(bad)) {
    test(`is a breakage, not a wrong password: ${why}`, async () => {
      const { derive, costs } = counting()
      const passwords = createPasswords({ derive })
      await assert.rejects(passwords.verify('password', stored), { name: 'Fault', kind: 'store_unavailable' })
      assert.throws(() => passwords.needsRehash(stored), { name: 'Fault', kind: 'store_unavailable' })
      assert.equal(costs.length, 0)
    })
  }

  test('is not even made: a cost over the cap is refused', () => {
    assert.throws(() => createPasswords({ cost: { memory: 1e9, passes: 1, parallelism: 1 } }), {
      kind: 'invalid_option',
    })
  })
})
