import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import type { Engine } from '../../src/engine/engine.ts'
import { insideOf } from '../../src/http/auth.ts'
import {
  type Backend,
  day,
  Fault,
  flag,
  isFault,
  json,
  memory,
  minute,
  oneOf,
  preferences,
  text,
  wholeNumber,
} from '../../src/index.ts'
import { intercept } from '../../src/testing/intercept.ts'
import { type Answer, type App, atBothDoors, type Browser, everywhere, secrets, withApp } from '../support/app.ts'
import { bodyOf, type Handler, type Routes, json as respond } from '../support/app-routes.ts'
import { manualClock } from '../support/manual-clock.ts'

const second = 1000
const item = z.object({ sku: z.string(), count: z.int().min(1) })
const prefs = preferences({
  theme: oneOf('light', 'dark', 'system'),
  language: { of: oneOf('en', 'de', 'pt/br; x'), readableByScript: true },
  visits: { of: wholeNumber({ min: 0, max: 1000 }), signed: true, lifetime: 10 * minute },
  wide: { of: flag(), default: true, signed: true, readableByScript: true },
  nick: text({ longest: 5000 }),
  essay: { of: text({ longest: 1_000_000 }), signed: true, overflow: 'server' },
  cart: { of: json(z.array(item)), default: [], signed: true, overflow: 'server', lifetime: 30 * day },
})

const defaults = { theme: 'light', language: 'en', visits: 0, wide: true, nick: '', essay: '', cart: [] }

/** A cart that takes up about so many bytes. */
const cartOf = (bytes: number): readonly z.infer<typeof item>[] => [{ sku: 's'.repeat(bytes), count: 1 }]
const large = cartOf(5000)

type Name = keyof typeof defaults

/** Carries out a list of changes, then tells the faults and all that there is. */
const change: Handler = async (request, response) => {
  const { changes, together } = (await bodyOf(request)) as {
    readonly changes: readonly { readonly name: Name; readonly value?: unknown }[]
    readonly together?: boolean
  }
  const mine = prefs.of(request)
  const carryOut = async ({ name, value }: (typeof changes)[number]): Promise<unknown> => {
    try {
      await (value === undefined ? mine.delete(name) : mine.set(name, value as never))
      return null
    } catch (error) {
      if (!isFault(error)) throw error
      return { kind: error.kind, message: error.message, status: error.status }
    }
  }
  const faults: unknown[] = []
  if (together === true) faults.push(...(await Promise.all(changes.map(carryOut))))
  else for (const one of changes) faults.push(await carryOut(one))
  // Of the same request, asked for anew.
  respond(response, { faults, all: await prefs.of(request.session).all() })
}

const routes: Routes = {
  'GET /preferences': async (request, response) => respond(response, await prefs.of(request).all()),
  'GET /theme': async (request, response) => respond(response, { theme: await prefs.of(request).get('theme') }),
  'GET /cart': async (request, response) => respond(response, { cart: await prefs.of(request).get('cart') }),
  'POST /preferences': change,
  'POST /too-late': async (request, response) => {
    response.flushHeaders()
    const { name, value } = await bodyOf(request)
    const fault: unknown = await prefs
      .of(request)
      .set(name as 'theme', value as 'dark')
      .catch((error: unknown) => error)
    response.end(JSON.stringify(isFault(fault) ? { kind: fault.kind } : { kind: null }))
  },
}

const set = (browser: Pick<Browser, 'post'>, name: Name, value?: unknown): Promise<Answer> =>
  browser.post('/preferences', { changes: [{ name, value }] })
const allOf = async (browser: Pick<Browser, 'get'>): Promise<Readonly<Record<string, unknown>>> =>
  (await browser.get('/preferences')).json()
const faultOf = (answer: Answer): { readonly kind: string; readonly message: string; readonly status: number } =>
  (answer.json().faults as readonly never[])[0] as never
const linesOf = (answer: Answer): readonly string[] =>
  answer.cookies.map(({ line }) => line.replace(/\d{10}\.[A-Za-z0-9_-]{51}/, 'END.SIGNATURE'))

