import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { describe, test } from 'node:test'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { generateSigningKey } from '../../src/crypto/signing-keys.ts'
import { type Auth, Fault, memory } from '../../src/index.ts'
import { intercept } from '../../src/testing/intercept.ts'
import { type App, atAllDoors, atBothDoors, everywhere, secrets, type TokenClient, withApp } from '../support/app.ts'
import { manualClock } from '../support/manual-clock.ts'
import { forgeAccessToken, sign, signingKeyOf } from './forge.ts'

const second = 1000
const minute = 60 * second
const both = { present: 'both' } as const

const bearer = (token: string): Readonly<Record<string, string>> => ({ Authorization: `Bearer ${token}` })

/** Everything of ours that somebody may hold, and texts made to look like it with the real key. */
async function allKinds(app: App): Promise<Readonly<Record<string, string>>> {
  const browser = await app.signIn('ada')
  const { access, refreshToken } = await app.signInForTokens('ada')
  const key = signingKeyOf(app.auth)
  const other = await generateSigningKey('ES256')
  const payload = decodeJwt(access)
  const stored = app.dealings.find(({ name, args }) => name === 'documents.insert' && args[0] === 'signing-key')
    ?.args[2]
  const kinds: Record<string, string> = {
    access,
    refresh: refreshToken,
    cookie: browser.jar.get('__Host-session') as string,
    snapshot: browser.jar.get('__Host-snapshot') as string,
    'sealed signing key': stored as string,
    'public id': String(payload.sid),
    jti: String(payload.jti),
    'other key': sign(payload, other, 'at+jwt'),
    'other key under our kid': sign(payload, { ...other, kid: key.kid }, 'at+jwt'),
    'other issuer': forgeAccessToken(app.auth, access, { iss: 'https://other.example' }),
    'other audience': forgeAccessToken(app.auth, access, { aud: 'https://other.example' }),
    'for nobody': forgeAccessToken(app.auth, access, { aud: [] }),
    empty: '',
    dots: '..',
    unsigned: `${access.split('.').slice(0, 2).join('.')}.`,
  }
  for (const typ of [
    'JWT',
    'at',
    'jwt+at',
    'rt+jwt',
    'logout+jwt',
    'secevent+jwt',
    'dpop+jwt',
    'dbsc+jwt',
    'statuslist+jwt',
    'token-introspection+jwt',
    'application/jwt',
    'at+jwt2',
    'x/at+jwt',
  ])
    kinds[`typ ${typ}`] = sign(payload, key, typ)
  return kinds
}

/** Where each place leads that takes a credential; true when somebody is let in. */
const places: Readonly<Record<string, (app: App, text: string) => Promise<boolean>>> = {
  'Authorization: Bearer': async (app, text) => (await app.get(app.guarded, bearer(text))).status === 200,
  'Authorization: DPoP': async (app, text) =>
    (await app.get(app.guarded, { Authorization: `DPoP ${text}` })).status === 200,
  'Authorization: Basic': async (app, text) =>
    (await app.get(app.guarded, { Authorization: `Basic ${text}` })).status === 200,
  'session cookie': async (app, text) =>
    (await app.get(app.guarded, { Cookie: `__Host-session=${text}` })).status === 200,
  'snapshot cookie': async (app, text) =>
    (await app.get(app.guarded, { Cookie: `__Host-snapshot=${text}` })).status === 200,
  'both cookies': async (app, text) =>
    (await app.get(app.guarded, { Cookie: `__Host-session=${text}; __Host-snapshot=${text}` })).status === 200,
  'token endpoint': async (app, text) => {
    const form = { grant_type: 'refresh_token', refresh_token: text }
    return (await app.send({ method: 'POST', path: `${app.at}/token`, form })).status === 200
  },
  'validate an access token': async ({ auth }, text) => (await auth.validate({ accessToken: text })).ok,
  'validate a credential': async ({ auth }, text) => (await auth.validate({ credential: text })).ok,
  'validate both': async ({ auth }, text) => (await auth.validate({ credential: text, snapshot: text })).ok,
  refresh: async ({ auth }, text) => (await auth.refresh(text)).ok,
}

