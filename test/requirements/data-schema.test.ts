import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { handstamp, isFault, type Json, memory, type StandardSchema } from '../../src/index.ts'
import { at } from '../support/another-node.ts'
import { type App, type AppOptions, type Browser, everywhere, secrets, withApp } from '../support/app.ts'
import { json, type Routes } from '../support/app-routes.ts'

const free = async (name: string): Promise<boolean> => name !== 'taken'

/** The same data, said three times. Arktype answers at once, always. */
const schemas: Readonly<Record<string, StandardSchema>> = {
  zod: z.object({
    theme: z.enum(['light', 'dark']).default('light'),
    since: z.iso
      .datetime()
      .transform((text) => new Date(text))
      .optional(),
    cart: z.array(z.string()).optional(),
    name: z.string().refine(free, 'is not free').optional(),
  }),
  valibot: v.objectAsync({
    theme: v.optional(v.picklist(['light', 'dark']), 'light'),
    since: v.optional(
      v.pipe(
        v.string(),
        v.isoTimestamp(),
        v.transform((text) => new Date(text)),
      ),
    ),
    cart: v.optional(v.array(v.string())),
    name: v.optionalAsync(v.pipeAsync(v.string(), v.checkAsync(free, 'is not free'))),
  }),
  arktype: type({
    '+': 'delete',
    theme: "'light' | 'dark' = 'light'",
    'since?': 'string.date.iso.parse',
    'cart?': 'string[]',
    'name?': 'string & /^(?!taken$)/',
  }),
}

const routes: Routes = {
  'POST /try': async ({ session, headers }, response) => {
    const { key, value } = JSON.parse(String(headers['x-try'])) as { readonly key: string; readonly value: Json }
    const said = await session.set(key, value).catch((error: unknown) => error)
    json(response, isFault(said) ? { kind: said.kind, message: said.message } : 'stored')
  },
  'POST /touch': async ({ session }, response) => {
    const seen: string[] = []
    const to = await session.update('since', (since) => {
      seen.push(Object.prototype.toString.call(since))
      return '2031-01-01T00:00:00.000Z'
    })
    json(response, { seen, is: Object.prototype.toString.call(to) })
  },
}

async function attempt(browser: Browser, key: string, value: Json): Promise<Readonly<Record<string, unknown>>> {
  return (await browser.post('/try', undefined, { 'X-Try': JSON.stringify({ key, value }) })).json()
}

async function valueIn(browser: Browser, key: string): Promise<unknown> {
  return (await browser.get(`/data?key=${encodeURIComponent(key)}`)).json().value
}

function asOption(schema: StandardSchema): NonNullable<AppOptions['data']> {
  return schema as NonNullable<AppOptions['data']>
}

/** What the store was given, last first. */
function written(app: App): readonly unknown[] {
  return app.dealings
    .filter(({ name }) => name === 'store.patch' || name === 'store.insert')
    .map(({ args }) => args[1])
    .reverse()
}

for (const [library, schema] of Object.entries(schemas)) {
  const options: AppOptions = { data: asOption(schema), routes }

  everywhere(
    `session data by a schema of ${library}: defaults, coercion, and what does not fit`,
    async (app) => {
      const browser = app.browser()
      assert.equal(await valueIn(browser, 'theme'), 'light', 'the default, with no session at all')
      assert.equal(browser.cookie(), undefined)
      assert.equal(await attempt(browser, 'since', '2030-01-01T00:00:00.000Z'), 'stored')
      assert.deepEqual(written(app)[0], new Map([['since', '2030-01-01T00:00:00.000Z']]), 'stored is what was set')
      assert.equal(await valueIn(browser, 'theme'), 'light')
      assert.deepEqual((await browser.post('/touch')).json(), { seen: ['[object Date]'], is: '[object Date]' })
      assert.equal(await valueIn(browser, 'since'), '2031-01-01T00:00:00.000Z')
      const before = written(app).length
      for (const [key, value] of [
        ['cart', 'secret-words'],
        ['cart', ['ok', 31_415_926]],
        ['theme', 'secret-words'],
        ['name', 'taken'],
        ['since', 'secret-words'],
        ['unheard', 'secret-words'],
      ] as const) {
        const { kind, message } = await attempt(browser, key, value)
        assert.equal(kind, 'invalid_value', `${key}: ${message}`)
        assert.match(String(message), new RegExp(`^(The value of )?"${key}" `))
        if (key === 'theme') assert.match(String(message), /dark/, 'what would fit is told')
        assert.doesNotMatch(String(message), /secret-words|31415926|taken/)
      }
      assert.equal(written(app).length, before, 'nothing was written')
      assert.equal(await attempt(browser, 'name', 'ada'), 'stored')
      assert.equal(await valueIn(browser, 'name'), 'ada')
    },
    options,
  )

  test(`what is stored and no longer fits ${library}'s schema reads as undefined, stays, and takes nothing along`, async () => {
    await withApp({}, async (old) => {
      const browser = await old.signIn('ada', { data: { cart: 'a text', theme: 'dark', name: 'ada', 'of old': 1 } })
      const app = await old.node(options)
      const there = at(app, browser)
      assert.equal((await there.get('/data?key=cart')).json().missing, true)
      assert.equal(await valueIn(there, 'theme'), 'dark')
      assert.equal(await valueIn(there, 'name'), 'ada')
      await there.post('/data', { key: 'theme', value: 'light' })
      assert.equal(await valueIn(at(old, there), 'cart'), 'a text')
      assert.equal(await valueIn(at(old, there), 'of old'), 1)
    })
  })

  test(`S15 hostile names change no prototype under ${library}`, async () => {
    await withApp({}, async (old) => {
      const hostile: Json = JSON.parse('{"x": 1, "theme": "dark", "constructor": {"prototype": {"x": 1}}}')
      const browser = old.browser()
      for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
        await browser.post('/data', { key, value: hostile })
      assert.deepEqual(await valueIn(browser, '__proto__'), hostile)
      const there = at(await old.node(options), browser)
      for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
        assert.equal(await valueIn(there, key), null)
        assert.equal((await attempt(there, key, 'secret-words')).kind, 'invalid_value')
      }
      assert.equal(await valueIn(there, 'theme'), 'light')
      assert.equal(Reflect.get({}, 'x'), undefined)
      assert.deepEqual(await valueIn(at(old, there), '__proto__'), hostile)
    })
  })
}