/** How much is kept on the server: values, and entries for the sweep. */
async function keptBy({ documents }: Pick<Backend, 'documents'>): Promise<readonly number[]> {
  return [(await documents.list('kept', 1000)).length, (await documents.list('kept-due', 1000)).length]
}

function engineOf(app: App): Engine {
  const { opened } = insideOf(app.auth)
  assert.ok(opened !== null)
  return opened.engine
}

const keptIn = (app: App): Promise<readonly number[]> => keptBy(engineOf(app).backend)

/** A backend that the test can look into, and make fail. */
function watched(clock = manualClock()): { backend: Backend; failing: Set<string>; calls: string[]; inner: Backend } {
  const failing = new Set<string>()
  const calls: string[] = []
  const inner = memory({ clock })
  const backend = intercept(inner, {
    call: async ({ name, args }, carryOut) => {
      if (name.startsWith('documents') && `${args[0]}`.startsWith('kept')) calls.push(name.slice(10))
      if (failing.has(name)) throw new Fault('store_unavailable', 'The store does not answer.')
      return carryOut(args)
    },
  })
  return { backend, failing, calls, inner }
}

describe('M1 C1 C2 C4 C9 a cookie of its own for each preference, to the letter', () => {
  atBothDoors(
    'M1 set, script, signed, deleted',
    async (app) => {
      const browser = app.browser()
      const flags = 'Path=/; Secure; HttpOnly; SameSite=Lax'
      const forScripts = 'Path=/; Secure; SameSite=Lax'
      assert.deepEqual(linesOf(await set(browser, 'theme', 'dark')), [`__Host-theme=dark; Max-Age=34560000; ${flags}`])
      assert.deepEqual(linesOf(await set(browser, 'language', 'pt/br; x')), [
        `__Host-language=pt/br%3B%20x; Max-Age=34560000; ${forScripts}`,
      ])
      assert.deepEqual(linesOf(await set(browser, 'visits', 7)), [
        `__Host-visits=END.SIGNATURE.7; Max-Age=600; ${flags}`,
      ])
      assert.deepEqual(linesOf(await set(browser, 'cart', [{ sku: 'é', count: 2 }])), [
        `__Host-cart=END.SIGNATURE.[{%22sku%22:%22%C3%A9%22%2C%22count%22:2}]; Max-Age=2592000; ${flags}`,
      ])
      const all = { ...defaults, theme: 'dark', language: 'pt/br; x', visits: 7, cart: [{ sku: 'é', count: 2 }] }
      assert.deepEqual(await allOf(browser), all)
      const gone = await browser.post('/preferences', { changes: [{ name: 'theme' }, { name: 'language' }] })
      const deleted = 'Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT'
      assert.deepEqual(linesOf(gone), [
        `__Host-theme=; ${deleted}; ${flags}`,
        `__Host-language=; ${deleted}; ${forScripts}`,
      ])
      assert.deepEqual([...browser.jar.keys()], ['__Host-visits', '__Host-cart'])
      assert.deepEqual(await allOf(browser), { ...all, theme: 'light', language: 'en' })
    },
    { routes },
  )

  atBothDoors(
    'M1 over plain http that was asked for by name, the same without prefix and Secure',
    async (app) => {
      const browser = app.browser()
      assert.deepEqual(linesOf(await set(browser, 'theme', 'dark')), [
        'theme=dark; Max-Age=34560000; Path=/; HttpOnly; SameSite=Lax',
      ])
      assert.equal((await allOf(browser)).theme, 'dark')
      assert.equal((await app.get('/theme', { Cookie: '__Host-theme=dark' })).json().theme, 'light')
    },
    { routes, insecureHttp: true },
  )

  atBothDoors(
    'M1 a script reads the text by decodeURIComponent, behind the second dot where it is signed',
    async (app) => {
      const browser = app.browser()
      await browser.post('/preferences', {
        changes: [
          { name: 'language', value: 'pt/br; x' },
          { name: 'wide', value: false },
        ],
      })
      assert.equal(decodeURIComponent(browser.jar.get('__Host-language') as string), 'pt/br; x')
      const signed = (browser.jar.get('__Host-wide') as string).split('.').slice(2).join('.')
      assert.equal(decodeURIComponent(signed), 'false')
      // What a script writes itself is as good as anything that is of the kind, where it is not signed.
      browser.put('__Host-language', encodeURIComponent('pt/br; x'))
      browser.put('__Host-wide', 'false')
      assert.deepEqual(await allOf(browser), { ...defaults, language: 'pt/br; x' })
    },
    { routes },
  )
})

