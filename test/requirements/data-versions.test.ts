import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { z } from 'zod'
import { insideOf } from '../../src/http/auth.ts'
import { handstamp, type Json, type Migrations, memory } from '../../src/index.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { intercept } from '../../src/testing/intercept.ts'
import { at } from '../support/another-node.ts'
import { type App, type AppOptions, type Browser, everywhere, secrets, withApp } from '../support/app.ts'
import { manualClock } from '../support/manual-clock.ts'

type Loose = Readonly<Record<string, Json>>

/** Version 1: `name` and `items`. Version 2: `fullName` instead of `name`, and items with a count. `theme` is the same in both. */
const first = z.object({
  name: z.string().optional(),
  items: z.array(z.string()).optional(),
  theme: z.string().optional(),
})
const second = z.object({
  fullName: z.string().optional(),
  items: z.array(z.object({ sku: z.string(), count: z.number() })).optional(),
  theme: z.string().optional(),
})
const migrate: Migrations = {
  1: ({ name, items, ...rest }) => ({
    ...rest,
    ...(name === undefined ? {} : { fullName: name }),
    ...(items === undefined ? {} : { items: (items as readonly string[]).map((sku) => ({ sku, count: 1 })) }),
  }),
}

function asOptions(data: unknown, more: AppOptions = {}): AppOptions {
  return { data: data as NonNullable<AppOptions['data']>, ...more }
}

const before = asOptions(first)
const after = asOptions(second, { dataVersion: 2, migrate })

async function read(browser: Browser, key: string): Promise<unknown> {
  const answer = await browser.get(`/data?key=${encodeURIComponent(key)}`)
  assert.equal(answer.status, 200, answer.body)
  return answer.json().value
}

async function write(browser: Browser, key: string, value: Json): Promise<number> {
  return (await browser.post('/data', { key, value })).status
}

function patches(app: App): readonly unknown[] {
  return app.dealings.filter(({ name }) => name === 'store.patch').map(({ args }) => args[1])
}

/** Everything, as the store has it. */
async function stored(app: App, browser: Browser): Promise<Loose> {
  const id = (await browser.get('/whoami')).json().id as string
  const data = await insideOf(app.auth).opened?.engine.backend.store.data(id)
  return Object.fromEntries([...(data ?? [])].map(([key, { value }]) => [key, value]))
}

everywhere(
  'a new shape is made as data is read, and stored with the next write, in one step',
  async (old) => {
    const browser = await old.signIn('ada', { data: { name: 'Ada', items: ['pen'] } })
    const app = await old.node(after)
    const there = at(app, browser)
    assert.equal(await read(there, 'fullName'), 'Ada')
    assert.deepEqual(await read(there, 'items'), [{ sku: 'pen', count: 1 }])
    assert.deepEqual(patches(app), [], 'reading writes nothing')
    assert.deepEqual(await stored(old, browser), { name: 'Ada', items: ['pen'] })
    assert.equal(await write(there, 'theme', 'dark'), 200)
    assert.equal(patches(app).length, 1)
    const lifted = { fullName: 'Ada', items: [{ sku: 'pen', count: 1 }], theme: 'dark', 'handstamp.version': 2 }
    assert.deepEqual(await stored(old, browser), lifted)
    assert.equal(await write(there, 'theme', 'light'), 200)
    assert.deepEqual(await stored(old, browser), { ...lifted, theme: 'light' })
    await there.send({ method: 'DELETE', path: '/data', json: { key: 'fullName' } })
    assert.equal(await read(there, 'fullName'), null)
  },
  before,
)

everywhere(
  'update and delete lift as well, and several versions are lifted one after the other',
  async (old) => {
    const one = await old.signIn('ada', { data: { name: 'Ada', count: 4 } })
    const two = await old.signIn('bob', { data: { name: 'Bob' } })
    const app = await old.node({
      dataVersion: 3,
      migrate: { ...migrate, 2: ({ fullName, ...rest }) => ({ ...rest, names: [fullName ?? ''] }) },
    })
    assert.deepEqual((await at(app, one).post('/count')).json(), { value: 5 })
    assert.deepEqual(await stored(old, one), { names: ['Ada'], count: 5, 'handstamp.version': 3 })
    await at(app, two).send({ method: 'DELETE', path: '/data', json: { key: 'names' } })
    assert.deepEqual(await stored(old, two), { 'handstamp.version': 3 })
    const fresh = app.browser()
    assert.equal(await write(fresh, 'theme', 'dark'), 200)
    assert.deepEqual(await stored(app, fresh), { theme: 'dark', 'handstamp.version': 3 })
  },
  {},
)