const welcome: Readonly<Record<string, readonly string[]>> = {
  'Authorization: Bearer': ['access'],
  'session cookie': ['cookie'],
  'both cookies': ['cookie'],
  'token endpoint': ['refresh'],
  'validate an access token': ['access'],
  'validate a credential': ['cookie'],
  'validate both': ['cookie'],
  refresh: ['refresh'],
}

describe('J11 every kind of token, at every place: only its own lets it in', () => {
  atAllDoors(
    'N x N',
    async (app) => {
      const kinds = await allKinds(app)
      for (const [place, enter] of Object.entries(places)) {
        const entered: string[] = []
        for (const [kind, text] of Object.entries(kinds)) if (await enter(app, text)) entered.push(kind)
        assert.deepEqual(entered, welcome[place] ?? [], place)
      }
      assert.equal((await app.auth.list('ada')).length, 2, 'and none of them ended anything')
    },
    both,
  )

  atAllDoors(
    'at the revocation endpoint: what is no credential ends nothing, and the answer is the same',
    async (app) => {
      const kinds = await allKinds(app)
      const { access, refresh, cookie, ...others } = kinds
      const path = `${app.at}/revoke`
      const bodies = new Set<string>()
      for (const token of Object.values(others)) {
        const answer = await app.send({ method: 'POST', path, form: { token } })
        assert.equal(answer.status, 200)
        bodies.add(answer.body)
      }
      assert.equal((await app.auth.list('ada')).length, 2)
      for (const token of [access, cookie, refresh] as string[]) {
        const answer = await app.send({ method: 'POST', path, form: { token } })
        assert.equal(answer.status, 200)
        bodies.add(answer.body)
      }
      assert.deepEqual([...bodies], [''])
      assert.deepEqual(await app.auth.list('ada'), [])
    },
    both,
  )

  atBothDoors(
    'each is told why',
    async (app) => {
      const kinds = await allKinds(app)
      const reasonAtDoor = async (kind: string): Promise<unknown> =>
        (await app.get('/me', bearer(kinds[kind] as string))).reason
      assert.equal(await reasonAtDoor('refresh'), 'malformed_token')
      assert.equal(await reasonAtDoor('snapshot'), 'malformed_token')
      for (const kind of Object.keys(kinds).filter((one) => one.startsWith('typ ')))
        assert.equal(await reasonAtDoor(kind), 'wrong_type')
      assert.equal(await reasonAtDoor('other key'), 'unknown_key')
      assert.equal(await reasonAtDoor('other key under our kid'), 'bad_signature')
      assert.equal(await reasonAtDoor('unsigned'), 'bad_signature')
      const client = app.tokenClient()
      assert.equal((await client.refresh(kinds.cookie)).reason, 'wrong_type')
      assert.equal((await client.refresh(kinds.access)).reason, 'oversized_credential')
      assert.equal((await app.get('/me', { Cookie: `__Host-session=${kinds.refresh}` })).reason, 'wrong_type')
    },
    both,
  )

  atBothDoors(
    'at+jwt in the spellings of RFC 7515 4.1.9 is one type',
    async (app) => {
      const { access } = await app.signInForTokens('ada')
      for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+jwt'])
        assert.equal((await app.get('/me', bearer(forgeAccessToken(app.auth, access, {}, typ)))).status, 200, typ)
    },
    both,
  )
})