describe('M1 apart from the session', () => {
  everywhere(
    'M1 begins none, needs none, and outlives login, step-up and logout',
    async (app) => {
      const browser = app.browser()
      await set(browser, 'theme', 'dark')
      await set(browser, 'cart', large)
      assert.deepEqual([...browser.jar.keys()], ['__Host-theme', '__Host-cart'], 'no session')
      const theme = browser.jar.get('__Host-theme')
      const cart = browser.jar.get('__Host-cart')
      const words = [
        ['/login', { user: 'ada' }],
        ['/step-up', { level: 2 }],
        ['/login', { user: 'bob' }],
        ['/logout', {}],
        ['/login', { user: 'ada' }],
        ['/logout-everywhere', {}],
      ] as const
      for (const [path, body] of words) {
        assert.ok((await browser.post(path, body)).status < 300, path)
        assert.deepEqual([browser.jar.get('__Host-theme'), browser.jar.get('__Host-cart')], [theme, cart], path)
        assert.deepEqual(await allOf(browser), { ...defaults, theme: 'dark', cart: large }, path)
      }
      assert.equal(browser.jar.size, 2)
    },
    { routes },
  )

  atBothDoors(
    'M1 read and set whatever state the session is in',
    async (app) => {
      const browser = await app.signIn('ada')
      await set(browser, 'theme', 'dark')
      const twice = `${browser.cookie()}; __Host-session=x`
      assert.equal((await app.get('/whoami', { Cookie: twice })).json().user, null)
      assert.equal((await app.get('/theme', { Cookie: twice })).json().theme, 'dark')
      app.clock.advance(40 * day)
      assert.equal((await browser.get('/me')).status, 401)
      assert.equal((await allOf(browser)).theme, 'dark')
      assert.equal((await app.auth.list('ada')).length, 0)
    },
    { routes },
  )

  atBothDoors(
    'M1 C10 caches: what was read varies by Cookie, what was set or comes from the server is not stored, and nothing else is said',
    async (app) => {
      const browser = app.browser()
      assert.equal((await app.get('/public')).header('vary'), undefined)
      for (const path of ['/theme', '/preferences', '/cart']) {
        const answer = await browser.get(path)
        assert.equal(answer.header('vary'), 'Cookie', path)
        assert.equal(answer.header('cache-control'), undefined, path)
      }
      const written = await set(browser, 'cart', large)
      assert.equal(written.header('vary'), 'Cookie')
      assert.equal(written.header('cache-control'), 'no-store')
      assert.equal((await browser.get('/theme')).header('cache-control'), undefined)
      assert.equal((await browser.get('/cart')).header('cache-control'), 'no-store', 'it may change with no cookie')
      assert.equal((await browser.get('/cart')).header('vary'), 'Cookie')
    },
    { routes },
  )
})