for (const store of ['memory', 'sqlite'] as const) {
  for (const [key, value] of [
    ['name', 'Grace'],
    ['items', ['ink']],
    ['theme', 'dark'],
    ['name', null],
  ] as const) {
    test(`what old code ${value === null ? 'deletes' : 'sets'} (${key}) while new code is lifting is not lost: ${store}`, async () => {
      const clock = manualClock()
      const shared = memory({ clock })
      const options = { store, clock, ...before, ...(store === 'memory' ? { backend: shared } : {}) }
      await withApp(options, async (old) => {
        // `items` is not there as the new code reads: nothing that it could expect would tell.
        const browser = await old.signIn('ada', { data: { name: 'Ada' } })
        const remove = { method: 'DELETE', path: '/data', json: { key } }
        let meanwhile: (() => Promise<number>) | null = async () =>
          value === null ? (await browser.send(remove)).status : write(browser, key, value)
        const own = store === 'memory' ? shared : sqlite({ path: old.path, clock })
        const backend = intercept(own, {
          call: async ({ name, args }, carryOut) => {
            if (name === 'store.patch' && meanwhile !== null) {
              const run = meanwhile
              meanwhile = null
              assert.ok([200, 204].includes(await run()))
            }
            return carryOut(args)
          },
        })
        const there = at(await old.node({ ...after, backend }), browser)
        assert.equal(await write(there, 'theme', 'light'), 200)
        assert.equal(meanwhile, null)
        assert.deepEqual(await stored(old, browser), {
          ...(value === null ? {} : { fullName: key === 'name' ? 'Grace' : 'Ada' }),
          ...(key === 'items' ? { items: [{ sku: 'ink', count: 1 }] } : {}),
          theme: 'light',
          'handstamp.version': 2,
        })
      })
    })
  }

  test(`in a rolling deploy every write that was acknowledged is there in the end: ${store}`, async () => {
    const prefixed: Migrations = {
      1: (data) => Object.fromEntries(Object.entries(data).map(([key, value]) => [key.replace(/^v1/, 'v2'), value])),
    }
    await withApp({ store, data: anyKey('v1') }, async (old) => {
      const nodes = [old, await old.node()]
      const fresh = { data: anyKey('v2'), dataVersion: 2, migrate: prefixed }
      const newer = [await old.node(fresh), await old.node(fresh)]
      const browser = await old.signIn('ada', { data: { 'v1-begin': 0 } })
      const writes = Array.from({ length: 40 }, async (_, index) => {
        const isOld = index < 20
        const app = (isOld ? nodes : newer)[index % 2] as App
        const status = await write(at(app, browser), `${isOld ? 'v1' : 'v2'}-${index}`, index)
        assert.ok(status === 200 || (isOld && status === 503), `${status}`)
        return status === 200 ? [`v2-${index}`] : []
      })
      const acknowledged = (await Promise.all(writes)).flat()
      const there = at(newer[0] as App, browser)
      for (const key of acknowledged) assert.equal(await read(there, key), Number(key.slice(3)), key)
      assert.equal(await read(there, 'v2-begin'), 0)
      const keys = Object.keys(await stored(old, browser))
      assert.deepEqual(
        keys.filter((key) => key.startsWith('v1')),
        [],
        'no shapes are mixed',
      )
    })
  })
}

/** Any key that begins like this. */
function anyKey(prefix: string): NonNullable<AppOptions['data']> {
  return z.record(z.templateLiteral([prefix, '-', z.string()]), z.number()) as unknown as NonNullable<
    AppOptions['data']
  >
}

everywhere(
  'old code reads of newer data what fits, overwrites only that, and says 503 to the rest',
  async (old) => {
    const browser = await old.signIn('ada', { data: { name: 'Ada', items: ['pen'], theme: 'dark' } })
    const app = await old.node(after)
    const there = at(app, browser)
    await write(there, 'theme', 'blue')
    const lifted = await stored(old, browser)
    assert.equal(await read(browser, 'name'), null)
    assert.equal(await read(browser, 'items'), null)
    assert.equal(await read(browser, 'theme'), 'blue')
    assert.equal(await write(browser, 'theme', 'green'), 200)
    assert.equal(await read(there, 'theme'), 'green')
    for (const [key, value] of [
      ['items', ['ink']],
      ['name', 'Grace'],
    ] as const) {
      const answer = await browser.post('/data', { key, value })
      assert.deepEqual([answer.status, answer.header('retry-after')], [503, '1'])
    }
    assert.equal((await browser.send({ method: 'DELETE', path: '/data', json: { key: 'items' } })).status, 503)
    assert.equal((await browser.send({ method: 'DELETE', path: '/data', json: { key: 'name' } })).status, 204)
    assert.equal((await browser.post('/me')).status, 200)
    assert.deepEqual(await stored(old, browser), { ...lifted, theme: 'green' })
    const schemaless = at(await old.node({ data: undefined as never }), browser)
    assert.equal(await read(schemaless, 'theme'), 'green')
    assert.equal(await write(schemaless, 'theme', 'red'), 503)
  },
  before,
)

