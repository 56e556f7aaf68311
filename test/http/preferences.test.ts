import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type } from 'arktype'
import fc from 'fast-check'
import { Hono } from 'hono'
import * as v from 'valibot'
import { z } from 'zod'
import * as atFetch from '../../src/adapters/fetch.ts'
import * as atHono from '../../src/adapters/hono.ts'
import { createKeyRing } from '../../src/crypto/keyring.ts'
import { escapeText, openContent, signContent, unescapeText } from '../../src/http/preference-cookie.ts'
import {
  type Auth,
  day,
  flag,
  handstamp,
  isFault,
  json,
  memory,
  oneOf,
  preferences,
  type StandardSchema,
  text,
  wholeNumber,
} from '../../src/index.ts'
import { secrets } from '../support/app.ts'

const ring = createKeyRing([secrets[0]])

function findingsOf(work: () => unknown): readonly string[] {
  try {
    work()
  } catch (error) {
    if (!isFault(error) || error.kind !== 'invalid_option') throw error
    return error.message.split('\n- ').slice(1)
  }
  return []
}

describe('M1 definitions', () => {
  test('M1 everything that is wrong is told at once, with the nearest name', () => {
    const wrong = {
      '': flag(),
      'a b': flag(),
      __Host: flag(),
      Session: flag(),
      snapshot: { of: flag() },
      theme: { of: oneOf('light', 'dark'), lifetme: day, readableByScripts: true },
      twice: oneOf('a', 'a'),
      none: (oneOf as () => unknown)(),
      range: { of: wholeNumber({ min: 3, max: 2 }), default: 3 },
      long: { of: flag(), lifetime: 401 * day },
      short: { of: flag(), lifetime: 1500 },
      nick: text({ longest: 0 }),
      list: { of: json(z.array(z.string())) },
      bare: json(z.array(z.string())),
      schema: { of: json({} as StandardSchema), default: [] },
      mode: { of: oneOf('a', 'b'), default: 'c' },
      cart: { of: flag(), overflow: 'server' },
      shown: { of: flag(), overflow: 'server', signed: true, readableByScript: true },
      odd: { of: flag(), overflow: 'drop', signed: 1 },
      kind: 'dark',
      nothing: null,
    }
    const findings = findingsOf(() => preferences(wrong as never, { cookieByte: 1, cookieBytes: 5000 } as never))
    const expected = [
      /^cookieByte is not a limit: did you mean cookieBytes\?$/,
      /^cookieBytes must be a whole number from 256 to 4096$/,
      /^"" is no name/,
      /^"a b" is no name/,
      /^"__Host" is no name/,
      /^Session is the name of a cookie of the session$/,
      /^snapshot is the name of a cookie of the session$/,
      /^theme: lifetme is not an option: did you mean lifetime\?$/,
      /^theme: readableByScripts is not an option: did you mean readableByScript\?$/,
      /^twice: oneOf\(\) has a text twice$/,
      /^none: oneOf\(\) takes one or more texts$/,
      /^range: wholeNumber\(\) takes/,
      /^long: lifetime must be .* at most 400 days/,
      /^short: lifetime must be whole seconds/,
      /^nick: text\(\) takes/,
      /^list: default is required$/,
      /^bare: default is required$/,
      /^schema: json\(\) takes a Standard Schema/,
      /^mode: default must be one of a, b$/,
      /^cart: overflow: 'server' needs signed: true$/,
      /^shown: .*exclude each other/,
      /^odd: signed must be true or false$/,
      /^odd: overflow must be 'refuse' or 'server'$/,
      /^kind needs a kind/,
      /^nothing needs a kind/,
    ]
    const left = [...findings]
    for (const pattern of expected) {
      const at = left.findIndex((finding) => pattern.test(finding))
      assert.ok(at >= 0, `${pattern} in\n${findings.join('\n')}`)
      left.splice(at, 1)
    }
    assert.deepEqual(left, [])
    for (const nothing of [null, undefined, 7, 'x', []])
      assert.throws(() => preferences(nothing as never), { kind: 'invalid_option' })
  })

  test('M1 C5 no more of them than browsers keep', () => {
    const many = (count: number): Record<string, ReturnType<typeof flag>> =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, flag()]))
    assert.deepEqual(
      findingsOf(() => preferences(many(40))),
      [],
    )
    assert.match(findingsOf(() => preferences(many(41))).join(), /at most 40/)
  })

  test('M1 a request that has not been let in, or has no such preference', async () => {
    const prefs = preferences({ theme: oneOf('light', 'dark') })
    assert.throws(() => prefs.of({} as never), /session\(auth\) must come before/)
    await withVisit((session) => {
      const mine = prefs.of(session) as never as Record<'get' | 'set' | 'delete', (name: string) => Promise<unknown>>
      return Promise.all(
        (['get', 'set', 'delete'] as const).map((word) =>
          assert.rejects(mine[word]('themee'), { kind: 'invalid_value', message: /did you mean theme\?/ }),
        ),
      )
    })
    await withVisit((session) => assert.rejects(prefs.of(session).get('__proto__' as never), { kind: 'invalid_value' }))
  })
})