describe('J12 issuer to the letter, and this audience', () => {
  const iss = 'https://id.example.com/t1'
  const aud = 'https://api.example.com'

  atBothDoors(
    'tricks',
    async (app) => {
      const { access } = await app.signInForTokens('ada')
      assert.equal(decodeJwt(access).iss, iss)
      assert.equal(decodeJwt(access).aud, aud)
      const reason = async (change: Record<string, unknown>): Promise<string | undefined> =>
        (await app.get('/me', bearer(forgeAccessToken(app.auth, access, change)))).reason
      for (const other of [
        [iss],
        [iss, 'x'],
        `${iss}/`,
        iss.slice(0, -1),
        iss.toUpperCase(),
        `${iss} `,
        'https://id.example.com/t2',
        'https://id.example.com',
        '',
        null,
        undefined,
        {},
        true,
        0,
        '.*',
        aud,
      ])
        assert.equal(await reason({ iss: other }), 'wrong_issuer', JSON.stringify(other))
      for (const other of [
        undefined,
        null,
        '',
        [],
        {},
        true,
        `${aud}/`,
        aud.slice(0, -1),
        aud.toUpperCase(),
        `${aud} other`,
        ['https://other.example'],
        [aud, 1],
        [[aud]],
        iss,
        '.*',
        '*',
      ])
        assert.equal(await reason({ aud: other }), 'wrong_audience', JSON.stringify(other))
      for (const own of [aud, [aud], ['https://other.example', aud]])
        assert.equal(await reason({ aud: own }), undefined)
    },
    { ...both, issuer: iss, audience: aud },
  )

  everywhere(
    'two applications on one store, with one set of keys, for two audiences',
    async (app) => {
      const other = await app.node({ audience: 'https://other.example' })
      const [here, there] = [await app.signInForTokens('ada'), await other.signInForTokens('ada')]
      assert.equal((await other.get('/me', bearer(here.access))).reason, 'wrong_audience')
      assert.equal((await app.get('/me', bearer(there.access))).reason, 'wrong_audience')
      assert.equal((await there.get('/me')).status, 200)
    },
    { ...both, audience: aud },
  )

  test('two applications that share nothing but the issuer', async () => {
    await withApp({ ...both, issuer: iss }, (one) =>
      withApp({ ...both, issuer: iss, secrets: secrets[1] }, async (other) => {
        const client = await one.signInForTokens('ada')
        const browser = await one.signIn('ada')
        assert.equal((await other.get('/me', bearer(client.access))).reason, 'unknown_key')
        assert.equal((await other.get('/me', { Cookie: browser.cookie() ?? '' })).reason, 'unknown_key')
        assert.equal((await other.tokenClient().refresh(client.refreshToken)).reason, 'unknown_key')
      }),
    )
  })
})

describe('J13 access tokens are those of RFC 9068', () => {
  for (const alg of ['ES256', 'EdDSA', 'RS256'] as const) {
    atAllDoors(
      `${alg}: claims, life, and a library of others verifies them by our JWKS`,
      async (app) => {
        const client = app.tokenClient()
        const answer = await app.post('/login', {
          user: 'ada',
          username: 'ada',
          password: 'correct horse battery staple',
          present: 'token',
        })
        client.take(answer)
        assert.deepEqual(Object.keys(answer.json()), ['access_token', 'token_type', 'expires_in', 'refresh_token'])
        assert.equal(answer.json().token_type, 'Bearer')
        assert.equal(answer.json().expires_in, 300)
        assert.equal(answer.header('cache-control'), 'no-store')
        const set = (await app.get(`${app.at}/.well-known/jwks.json`)).json() as unknown as JSONWebKeySet
        const currentDate = new Date(app.clock.now())
        const { payload, protectedHeader } = await jwtVerify(client.access, createLocalJWKSet(set), {
          typ: 'at+jwt',
          currentDate,
        })
        assert.deepEqual(protectedHeader, { alg, typ: 'at+jwt', kid: set.keys[0]?.kid })
        for (const name of ['iss', 'aud', 'sub', 'client_id', 'jti', 'sid'])
          assert.equal(typeof payload[name], 'string', name)
        assert.equal(payload.sub, 'ada')
        assert.equal(payload.iat, app.clock.now() / 1000)
        assert.equal((payload.exp as number) - (payload.iat as number), 300)
        assert.equal(payload.auth_time, payload.iat)
        assert.equal(payload.acr, 'aal1')
        assert.ok(client.access.length <= 1024)
        client.take(await client.refresh())
        assert.notEqual(decodeJwt(client.access).jti, payload.jti, 'each token has its own jti')
      },
      { ...both, keys: { alg } },
    )
  }

  everywhere(
    'HS256 with a secret of the application, and no key is published',
    async (app) => {
      const client = await app.signInForTokens('ada')
      assert.equal(decodeProtectedHeader(client.access).alg, 'HS256')
      assert.equal((await client.get('/me')).json().user, 'ada')
      assert.deepEqual((await app.get('/auth/.well-known/jwks.json')).json(), { keys: [] })
      const rotated = await app.node({ keys: { alg: 'HS256', secrets: [hs[1] as string, hs[0] as string] } })
      assert.equal((await rotated.get('/me', bearer(client.access))).status, 200)
      const next = await rotated.signInForTokens('ada')
      assert.equal((await next.get('/me')).status, 200)
      assert.equal((await app.get('/me', bearer(next.access))).reason, 'unknown_key')
      const alone = await app.node({ keys: { alg: 'HS256', secrets: [hs[1] as string] } })
      assert.equal((await alone.get('/me', bearer(client.access))).reason, 'unknown_key')
      assert.equal((await alone.get('/me', bearer(next.access))).status, 200)
    },
    { ...both, keys: { alg: 'HS256', secrets: [hsFirst()] } },
  )

  everywhere(
    'another algorithm on the same store: old tokens stand, new ones are of the new kind',
    async (app) => {
      const client = await app.signInForTokens('ada')
      app.clock.advance(6 * second)
      const next = await app.node({ keys: { alg: 'EdDSA' } })
      assert.equal((await next.get('/me', bearer(client.access))).status, 200)
      const other = await next.signInForTokens('ada')
      assert.equal(decodeProtectedHeader(other.access).alg, 'EdDSA')
      assert.equal((await other.get('/me')).status, 200)
      assert.equal((await app.get('/me', bearer(other.access))).status, 200, 'the first node learns the new key')
    },
    both,
  )

  atBothDoors(
    'the algorithm belongs to the key: a public key is no secret, none is none',
    async (app) => {
      const { access } = await app.signInForTokens('ada')
      const key = signingKeyOf(app.auth)
      const pem = key.key.export({ type: 'spki', format: 'pem' })
      const secret = createSecretKey(Buffer.from(pem))
      const confused = sign(
        decodeJwt(access),
        { kid: key.kid, alg: 'HS256', key: secret, signingKey: secret },
        'at+jwt',
      )
      assert.equal((await app.get('/me', bearer(confused))).reason, 'refused_algorithm')
      const [, payload] = access.split('.')
      for (const alg of ['none', 'None', 'nOnE', 'NONE', '', null, ['ES256'], 'ES384']) {
        const head = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid: key.kid })).toString('base64url')
        assert.equal((await app.get('/me', bearer(`${head}.${payload}.`))).reason, 'refused_algorithm', String(alg))
      }
    },
    { ...both, keys: { alg: 'RS256' } },
  )
})