describe('M1 C6 C7 C8 what is not a value reads as the default, and never fails', () => {
  atBothDoors(
    'M1 malformed, of no value, under other names, twice',
    async (app) => {
      const cookies = [
        ['__Host-theme=', 'light'],
        ['__Host-theme=Dark', 'light'],
        ['__Host-theme=dark%20', 'light'],
        ['__Host-theme=%', 'light'],
        ['__Host-theme=%FF', 'light'],
        ['__Host-theme=%ED%A0%80', 'light'],
        ['__Host-theme="dark"', 'light'],
        ['__host-theme=dark', 'light'],
        ['theme=dark', 'light'],
        ['%5F%5FHost-theme=dark', 'light'],
        ['__Host-theme =dark', 'light'],
        ['=__Host-theme=dark', 'light'],
        ['__Host-theme=dark; __Host-theme=dark', 'light'],
        ['__Host-theme=system; __Host-theme=dark', 'light'],
        ['__Host-theme=dark; theme=light', 'dark'],
        ['__Host-theme=d%61rk', 'dark'],
      ] as const
      for (const [cookie, theme] of cookies)
        assert.equal((await app.get('/theme', { Cookie: cookie })).json().theme, theme, cookie)
      assert.equal(
        (await app.get('/theme', { Cookie: ['__Host-theme=dark', '__Host-theme=dark'] })).json().theme,
        'light',
      )
    },
    { routes },
  )

  test('M1 whatever the values are (property)', async () => {
    await withApp({ routes }, async (app) => {
      const octets = fc.string({ unit: fc.constantFrom(...'abz019.~-_%[]{}:"\\=/ '), maxLength: 60 })
      const name = fc.constantFrom('theme', 'language', 'visits', 'wide', 'nick', 'cart')
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(name, octets), { maxLength: 6 }), async (pairs) => {
          const Cookie = pairs.map(([one, value]) => `__Host-${one}=${value}`).join('; ')
          const answer = await app.get('/preferences', { Cookie })
          assert.equal(answer.status, 200)
          const { nick, theme, language, ...signed } = answer.json()
          assert.ok(['light', 'dark', 'system'].includes(theme as string) && typeof nick === 'string')
          assert.ok(['en', 'de', 'pt/br; x'].includes(language as string))
          assert.deepEqual(signed, { visits: 0, wide: true, essay: '', cart: [] })
        }),
        { numRuns: 150 },
      )
    })
  })
})

describe('M1 signed', () => {
  const signedCookie = async (app: App, name: Name, value: unknown): Promise<string> => {
    const browser = app.browser()
    await set(browser, name, value)
    return browser.jar.get(`__Host-${name}`) as string
  }

  atBothDoors(
    'M1 any character changed, cut off, moved to another name, or of another application: the default',
    async (app) => {
      const value = await signedCookie(app, 'visits', 77)
      const reads = async (text: string, name: Name = 'visits'): Promise<unknown> => {
        const answer = await app.get('/preferences', { Cookie: `__Host-${name}=${text}` })
        assert.equal(answer.status, 200)
        return answer.json()[name]
      }
      assert.equal(await reads(value), 77)
      for (let at = 0; at < value.length; at++) {
        const other = value[at] === '7' ? '8' : '7'
        assert.equal(await reads(value.slice(0, at) + other + value.slice(at + 1)), 0, `changed at ${at}`)
        assert.equal(await reads(value.slice(0, at)), 0, `cut at ${at}`)
      }
      assert.equal(await reads(`${value}0`), 0)
      assert.equal(await reads(value.replace(/\.(?=77$)/, '~')), 0, 'a value that says it is a reference')
      assert.equal(await reads('77'), 0, 'not signed')
      assert.equal(await reads(value, 'wide'), true)
      const wide = await signedCookie(app, 'wide', false)
      assert.deepEqual([await reads(wide, 'wide'), await reads(wide)], [false, 0], 'renamed')
      await withApp({ routes, secrets: secrets[1] }, async (foreign) => {
        assert.equal(await reads(await signedCookie(foreign, 'visits', 77)), 0, 'foreign')
      })
    },
    { routes },
  )

  atBothDoors(
    'M1 it is over at its end, whatever the browser does',
    async (app) => {
      const value = await signedCookie(app, 'visits', 77)
      const read = async (): Promise<unknown> =>
        (await app.get('/preferences', { Cookie: `__Host-visits=${value}` })).json().visits
      app.clock.advance(10 * minute - second)
      assert.equal(await read(), 77)
      app.clock.advance(second)
      assert.equal(await read(), 0)
    },
    { routes },
  )

  test('M1 secrets rotate: the first signs, all check, a removed one does not', async () => {
    await withApp({ routes }, async (app) => {
      const value = await signedCookie(app, 'visits', 77)
      const reads = async (node: App, text: string): Promise<unknown> =>
        (await node.get('/preferences', { Cookie: `__Host-visits=${text}` })).json().visits
      const rotated = await app.node({ routes, secrets: [secrets[1], secrets[0]] })
      assert.equal(await reads(rotated, value), 77)
      const anew = await signedCookie(rotated, 'visits', 78)
      const later = await app.node({ routes, secrets: [secrets[1]] })
      assert.deepEqual([await reads(later, value), await reads(later, anew)], [0, 78])
      assert.equal(await reads(app, anew), 0)
    })
  })
})