test('a rule about several keys at once does not keep the others from being read', async () => {
  const schema = z
    .object({ from: z.number().optional(), to: z.number().optional(), kind: z.string().default('any') })
    .refine(({ from = 0, to = from }) => from <= to, 'from must not be after to')
  await withApp({}, async (old) => {
    const browser = await old.signIn('ada', { data: { from: 3, to: 2 } })
    const there = at(await old.node({ data: asOption(schema) }), browser)
    assert.equal(await valueIn(there, 'from'), 3)
    assert.equal(await valueIn(there, 'to'), 2)
    assert.equal(await valueIn(there, 'kind'), 'any')
  })
})

test('data given at login and at create is judged before anything is stored', async () => {
  await withApp({ data: asOption(schemas.zod as StandardSchema) }, async (app) => {
    const answer = await app.browser().post('/login', { user: 'ada', data: { theme: 'purple' } })
    assert.equal(answer.status, 500)
    await assert.rejects(app.auth.create({ user: 'ada', data: { cart: [1] } }), { kind: 'invalid_value' })
    assert.deepEqual(await app.auth.list('ada'), [])
    const browser = await app.signIn('ada', { data: { theme: 'dark' } })
    assert.equal(await valueIn(browser, 'theme'), 'dark')
  })
})

test('an anonymous value that no longer fits does not stand in the way of a login', async () => {
  const merge = (anonymous: Readonly<Record<string, Json>>, login: Readonly<Record<string, Json>>) => ({
    ...anonymous,
    ...login,
    cart: [...((anonymous.cart ?? []) as string[]), 'merged'],
  })
  for (const more of [{}, { merge }]) {
    await withApp({}, async (old) => {
      const browser = old.browser()
      await browser.post('/data', { key: 'cart', value: 'a text' })
      await browser.post('/data', { key: 'theme', value: 'dark' })
      const there = at(await old.node({ data: asOption(schemas.zod as StandardSchema), ...more }), browser)
      assert.equal((await there.post('/login', { user: 'ada', data: { name: 'ada' } })).status, 200)
      assert.equal(await valueIn(there, 'theme'), 'dark')
      assert.equal(await valueIn(there, 'name'), 'ada')
      assert.deepEqual(await valueIn(there, 'cart'), 'merge' in more ? ['merged'] : null)
    })
  }
})

describe('a schema that cannot be is refused', () => {
  const wrong: Readonly<Record<string, readonly [unknown, RegExp]>> = {
    'no schema': [{ theme: 'string' }, /data must be a Standard Schema/],
    'a key that is required': [z.object({ cart: z.array(z.string()) }), /data must take \{\}.*\(cart: /],
    'no object': [z.any().transform(() => 'a text'), /data must be the schema of an object/],
    'one that throws': [
      { '~standard': { validate: () => assert.fail('no') } },
      /data must take \{\}.*threw a AssertionError/,
    ],
  }
  for (const [name, [data, message]] of Object.entries(wrong)) {
    test(name, () => {
      const options = { backend: memory(), secrets: secrets[0], data: data as StandardSchema<object, object> }
      assert.throws(() => handstamp({ ...options, polisy: 1 } as never), { kind: 'invalid_option', message })
      assert.throws(() => handstamp({ ...options, polisy: 1 } as never), { message: /polisy is not an option/ })
    })
  }

  test('one that answers later, as the backend opens', async () => {
    const later: StandardSchema<object, object> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value) =>
          Object.hasOwn(value as object, 'cart') ? { value: value as object } : { issues: [{ message: 'no cart' }] },
      },
    }
    const auth = handstamp({ backend: memory(), secrets: secrets[0], data: later })
    await assert.rejects(auth.ready(), { kind: 'invalid_option', message: /every key optional.*no cart/ })
    await auth.close()
  })
})