const hs = ['Hs1-5vQe8_first_Lm2Nc7Yx4Tz9Rk0Wq', 'Hs2-3bFg6_second_Jp1Kd5Uo8Ei2Sa7M']
function hsFirst(): string {
  return 'Hs1-5vQe8_first_Lm2Nc7Yx4Tz9Rk0Wq'
}

describe('J14 a verdict belongs to one token, and to one moment', () => {
  atBothDoors(
    'tokens that share all but a part',
    async (app) => {
      const [ada, bob] = [await app.signInForTokens('ada'), await app.signInForTokens('bob')]
      for (let n = 0; n < 20; n++) {
        for (const [client, user] of [
          [ada, 'ada'],
          [bob, 'bob'],
        ] as const)
          assert.equal((await client.get('/me')).json().user, user)
      }
      const [a, b] = [ada.access.split('.'), bob.access.split('.')] as [string[], string[]]
      const mixed = [
        [a[0], b[1], a[2]],
        [a[0], a[1], b[2]],
        [b[0], b[1], a[2]],
        [a[0], b[1], ''],
        [a[0], a[1], (a[2] as string).slice(0, -2)],
      ]
      for (const parts of mixed) assert.equal((await app.get('/me', bearer(parts.join('.')))).status, 401)
      const twins = [0, 1].map((n) => forgeAccessToken(app.auth, ada.access, { sub: n === 0 ? 'ada' : 'eve' }))
      for (let n = 0; n < 10; n++)
        assert.equal((await app.get('/me', bearer(twins[n % 2] as string))).json().user, n % 2 === 0 ? 'ada' : 'eve')
    },
    both,
  )

  everywhere(
    'one that was accepted a hundred times dies at its end, and at the end of its session',
    async (app) => {
      const [ada, bob] = [await app.signInForTokens('ada'), await app.signInForTokens('bob')]
      for (let n = 0; n < 100; n++) assert.equal((await ada.get('/me')).status, 200)
      app.clock.advance(5 * minute - 1)
      for (const client of [ada, bob]) assert.equal((await client.get('/me')).status, 200)
      await app.auth.revokeAll({ user: 'bob' })
      assert.equal((await bob.get('/me')).reason, 'revoked')
      app.clock.advance(1)
      assert.equal((await ada.get('/me')).reason, 'expired_token')
      assert.equal((await bob.get('/me')).reason, 'expired_token')
    },
    both,
  )
})