everywhere(
  'a login carries data over with its version, in both directions',
  async (old) => {
    const app = await old.node(after)
    for (const own of [{}, { data: { theme: 'dark' } }]) {
      const up = old.browser()
      await write(up, 'items', ['pen'])
      const there = at(app, up)
      assert.equal((await there.post('/login', { user: 'ada', ...own })).status, 200)
      assert.deepEqual(await read(there, 'items'), [{ sku: 'pen', count: 1 }])
      assert.equal(await read(there, 'theme'), 'data' in own ? 'dark' : null)
      const down = app.browser()
      await write(down, 'fullName', 'Ada')
      const back = at(old, down)
      assert.equal((await back.post('/login', { user: 'ada', ...own })).status, 200)
      assert.equal((await stored(old, back))['handstamp.version'], 2)
      assert.equal(await read(at(app, back), 'fullName'), 'Ada')
      assert.equal(await read(at(app, back), 'theme'), 'data' in own ? 'dark' : null)
    }
    const stepped = at(app, await old.signIn('ada', { data: { name: 'Ada' } }))
    assert.equal((await stepped.post('/step-up', { level: 2 })).status, 200)
    assert.equal(await read(stepped, 'fullName'), 'Ada')
  },
  before,
)

everywhere(
  'merge sees lifted data, and old code does not drop what newer code wrote',
  async (old) => {
    const seen: Loose[] = []
    const merge: NonNullable<AppOptions['merge']> = (anonymous) => {
      seen.push(anonymous)
      return anonymous
    }
    const app = await old.node({ ...after, merge })
    const up = old.browser()
    await write(up, 'items', ['pen'])
    const there = at(app, up)
    await there.post('/login', { user: 'ada' })
    assert.deepEqual(seen, [{ items: [{ sku: 'pen', count: 1 }] }])
    const down = app.browser()
    await write(down, 'items', [{ sku: 'pen', count: 2 }])
    const back = at(await old.node({ merge }), down)
    assert.equal((await back.post('/login', { user: 'ada' })).status, 200)
    assert.deepEqual(seen[1], {})
    assert.deepEqual(await read(at(app, back), 'items'), [{ sku: 'pen', count: 2 }])
  },
  before,
)

everywhere(
  'a migration that fails keeps the data from being read, and nobody from being signed in',
  async (old) => {
    const browser = await old.signIn('ada', { data: { name: 'Ada' } })
    for (const broken of [() => assert.fail('Ada'), () => null, () => ({ at: new Date(0) }), async () => ({})]) {
      const there = at(await old.node({ ...after, migrate: { 1: broken as unknown as Migrations[number] } }), browser)
      assert.equal((await there.get('/data?key=fullName')).status, 500)
      assert.equal(await write(there, 'theme', 'dark'), 500)
      assert.equal((await there.get('/me')).status, 200)
      assert.equal((await there.post('/login', { user: 'ada' })).status, 200)
      browser.put('__Host-session', there.jar.get('__Host-session') ?? null)
      browser.put('__Host-snapshot', there.jar.get('__Host-snapshot') ?? null)
    }
    assert.deepEqual(await stored(old, browser), { name: 'Ada' })
    assert.equal(await read(at(await old.node(after), browser), 'fullName'), 'Ada')
  },
  before,
)

everywhere('the version is not a key of applications', async (app) => {
  const browser = await app.signIn('ada', { data: { name: 'Ada' } })
  assert.equal(await write(browser, 'handstamp.version', 7), 500)
  assert.equal((await browser.post('/login', { user: 'ada', data: { 'handstamp.version': 7 } })).status, 500)
  assert.deepEqual(await stored(app, browser), { name: 'Ada' })
  const there = at(await app.node({ dataVersion: 2, migrate: { 1: (data) => data } }), browser)
  await write(there, 'theme', 'dark')
  assert.equal((await there.get('/data?key=handstamp.version')).json().missing, true)
})

describe('versions that cannot be are refused', () => {
  const wrong: Readonly<Record<string, readonly [object, RegExp]>> = {
    'no whole number': [{ dataVersion: 1.5 }, /dataVersion must be a whole number from 1 on/],
    'a step that is missing': [{ dataVersion: 3, migrate: { 1: () => ({}) } }, /migrate\[2\] must be a function/],
    'a step to nowhere': [{ migrate }, /migrate\[1\] is not a version below dataVersion, which is 1/],
    'a name that is none': [{ dataVersion: 2, migrate: { ...migrate, one: 1 } }, /migrate\[one\] is not a version/],
    'no functions': [{ dataVersion: 2, migrate: 'up' }, /migrate must be an object/],
  }
  for (const [name, [options, message]] of Object.entries(wrong))
    test(name, () => {
      const all = { backend: memory(), secrets: secrets[0], polisy: 1, ...options }
      assert.throws(() => handstamp(all as never), { kind: 'invalid_option', message })
    })
})