describe('M1 the text of a cookie', () => {
  const tricky = fc.string({ unit: fc.constantFrom(...'%4125cC";,\\= +'), maxLength: 8 })
  const anyText = fc.oneof(tricky, fc.string({ unit: 'binary', maxLength: 40 }))

  test('M1 every text is cookie octets, comes back, and is what a script decodes', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const octets = escapeText(value)
        assert.match(octets, /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/)
        assert.equal(decodeURIComponent(octets), value)
        assert.equal(unescapeText(octets), value)
      }),
    )
  })

  test('M1 a signature is of one name, one end, one kind of content and one value', () => {
    const name = fc.constantFrom('a', 'ab', '__Host-a', '1:a')
    const content = fc.record(
      {
        holds: fc.constantFrom('value' as const, 'reference' as const),
        octets: fc.string({ unit: fc.constantFrom(...'a1:.~'), maxLength: 4 }),
        end: fc.constantFrom(1, 11, 111),
      },
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(name, content, name, content, (name, content, otherName, other) => {
        const made = signContent(ring, name, content)
        assert.deepEqual(openContent(ring, name, made, 0), content)
        const signature = made.split('.')[1]?.slice(0, 51) as string
        const grafted = signContent(ring, otherName, other).replace(/(?<=^\d+\.).{51}/, signature)
        const same = JSON.stringify([name, content]) === JSON.stringify([otherName, other])
        assert.equal(openContent(ring, otherName, grafted, 0) !== null, same)
      }),
      { numRuns: 500 },
    )
  })

  test('M1 one spelling, and an end in time', () => {
    const made = signContent(ring, 'n', { holds: 'value', octets: 'v', end: 100 })
    assert.notEqual(openContent(ring, 'n', made, 99_999), null)
    assert.equal(openContent(ring, 'n', made, 100_000), null)
    const spare = made.replace(/.(?=\.v$)/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))
    for (const other of [
      `0${made}`,
      ` ${made}`,
      `${made} `,
      spare,
      made.slice(1),
      made.replace('.', '..'),
      '',
      '.',
      '1..',
    ])
      assert.equal(openContent(ring, 'n', other, 0), null, other)
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => openContent(ring, 'n', value, 0) === null))
  })
})