describe('J15 denied by what the token says, not by its text', () => {
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')

  /** The other signature that ECDSA has for the same text: (r, n - s). */
  function twinOf(token: string): string {
    const [head, payload, signature] = token.split('.') as [string, string, string]
    const bytes = Buffer.from(signature, 'base64url')
    const s = order - BigInt(`0x${bytes.toString('hex', 32)}`)
    return [
      head,
      payload,
      Buffer.from(bytes.toString('hex', 0, 32) + s.toString(16).padStart(64, '0'), 'hex').toString('base64url'),
    ].join('.')
  }

  everywhere(
    'the twin of a revoked token, and the same token in other spellings',
    async (app) => {
      const other = await app.node()
      const client = await app.signInForTokens('ada')
      const twin = twinOf(client.access)
      assert.notEqual(twin, client.access)
      assert.equal((await app.get('/me', bearer(twin))).status, 200, 'the twin is a good signature')
      await app.auth.revoke((await client.get('/me')).json().id as string)
      const [head, payload, signature] = client.access.split('.') as [string, string, string]
      const spellings = [
        client.access,
        twin,
        `${client.access}=`,
        `${client.access}.`,
        ` ${client.access} `,
        `${head}.${payload}=.${signature}`,
        client.access.replaceAll('-', '+').replaceAll('_', '/'),
        `${head}.${payload}.${signature}A`,
      ]
      for (const text of spellings)
        for (const node of [app, other]) assert.equal((await node.get('/me', bearer(text))).status, 401, text)
      for (const text of [client.access, twin]) assert.equal((await other.get('/me', bearer(text))).reason, 'revoked')
    },
    both,
  )
})

