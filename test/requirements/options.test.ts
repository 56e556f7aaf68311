import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import {
  type Auth,
  defaultPolicy,
  definePolicy,
  Fault,
  type HandstampOptions,
  handstamp,
  isFault,
  memory,
  type StartOptions,
} from '../../src/index.ts'
import { atBothDoors, secrets, withApp } from '../support/app.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** The findings of options that cannot be used; empty when they can. */
function findingsOf(make: () => unknown): readonly string[] {
  try {
    make()
    return []
  } catch (error) {
    assert.ok(isFault(error), `not a Fault: ${error}`)
    assert.equal(error.kind, 'invalid_option')
    assert.equal(error.reason, null)
    return error.message.split('\n- ').slice(1)
  }
}

const options = (given: object): HandstampOptions =>
  ({ backend: memory(), secrets: secrets[0], ...given }) as HandstampOptions
const findings = (given: object): readonly string[] => findingsOf(() => handstamp(options(given)))

describe('options are checked once, all at once', () => {
  test('an unknown one is refused with the nearest name', () => {
    const near = {
      secret: 'secrets',
      orgin: 'origin',
      trustProxies: 'trustedProxies',
      Policy: 'policy',
      event: 'events',
      claim: 'claims',
      insecurehttp: 'insecureHttp',
      backEnd: 'backend',
    }
    for (const [name, meant] of Object.entries(near))
      assert.deepEqual(findings({ [name]: 1 }), [`${name} is not an option: did you mean ${meant}?`])
    assert.deepEqual(findings({ somethingElse: 1 }), ['somethingElse is not an option'])
    assert.deepEqual(findings(JSON.parse('{"__proto__":1}')), ['__proto__ is not an option'])
  })

  test('everything that is wrong is listed in one go', () => {
    const all = findings({
      backend: null,
      secrets: ['short', 'short'],
      presnt: 1,
      present: 'jwt',
      origin: 'example.com',
      trustedProxies: ['0.0.0.0/0'],
      policy: { idel: 1, access: 0 },
      claims: { role: 'text' },
      keys: { alg: 'HS512' },
      issuer: '',
      merge: 1,
      events: 1,
      clock: {},
      insecureHttp: 'no',
    })
    assert.equal(all.length, 16, all.join('\n'))
  })

  test('null, numbers and texts where there should be something else', () => {
    for (const given of [undefined, null, 1, 'x', true])
      assert.throws(() => handstamp(given as never), { kind: 'invalid_option' })
    for (const name of [
      'policy',
      'keys',
      'claims',
      'clock',
      'merge',
      'events',
      'issuer',
      'audience',
      'present',
      'trustedOrigins',
      'trustedProxies',
      'insecureHttp',
      'secrets',
      'backend',
    ]) {
      for (const value of [null, 5, []] as unknown[]) {
        if (name === 'trustedOrigins' || name === 'trustedProxies' ? Array.isArray(value) : false) continue
        if (Array.isArray(value) && (name === 'claims' || name === 'keys')) continue
        assert.ok(findings({ [name]: value }).length > 0, `${name}: ${JSON.stringify(value)}`)
      }
    }
  })

  test('secrets', () => {
    const secret = secrets[0]
    assert.deepEqual(findings({ secrets: [secret, secrets[1]] }), [])
    assert.match(findings({ secrets: [] })[0] ?? '', /at least one/)
    assert.match(findings({ secrets: 'x'.repeat(31) })[0] ?? '', /too short/)
    assert.match(findings({ secrets: 'x'.repeat(64) })[0] ?? '', /not random/)
    assert.match(findings({ secrets: [secret, secret] })[0] ?? '', /secrets\[1\] is listed twice/)
    assert.match(findings({ secrets: [secret, 5] })[0] ?? '', /secrets\[1\] must be a text/)
    assert.match(findings({ keys: { alg: 'HS256', secrets: [secret] } })[0] ?? '', /one use/)
    assert.match(findings({ keys: { alg: 'HS256', secrets: ['short'] } })[0] ?? '', /keys\.secrets\[0\] is too short/)
    const told = findings({ secrets: ['Very-Secret-1', secret, secret] }).join()
    assert.ok(!told.includes('Very-Secret') && !told.includes(secret), 'no value of a secret is told')
  })

  test('in production secrets are required; in development one is made', () => {
    process.env.NODE_ENV = 'production'
    try {
      assert.match(findingsOf(() => handstamp({ backend: memory() }))[0] ?? '', /required in production/)
      assert.match(findingsOf(() => handstamp({ backend: memory(), secrets: '' }))[0] ?? '', /required in production/)
    } finally {
      delete process.env.NODE_ENV
    }
    assert.deepEqual(
      findingsOf(() => handstamp({ backend: memory() })),
      [],
    )
  })

  test('origins and proxies', () => {
    for (const origin of [
      'example.com',
      'https://example.com/path',
      'https://user@example.com',
      'ftp://example.com',
      'https://',
      '*',
      'null',
      'https://example.com?x',
    ])
      assert.equal(findings({ origin }).length, 1, origin)
    assert.deepEqual(findings({ origin: 'https://Example.com:443/' }), [])
    assert.match(
      findings({ origin: 'https://example.com', trustedOrigins: ['http://a.example.com'] })[0] ?? '',
      /plain http/,
    )
    assert.match(findings({ origin: 'https://example.com', insecureHttp: true })[0] ?? '', /leave it out/)
    for (const proxy of ['10.0.0.0/33', '10.0.0', '::/0', '0.0.0.0/0', 'example.com', '', '::ffff:10.0.0.1'])
      assert.equal(findings({ trustedProxies: [proxy] }).length, 1, proxy)
    assert.deepEqual(findings({ trustedProxies: ['loopback', '10.0.0.0/8', '2001:db8::1'] }), [])
  })

  test('claims and keys', () => {
    assert.match(findings({ claims: { sub: 'string' } })[0] ?? '', /meaning of its own/)
    assert.match(findings({ claims: { role: 'str' } })[0] ?? '', /'string', 'number', 'boolean' or 'strings'/)
    assert.deepEqual(findings({ keys: { algo: 'EdDSA' } }), ['keys.algo is not known: did you mean alg?'])
    assert.match(findings({ keys: { alg: 'ES256', secrets: ['x'] } })[0] ?? '', /HS256/)
    for (const alg of ['none', 'es256', 'ES384', 'PS256', '', null])
      assert.equal(findings({ keys: { alg } }).length, 1, String(alg))
  })
})