describe('M1 kinds', () => {
  const cases = {
    oneOf: {
      kind: oneOf('a', 'b'),
      takes: ['a', 'b'],
      refuses: ['c', '', null, ['a'], new String('a')],
      texts: ['c', ''],
    },
    flag: { kind: flag(), takes: [true, false], refuses: ['true', 0, null], texts: ['True', '1', '', 'truefalse'] },
    wholeNumber: {
      kind: wholeNumber({ min: -5, max: 50 }),
      takes: [-5, 0, 50],
      refuses: [-6, 51, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '7', 7n, null],
      texts: ['', '-6', '51', '07', '+7', '7.0', '7e0', '0x7', ' 7', '-0', '٧', '1'.repeat(400)],
    },
    text: {
      kind: text({ longest: 3 }),
      takes: ['', 'abc', '😀'],
      refuses: ['abcd', '\udc00', 7, null],
      texts: ['abcd'],
    },
    json: {
      kind: json(z.union([z.number(), z.array(z.unknown()), z.record(z.string(), z.unknown())])),
      takes: [0, [], [1, [null]], { a: { b: 'ü' } }],
      refuses: [
        'x',
        undefined,
        Number.NaN,
        new Date(0),
        { a: undefined },
        ['\ud800'],
        nested(17),
        JSON.parse('{"__proto__":1}'),
      ],
      texts: ['', '{', '{"a":1,"a":2}', '[1],', '1e999', '{"__proto__":{}}', '[{"__proto__":1}]', '\ufeff[]', '"x"'],
    },
  } as const

  function nested(depth: number): unknown {
    return depth === 0 ? [] : [nested(depth - 1)]
  }

  for (const [name, { kind, takes, refuses, texts }] of Object.entries(cases))
    test(`M1 ${name} reads what it writes, and nothing else`, async () => {
      for (const value of takes) {
        const written = await kind.write(value)
        assert.notEqual(written, null, `${value}`)
        assert.deepEqual(await kind.read(written as string), { value })
      }
      for (const value of refuses) assert.equal(await kind.write(value), null, `${String(value)}`)
      for (const value of texts) assert.equal(await kind.read(value), null, value)
    })
})

describe('M1 json by any Standard Schema', () => {
  const schemas = {
    zod: z.object({ max: z.number().default(10), note: z.string().trim().optional() }),
    valibot: v.object({ max: v.optional(v.number(), 10), note: v.optional(v.pipe(v.string(), v.trim())) }),
    arktype: type({ max: 'number = 10', 'note?': 'string.trim' }),
  }

  for (const [vendor, schema] of Object.entries(schemas))
    test(`M1 ${vendor}: typed in, typed out, what the schema makes of it is made at each reading`, async () => {
      const prefs = preferences({ filter: { of: json(schema as typeof schemas.zod), default: {} } })
      const jar = await withVisit(async (session) => {
        const mine = prefs.of(session)
        assert.deepEqual(await mine.get('filter'), { max: 10 })
        await mine.set('filter', { note: ' x ' })
        assert.deepEqual(await mine.get('filter'), { max: 10, note: 'x' })
        for (const bad of [{ max: 'many' }, { note: 7 }, 'x', null])
          await assert.rejects(mine.set('filter', bad as never), { kind: 'invalid_value', message: /^filter takes / })
      })
      assert.equal(jar, '__Host-filter={%22note%22:%22%20x%20%22}')
      await withVisit(async (session) => {
        const first = await prefs.of(session).get('filter')
        assert.deepEqual(first, { max: 10, note: 'x' })
        first.max = 7
        assert.deepEqual((await prefs.of(session).all()).filter, { max: 10, note: 'x' }, 'nobody changes it for others')
      }, jar)
      for (const text of ['{%22max%22:%22many%22}', '7', 'null', '{%22max%22:1,%22max%22:2}', '{'])
        await withVisit(
          async (session) => assert.deepEqual(await prefs.of(session).get('filter'), { max: 10 }, text),
          `__Host-filter=${text}`,
        )
    })

  test('M1 a value that is being set is read, awaited or not, also where the schema answers late', async () => {
    const prefs = preferences({ cart: { of: json(z.array(z.string())), default: [] }, theme: oneOf('light', 'dark') })
    await withVisit(async (session) => {
      const mine = prefs.of(session)
      const setting = [mine.set('cart', ['a']), mine.set('theme', 'dark')]
      assert.deepEqual(await mine.all(), { cart: ['a'], theme: 'dark' })
      const deleting = mine.delete('cart')
      assert.deepEqual(await mine.get('cart'), [])
      await Promise.all([...setting, deleting])
    })
  })

  test('M1 a default is the same for everybody, whatever was done to it', async () => {
    const prefs = preferences({ cart: { of: json(type('string[]')), default: ['a'] } })
    await withVisit(async (session) => {
      const cart = await prefs.of(session).get('cart')
      cart.push('b')
      assert.deepEqual(await prefs.of(session).get('cart'), ['a'])
    })
  })

  test('M1 a default that its schema refuses is an error, at the latest when it is needed', async () => {
    const cart = { of: json(z.array(z.string())), default: [7] as never }
    await withVisit((session) =>
      assert.rejects(preferences({ cart }).of(session).get('cart'), { kind: 'invalid_option', message: /cart/ }),
    )
  })
})