describe('J16 signing keys are rotated and removed', () => {
  const keysOf = async (app: App): Promise<readonly Record<string, unknown>[]> =>
    (await app.get(`${app.at}/.well-known/jwks.json`)).json().keys as Record<string, unknown>[]
  const kidOf = (client: TokenClient): unknown => decodeProtectedHeader(client.access).kid

  everywhere(
    'rotated under load, on two nodes: nobody is refused',
    async (app) => {
      const other = await app.node()
      const clients = await Promise.all(
        Array.from({ length: 6 }, (_, n) => (n % 2 === 0 ? app : other).signInForTokens(`user-${n}`)),
      )
      const kids = new Set<unknown>()
      let refused = 0
      const work = async (client: TokenClient, node: App): Promise<void> => {
        const headers = bearer(client.access)
        const answers = await Promise.all([app.get('/me', headers), other.get('/me', headers)])
        refused += answers.filter(({ status }) => status !== 200).length
        const form = { grant_type: 'refresh_token', refresh_token: client.refreshToken }
        const refreshed = await node.send({ method: 'POST', path: '/auth/token', form })
        if (refreshed.status === 200) client.take(refreshed)
        else refused++
        kids.add(kidOf(client))
      }
      for (let round = 0; round < 4; round++) {
        const rotation = (await (round % 2 === 0 ? app : other).auth.keys()).rotate()
        for (const step of [0, 3, 8, 41, 60]) {
          app.clock.advance(step * second)
          await Promise.all(clients.map((client, n) => work(client, n % 3 === 0 ? app : other)))
        }
        await rotation
      }
      assert.equal(refused, 0)
      assert.ok(kids.size >= 4, `${kids.size} keys were used`)
      const keys = await keysOf(app)
      assert.equal(keys.length, 5)
      for (const key of keys)
        assert.deepEqual(
          Object.keys(key).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].includes(name)),
          [],
        )
    },
    both,
  )

  everywhere(
    'removed: no token of that key is accepted any more, on any node, ever',
    async (app) => {
      const other = await app.node()
      const clients = [await app.signInForTokens('ada'), await other.signInForTokens('bob')]
      const stolen = signingKeyOf(app.auth)
      for (const client of clients)
        for (const node of [app, other]) assert.equal((await node.get('/me', bearer(client.access))).status, 200)
      assert.equal(await (await app.auth.keys()).remove(stolen.kid), true)
      const forge = (client: TokenClient): string => {
        const iat = app.clock.now() / 1000
        return sign({ ...decodeJwt(client.access), iat, exp: iat + 300, jti: 'x' }, stolen, 'at+jwt')
      }
      let accepted = 0
      for (const wait of [0, 6 * second, minute, 5 * minute, 10 * minute, 30 * minute]) {
        app.clock.advance(wait)
        for (const node of [app, other]) {
          for (const client of clients) {
            for (const token of wait < 6 * minute && kidOf(client) === stolen.kid
              ? [client.access, forge(client)]
              : [forge(client)])
              if ((await node.get('/me', bearer(token))).status === 200) accepted++
          }
        }
        if (wait !== 0) continue
        for (const client of clients)
          for (const node of [other, app]) {
            const form = { grant_type: 'refresh_token', refresh_token: client.refreshToken }
            const refreshed = await node.send({ method: 'POST', path: '/auth/token', form })
            assert.equal(refreshed.status, 200)
            assert.notEqual(decodeProtectedHeader(refreshed.json().access_token as string).kid, stolen.kid)
            for (const at of [app, other])
              assert.equal((await at.get('/me', bearer(refreshed.json().access_token as string))).status, 200)
          }
      }
      assert.equal(accepted, 0)
      for (const node of [app, other]) assert.ok(!(await keysOf(node)).some(({ kid }) => kid === stolen.kid))
      assert.equal(await (await other.auth.keys()).remove(stolen.kid), false)
    },
    both,
  )

  test('a removal that was interrupted can be done again, and then counts on every node', async () => {
    const clock = manualClock()
    let failing = true
    const backend = intercept(memory({ clock }), {
      call: async ({ name, args }, carryOut) => {
        if (name === 'store.retireKey' && failing) throw new Fault('not_stored', 'The test has cut off the store.')
        return carryOut(args)
      },
    })
    await withApp({ ...both, backend, clock }, async (app) => {
      const other = await app.node()
      const client = await app.signInForTokens('ada')
      const keys = await app.auth.keys()
      await assert.rejects(keys.remove(signingKeyOf(app.auth).kid), { kind: 'not_stored' })
      failing = false
      await keys.remove(String(kidOf(client)))
      for (const node of [app, other])
        for (const wait of [0, 20 * minute]) {
          clock.advance(wait)
          const iat = clock.now() / 1000
          assert.notEqual((await node.get('/me', bearer(client.access))).status, 200)
          assert.ok(!(await keysOf(node)).some(({ kid }) => kid === kidOf(client)), `${iat}`)
        }
    })
  })

  test('a key that cannot be asked for because the store is down is 503, not once but every time', async () => {
    const clock = manualClock()
    let failing = false
    const backend = intercept(memory({ clock }), {
      call: async ({ name, args }, carryOut) => {
        if (name === 'documents.list' && failing)
          throw new Fault('store_unavailable', 'The test has cut off the store.')
        return carryOut(args)
      },
    })
    await withApp({ ...both, backend, clock }, async (app) => {
      const other = await app.node()
      await (await other.auth.keys()).rotate()
      clock.advance(minute)
      const client = await other.signInForTokens('ada')
      failing = true
      for (let n = 0; n < 3; n++)
        assert.equal((await app.get('/me', bearer(client.access))).reason, 'store_unavailable')
      failing = false
      assert.equal((await app.get('/me', bearer(client.access))).status, 200)
    })
  })

  atAllDoors(
    'what is published has public members only',
    async (app) => {
      await (await app.auth.keys()).rotate()
      const keys = await keysOf(app)
      assert.equal(keys.length, 2)
      for (const key of keys) assert.deepEqual(Object.keys(key).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
      for (const method of ['POST', 'PUT', 'DELETE'])
        assert.equal(
          (
            await app.send({
              method,
              path: `${app.at}/.well-known/jwks.json`,
              headers: { 'Sec-Fetch-Site': 'same-origin' },
            })
          ).status,
          405,
        )
    },
    both,
  )
})