describe('T9 the policy', () => {
  const bad = (given: object): readonly string[] => findingsOf(() => definePolicy(given as never))

  test('the default is frozen, complete and what NIST says', () => {
    assert.ok(
      Object.isFrozen(defaultPolicy) &&
        Object.isFrozen(defaultPolicy.rememberMe) &&
        Object.isFrozen(defaultPolicy.levelThree),
    )
    assert.deepEqual(definePolicy(), defaultPolicy)
    assert.deepEqual(defaultPolicy, {
      idle: hour,
      absolute: day,
      access: 5 * minute,
      revocationBound: 5 * second,
      heartbeat: second,
      availability: {},
      onLapse: 'recheck',
      grace: 10 * second,
      transit: 15 * second,
      upload: hour,
      maxForks: 5,
      touchRatio: 0.1,
      leeway: 30 * second,
      maxSessions: 100,
      whenFull: 'evict_oldest',
      rememberMe: { idle: 14 * day, absolute: 30 * day },
      levelThree: { idle: 15 * minute, absolute: 12 * hour },
      tokenBytes: 1024,
    })
    const own = definePolicy({ idle: 5 * minute, rememberMe: { idle: day } })
    assert.ok(Object.isFrozen(own) && Object.isFrozen(own.rememberMe))
    assert.deepEqual(own, { ...defaultPolicy, idle: 5 * minute, rememberMe: { idle: day, absolute: 30 * day } })
  })

  test('unknown names, on both levels, with the nearest', () => {
    assert.deepEqual(bad({ idel: 1, absolut: 1 }), [
      'policy.idel is not known: did you mean idle?',
      'policy.absolut is not known: did you mean absolute?',
    ])
    assert.deepEqual(bad({ rememberMe: { idel: 5 }, levelThree: { absolut: 5 } }), [
      'policy.rememberMe.idel is not known: did you mean idle?',
      'policy.levelThree.absolut is not known: did you mean absolute?',
    ])
  })

  test('what is no number of milliseconds', () => {
    const numbers = [
      'idle',
      'absolute',
      'access',
      'revocationBound',
      'heartbeat',
      'grace',
      'transit',
      'upload',
      'maxForks',
      'maxSessions',
      'tokenBytes',
      'leeway',
      'touchRatio',
    ]
    for (const name of numbers)
      for (const value of [
        -1,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        '5m',
        '5000',
        null,
        {},
        [],
        true,
        undefined,
        ...(name === 'touchRatio' ? [] : [1.5]),
        ...(name === 'leeway' || name === 'touchRatio' ? [] : [0]),
      ])
        assert.equal(bad({ [name]: value }).length, 1, `${name}: ${String(value)}`)
    for (const group of ['rememberMe', 'levelThree'])
      for (const value of [null, 5, [], { idle: -1 }, { absolute: null }, { idle: '5' }])
        assert.equal(bad({ [group]: value }).length, 1, `${group}: ${JSON.stringify(value)}`)
    for (const value of ['evict', '', null, 1]) assert.equal(bad({ whenFull: value }).length, 1)
    assert.throws(() => definePolicy(null as never), Fault)
  })

  test('what contradicts itself or a standard, all at once', () => {
    const wrong = {
      idle: 2 * day,
      rememberMe: { idle: 31 * day, absolute: 30 * day },
      levelThree: { idle: 14 * hour, absolute: 13 * hour },
      access: 11 * minute,
      leeway: 121 * second,
      touchRatio: 0.6,
      upload: 39 * second,
    }
    assert.equal(bad(wrong).length, 8, bad(wrong).join('\n'))
    assert.match(bad({ rememberMe: { absolute: 401 * day } })[0] ?? '', /400 days/)
    assert.match(bad({ access: 600_001 })[0] ?? '', /10 min/)
    assert.deepEqual(
      bad({
        access: 600_000,
        leeway: 0,
        touchRatio: 0,
        rememberMe: { absolute: 400 * day },
        levelThree: { absolute: 12 * hour },
      }),
      [],
    )
  })

  test('through handstamp its findings stand among the others', () => {
    assert.deepEqual(findings({ policy: { idel: 1 }, presnt: 1 }), [
      'presnt is not an option: did you mean present?',
      'policy.idel is not known: did you mean idle?',
    ])
  })
})