describe('M1 C3 what does not fit', () => {
  atBothDoors(
    'M1 C3 is refused with the name of the cookie and its bytes, and nothing is changed',
    async (app) => {
      const browser = app.browser()
      const fitting = 'x'.repeat(4096 - '__Host-nick'.length)
      assert.deepEqual(faultOf(await set(browser, 'nick', fitting)), null)
      assert.equal((await allOf(browser)).nick, fitting)
      for (const [value, bytes] of [
        [`${fitting}y`, 4097],
        ['é'.repeat(1000), 6011],
      ] as const) {
        const answer = await set(browser, 'nick', value)
        assert.deepEqual(answer.cookies, [])
        assert.equal(faultOf(answer).kind, 'invalid_value')
        assert.match(faultOf(answer).message, new RegExp(`nick.* __Host-nick would have ${bytes} bytes .* 4096\\.`))
        assert.equal((answer.json().all as typeof defaults).nick, fitting)
      }
      assert.equal((await allOf(browser)).nick, fitting)
    },
    { routes },
  )

  atBothDoors(
    'M1 values of no such preference are refused, and told to nobody',
    async (app) => {
      const browser = app.browser()
      await set(browser, 'theme', 'dark')
      const bad: readonly (readonly [Name, unknown])[] = [
        ['theme', 'drak'],
        ['theme', 7],
        ['visits', 1001],
        ['visits', 1.5],
        ['visits', '7'],
        ['wide', 'true'],
        ['nick', 'x'.repeat(5001)],
        ['nick', '\ud800'],
        ['cart', [{ sku: 'x', count: 0 }]],
        ['cart', cartOf(70_000)],
        ['essay', 'x'.repeat(65_537)],
      ]
      for (const [name, value] of bad) {
        const answer = await set(browser, name, value)
        assert.equal(faultOf(answer)?.kind, 'invalid_value', name)
        assert.deepEqual(answer.cookies, [])
        assert.ok(!faultOf(answer).message.includes('drak'))
      }
      assert.deepEqual(await allOf(browser), { ...defaults, theme: 'dark' })
    },
    { routes },
  )
})