describe('session secrets are rotated', () => {
  const [old, fresh] = [secrets[0], secrets[1]]

  everywhere(
    '[new, old] keeps everybody; after that [new] keeps who has been here; [old] alone keeps nobody new',
    async (app) => {
      const browser = await app.signIn('ada')
      const client = await app.signInForTokens('bob')
      const away = await app.signIn('eve')
      const listed = await app.node({ secrets: [fresh, old] })
      for (const headers of [{ Cookie: browser.cookie() ?? '' }, bearer(client.access)])
        assert.equal((await listed.get('/me', headers)).status, 200)
      app.clock.advance(6 * minute)
      browser.take(await listed.get('/me', { Cookie: browser.cookie() ?? '' }))
      const form = { grant_type: 'refresh_token', refresh_token: client.refreshToken }
      client.take(await listed.send({ method: 'POST', path: '/auth/token', form }))
      assert.equal((await app.get('/me', { Cookie: browser.cookie() ?? '' })).reason, 'unknown_key')
      if (app.store === 'sqlite') for (const node of [app, listed]) await node.stop()
      const alone = await app.node({ secrets: [fresh] })
      assert.equal((await alone.get('/me', { Cookie: browser.cookie() ?? '' })).json().user, 'ada')
      assert.equal((await alone.get('/me', bearer(client.access))).json().user, 'bob')
      app.clock.advance(6 * minute)
      assert.equal((await alone.get('/me', { Cookie: browser.cookie() ?? '' })).json().user, 'ada')
      assert.equal((await alone.tokenClient().refresh(client.refreshToken)).status, 200)
      assert.equal((await alone.get('/me', { Cookie: away.cookie() ?? '' })).reason, 'unknown_key')
    },
    { ...both, secrets: [old] },
  )
})

describe('claims are listed, typed and small', () => {
  const claims = { role: 'string', age: 'number', staff: 'boolean', groups: 'strings' } as const

  test('what is listed comes back in both presentations, and nothing else is taken', async () => {
    await withApp({ ...both, claims }, async (app) => {
      const all = { role: 'editor', age: 36, staff: false, groups: ['a', 'b'] }
      for (const one of [await app.signIn('ada', { claims: all }), await app.signInForTokens('ada', { claims: all })])
        assert.deepEqual((await one.get('/me')).json().claims, all)
      const refused = async (given: unknown, message: RegExp): Promise<void> => {
        const auth: Auth = app.auth
        await assert.rejects(auth.create({ user: 'ada', claims: given as Record<string, string> }), {
          kind: 'invalid_value',
          message,
        })
        const { id } = (await (await app.signIn('bob')).get('/me')).json()
        await assert.rejects(auth.update(id as string, { claims: given as Record<string, string> }), {
          kind: 'invalid_value',
          message,
        })
      }
      await refused({ rol: 'x' }, /claims\.rol .*did you mean role/)
      await refused({ role: 1 }, /claims\.role must be of type string/)
      await refused({ role: null }, /claims\.role/)
      await refused({ role: { a: 1 } }, /claims\.role/)
      await refused({ age: Number.NaN }, /claims\.age/)
      await refused({ age: Number.POSITIVE_INFINITY }, /claims\.age/)
      await refused({ groups: ['a', 1] }, /claims\.groups/)
      await refused({ staff: 'true' }, /claims\.staff/)
      for (const name of ['sub', 'iss', 'aud', 'exp', 'sid', 'jti', 'cnf', 'acr', 'gen', 'nonce', '__proto__'])
        await refused(JSON.parse(`{"${name}":"x"}`), new RegExp(`claims\\.${name} has a meaning of its own`))
      await refused({ rol: 'x', age: 'y' }, /claims\.rol[\s\S]*claims\.age/)
    })
  })

  everywhere(
    'an access token has at most 1 KB, and the claim that is too large is named',
    async (app) => {
      const large = { role: 'x'.repeat(700) }
      await assert.rejects(app.auth.create({ user: 'ada', claims: large, present: 'token' }), {
        kind: 'invalid_value',
        message: /1024 allowed.*shorten role/,
      })
      assert.deepEqual(await app.auth.list('ada'), [])
      const client = await app.signInForTokens('ada')
      await assert.rejects(app.auth.update((await client.get('/me')).json().id as string, { claims: large }), {
        message: /shorten role/,
      })
      app.clock.advance(6 * minute)
      assert.equal((await client.refresh()).status, 200, 'and the session is as it was')
      assert.equal((await (await app.signIn('ada', { claims: large })).get('/me')).status, 200, 'a cookie holds more')
    },
    both,
  )
})