describe('what is told to a session is checked before anything is stored', () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ user: undefined }, /user must be a text/],
    [{ user: '' }, /user must be a text/],
    [{ user: 5 }, /user must be a text/],
    [{ user: 'x'.repeat(256) }, /user must be a text of 1 to 255/],
    [{ user: '\ud800' }, /user must be a text/],
    [{ tenant: '' }, /tenant/],
    [{ client: 'x'.repeat(256) }, /client/],
    [{ level: 4 }, /level must be 1, 2 or 3/],
    [{ level: '2' }, /level/],
    [{ idle: 0 }, /idle/],
    [{ absolute: -1 }, /absolute/],
    [{ idle: 1.5 }, /idle/],
    [{ absolute: Number.POSITIVE_INFINITY }, /absolute/],
    [{ present: 'both' }, /present must be 'cookie' or 'token'/],
    [{ methods: 'pwd' }, /methods/],
    [{ methods: [1] }, /methods/],
    [{ data: { when: new Date(0) } }, /data\.when is not JSON/],
    [{ data: { n: Number.NaN } }, /data\.n/],
    [{ data: { f: () => 1 } }, /data\.f/],
    [{ claims: { rol: 'x' } }, /did you mean role/],
  ]

  test('create', async () => {
    await withApp({}, async (app) => {
      for (const [change, message] of wrong) {
        const given = { user: 'ada', ...change } as StartOptions
        await assert.rejects(
          (app.auth as Auth).create(given),
          { kind: 'invalid_value', message },
          JSON.stringify(change),
        )
      }
      await assert.rejects(
        app.auth.create({ user: '', level: 4 as 3, claims: { x: 1 } }),
        (error: Error) => error.message.split('\n- ').length === 4,
      )
      assert.ok(!app.dealings.some(({ name }) => name === 'store.insert'))
    })
  })

  atBothDoors('login: an error of the application, nothing stored, no cookie', async (app) => {
    const browser = await app.signIn('bob')
    const inserts = app.dealings.filter(({ name }) => name === 'store.insert').length
    const sendable = wrong.map(([change]) => change).filter((change) => isDeepStrictEqual(roundTrip(change), change))
    assert.ok(sendable.length > 10)
    for (const change of [{ user: null }, ...sendable]) {
      const answer = await browser.post('/login', { user: 'ada', ...change })
      assert.equal(answer.status, 500, JSON.stringify(change))
      assert.deepEqual(answer.cookies, [])
    }
    assert.equal(app.dealings.filter(({ name }) => name === 'store.insert').length, inserts)
    assert.equal((await browser.get('/me')).json().user, 'bob', 'and the session before it lives on')
  })

  atBothDoors('data keys and values', async (app) => {
    const browser = await app.signIn('ada')
    for (const key of ['', 'x'.repeat(129), '\ud800', 5, null, undefined, {}]) {
      const answer = await browser.post('/data', { key, value: 1 })
      assert.equal(answer.status, 500, String(key).slice(0, 20))
      assert.ok(!answer.body.includes('x'.repeat(100)))
    }
    assert.equal((await browser.post('/data', { key: 'x'.repeat(128), value: 'y'.repeat(10_000) })).status, 200)
    assert.equal((await browser.post('/data', { key: 'k' })).status, 500, 'undefined is no value')
  })
})

function roundTrip(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