describe('M1 values on the server', () => {
  everywhere(
    'M1 a value that does not fit moves there and back, and what it replaces is gone',
    async (app) => {
      const browser = app.browser()
      const kept = (): Promise<readonly number[]> => keptIn(app)
      await set(browser, 'cart', cartOf(100))
      assert.deepEqual(await kept(), [0, 0])
      const moved = await set(browser, 'cart', large)
      const [line] = linesOf(moved)
      assert.match(line as string, /^__Host-cart=END\.SIGNATURE~[A-Za-z0-9_-]{22}; Max-Age=2592000; Path=\//)
      assert.deepEqual((moved.json().all as typeof defaults).cart, large, 'in the same request')
      assert.deepEqual(await kept(), [1, 1])
      assert.deepEqual((await allOf(browser)).cart, large)
      const larger = cartOf(20_000)
      await set(browser, 'cart', larger)
      assert.deepEqual(await kept(), [1, 1])
      assert.deepEqual((await allOf(browser)).cart, larger)
      await set(browser, 'cart', cartOf(100))
      assert.deepEqual(await kept(), [0, 0])
      assert.deepEqual((await allOf(browser)).cart, cartOf(100))
      await set(browser, 'cart', large)
      const before = browser.copy()
      const gone = await set(browser, 'cart')
      assert.match(linesOf(gone)[0] as string, /^__Host-cart=; Max-Age=0;/)
      assert.deepEqual(await kept(), [0, 0])
      assert.deepEqual([(await allOf(browser)).cart, (await allOf(before)).cart], [[], []])
    },
    { routes },
  )

  everywhere(
    'M1 requests under way with the reference find the new value, never the default',
    async (app) => {
      const browser = app.browser()
      await set(browser, 'cart', large)
      const [one, other] = [browser.copy(), browser.copy()]
      const all = [cartOf(6000), cartOf(7000)]
      const answers = await Promise.all([set(one, 'cart', all[0]), set(other, 'cart', all[1])])
      assert.deepEqual(answers.map(faultOf), [null, null])
      const { cart } = await allOf(browser)
      assert.ok(all.some(([{ sku } = { sku: '' }]) => sku.length === (cart as typeof large)[0]?.sku.length))
      assert.deepEqual((await allOf(one)).cart, cart)
      assert.deepEqual(await keptIn(app), [1, 1])
    },
    { routes },
  )

  everywhere(
    'M1 S4 what is stored gives no access: the reference is nowhere in the store, and nobody else can make one',
    async (app) => {
      const browser = app.browser()
      await set(browser, 'cart', large)
      const value = browser.jar.get('__Host-cart') as string
      const reference = value.slice(-22)
      assert.ok(!JSON.stringify(app.dealings).includes(reference))
      const stored = app.dealings.filter(({ name, args }) => name === 'documents.insert' && args[0] === 'kept')
      const key = stored[0]?.args[1] as string
      for (const forged of [key, key.slice(0, 22), reference, 'A'.repeat(22)])
        assert.deepEqual(
          (await app.get('/cart', { Cookie: `__Host-cart=${value.slice(0, -22)}${forged}` })).json().cart,
          forged === reference ? large : [],
        )
      assert.deepEqual((await app.get('/preferences', { Cookie: `__Host-wide=${value}` })).json().wide, true)
    },
    { routes },
  )

  everywhere(
    'M1 it is over at its end, and then swept; setting it anew begins its lifetime anew',
    async (app) => {
      const [browser, other] = [app.browser(), app.browser()]
      await set(browser, 'cart', large)
      await set(other, 'cart', large)
      app.clock.advance(29 * day)
      await set(browser, 'cart', cartOf(6000))
      const late = other.cookie() as string
      app.clock.advance(day)
      assert.deepEqual((await app.get('/cart', { Cookie: late })).json().cart, [])
      app.clock.advance(11 * minute)
      await engineOf(app).tidy()
      assert.deepEqual(await keptIn(app), [1, 1])
      assert.deepEqual((await allOf(browser)).cart, cartOf(6000))
      app.clock.advance(29 * day)
      await engineOf(app).tidy()
      assert.deepEqual(await keptIn(app), [0, 0])
      assert.deepEqual((await allOf(browser)).cart, [])
    },
    { routes },
  )

  atBothDoors(
    'M1 a reference whose value is gone is not believed again: a new value has a new one',
    async (app) => {
      const browser = app.browser()
      await set(browser, 'cart', large)
      const before = browser.copy()
      await set(browser, 'cart')
      await set(before, 'cart', large)
      assert.deepEqual((await allOf(before)).cart, large)
      assert.deepEqual(await keptIn(app), [1, 1])
    },
    { routes },
  )
})

describe('M1 S7 the store is down', () => {
  for (const door of ['node', 'express'] as const)
    test(`M1 it is 503, never the default, and nothing is changed: ${door}`, async () => {
      const clock = manualClock()
      const { backend, failing, inner } = watched(clock)
      await withApp({ door, routes, clock, backend }, async (app) => {
        const browser = app.browser()
        await set(browser, 'theme', 'dark')
        await set(browser, 'cart', large)
        const before = browser.jar.get('__Host-cart')
        failing.add('documents.find')
        const answer = await browser.get('/cart')
        assert.deepEqual([answer.status, answer.reason], [503, 'store_unavailable'])
        assert.equal((await browser.get('/theme')).json().theme, 'dark', 'needs no store')
        failing.clear()
        for (const [operation, value] of [
          ['find', cartOf(6000)],
          ['replace', cartOf(6000)],
          ['find', cartOf(10)],
          ['remove', cartOf(10)],
          ['remove', undefined],
        ] as const) {
          failing.add(`documents.${operation}`)
          const refused = await browser.post('/preferences', { changes: [{ name: 'cart', value }] })
          if (operation !== 'find') assert.equal(faultOf(refused).kind, 'store_unavailable', operation)
          failing.clear()
          assert.equal(browser.jar.get('__Host-cart'), before, `${operation}: the cookie is as it was`)
          assert.deepEqual((await allOf(browser)).cart, large, operation)
        }
        const fresh = app.browser()
        failing.add('documents.insert')
        const refused = await set(fresh, 'cart', large)
        assert.equal(faultOf(refused).status, 503)
        assert.deepEqual(refused.cookies, [])
        failing.clear()
        assert.deepEqual(await keptBy(inner), [1, 1])
      })
    })

  test('M1 cost: no call of the store but for a value that is on it', async () => {
    const clock = manualClock()
    const { backend, calls } = watched(clock)
    await withApp({ routes, clock, backend }, async (app) => {
      const browser = app.browser()
      const costOf = async (work: () => Promise<unknown>): Promise<string> => {
        calls.length = 0
        await work()
        return calls.join(' ')
      }
      assert.equal(await costOf(() => set(browser, 'theme', 'dark')), '')
      assert.equal(await costOf(() => allOf(browser)), '')
      assert.equal(await costOf(() => set(browser, 'cart', large)), 'insert insert')
      assert.equal(await costOf(() => browser.get('/theme')), '')
      assert.equal(await costOf(() => allOf(browser)), 'find')
      assert.equal(await costOf(() => set(browser, 'cart', cartOf(6000))), 'find replace')
      assert.equal(await costOf(() => set(browser, 'cart', cartOf(60))), 'find remove remove')
      await set(browser, 'cart', large)
      assert.equal(await costOf(() => set(browser, 'cart')), 'find remove remove')
    })
  })
})

describe('M1 within one request', () => {
  atBothDoors(
    'M1 changes happen in the order in which they were asked for; one cookie leaves, and nothing is left behind',
    async (app) => {
      const browser = app.browser()
      const carts = [large, cartOf(10), cartOf(6000), cartOf(7000)]
      const changes = carts.map((value) => ({ name: 'cart', value }))
      const answer = await browser.post('/preferences', { changes, together: true })
      assert.deepEqual((answer.json().all as typeof defaults).cart, carts[3])
      assert.equal(answer.cookies.length, 1)
      assert.deepEqual((await allOf(browser)).cart, carts[3])
      assert.deepEqual(await keptIn(app), [1, 1])
    },
    { routes },
  )

  atBothDoors(
    'M1 after the head has left nothing is changed, on the server neither',
    async (app) => {
      const browser = app.browser()
      const late = async (name: Name, value: unknown): Promise<unknown> =>
        JSON.parse((await browser.post('/too-late', { name, value })).body)
      assert.deepEqual(await late('theme', 'dark'), { kind: 'head_sent' })
      assert.deepEqual(await late('cart', large), { kind: 'head_sent' })
      assert.deepEqual(await keptIn(app), [0, 0])
      await set(browser, 'cart', large)
      assert.deepEqual(await late('cart', cartOf(6000)), { kind: 'head_sent' })
      assert.deepEqual(await late('cart', cartOf(6)), { kind: 'head_sent' })
      assert.deepEqual((await allOf(browser)).cart, large)
    },
    { routes },
  )
})