describe('M1 every door', () => {
  const prefs = preferences({ theme: oneOf('light', 'dark'), cart: { of: json(z.array(z.int())), default: [] } })
  const cookieOf = (response: Response): string => (response.headers.getSetCookie()[0] ?? '').split(';', 1)[0] as string
  const post = (cookie = ''): Request =>
    new Request('http://localhost/', { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-origin', Cookie: cookie } })

  test('M1 fetch: the request', async () => {
    await withAuth(async (auth) => {
      const handler = atFetch.session(auth)(async (request) => {
        const mine = prefs.of(request)
        await mine.set('theme', (await mine.get('theme')) === 'dark' ? 'light' : 'dark')
        return Response.json(await mine.all())
      })
      const first = await handler(post())
      assert.deepEqual(await first.json(), { theme: 'dark', cart: [] })
      assert.equal(cookieOf(first), '__Host-theme=dark')
      assert.deepEqual(await (await handler(post(cookieOf(first)))).json(), { theme: 'light', cart: [] })
    })
  })

  test('M1 Hono: its variables', async () => {
    await withAuth(async (auth) => {
      const app = new Hono<atHono.SessionEnv>()
      app.use(atHono.session(auth))
      app.post('/', async (c) => {
        await prefs.of(c.var).set('cart', [1, 2])
        return c.json(await prefs.of(c.var).get('cart'))
      })
      const first = await app.request(post())
      assert.deepEqual(await first.json(), [1, 2])
      assert.equal(cookieOf(first), '__Host-cart=[1%2C2]')
    })
  })

  test('M1 X2 a form that has not shown where it was started sets nothing', async () => {
    const auth = handstamp({ secrets: secrets[0], backend: memory(), formTokens: true })
    const handler = atFetch.session(auth)(async (request) => {
      await prefs.of(request).set('theme', 'dark')
      return new Response()
    })
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Cookie: '__Host-session=x' }
    const answer = await handler(new Request('http://localhost/', { method: 'POST', headers, body: 'a=b' }))
    assert.deepEqual([answer.status, answer.headers.getSetCookie()], [403, []])
    await auth.close()
  })
})

async function withAuth(run: (auth: Auth) => Promise<void>): Promise<void> {
  const auth = handstamp({ secrets: secrets[0], backend: memory() })
  await run(auth)
  await auth.close()
}

/** Runs within a request with that Cookie header. @returns the first cookie that was set */
async function withVisit(run: (session: atFetch.RequestSession) => Promise<unknown>, Cookie = ''): Promise<string> {
  let set = ''
  await withAuth(async (auth) => {
    let failed: unknown = null
    const handler = atFetch.session(auth)(async (request) => {
      await run(request.session).catch((error: unknown) => {
        failed = error
      })
      return new Response()
    })
    const response = await handler(new Request('http://localhost/', { headers: { Cookie } }))
    if (failed !== null) throw failed
    set = (response.headers.getSetCookie()[0] ?? '').split(';', 1)[0] as string
  })
  return set
}
