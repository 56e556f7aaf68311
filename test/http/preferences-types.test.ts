import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { day, flag, json, oneOf, preferences, type RequestSession, text, wholeNumber } from '../../src/index.ts'

const prefs = preferences({
  theme: oneOf('light', 'dark', 'system'),
  language: { of: oneOf('en', 'de'), lifetime: 400 * day, readableByScript: true },
  visits: { of: wholeNumber({ min: 0, max: 1000 }), signed: true },
  wide: { of: flag(), default: true },
  nick: text({ longest: 20 }),
  cart: { of: json(z.array(z.string())), default: [], signed: true, overflow: 'server', lifetime: 30 * day },
  filter: { of: json(v.object({ max: v.optional(v.number(), 10) })), default: {} },
  sizes: { of: json(type({ 'width?': 'number' })), default: {} },
})

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function holds<_Law extends true>(): void {}

/** Looked at by the compiler only. */
async function typesOf(session: RequestSession): Promise<void> {
  const mine = prefs.of({ session })
  const all = await mine.all()
  const theme = await mine.get('theme')
  const filter = await mine.get('filter')
  holds<Same<typeof theme, 'light' | 'dark' | 'system'>>()
  holds<Same<typeof all.visits, number>>()
  holds<Same<typeof all.wide, boolean>>()
  holds<Same<typeof all.nick, string>>()
  holds<Same<typeof all.cart, string[]>>()
  holds<Same<typeof filter, { max: number }>>()
  holds<Same<typeof all.sizes, { width?: number }>>()
  await prefs.of(session).set('filter', {})
  await mine.set('cart', ['x'])
  // @ts-expect-error no such preference
  await mine.get('themee')
  // @ts-expect-error no such value
  await mine.set('theme', 'drak')
  // @ts-expect-error of another kind
  await mine.set('visits', '7')
  // @ts-expect-error of another preference
  await mine.set('language', 'light')
  // @ts-expect-error not what the schema takes
  await mine.set('cart', [7])
  // @ts-expect-error no such preference
  await mine.delete('carts')
  // @ts-expect-error not what it is
  const wrong: 'en' = await mine.get('language')
  void wrong
  // @ts-expect-error no such preference
  void all.themee
  // @ts-expect-error nothing that has a session
  prefs.of({})
}

test('M1 names, values, options and defaults that are none do not compile', () => {
  void typesOf
  // @ts-expect-error no such option
  assert.throws(() => preferences({ theme: { of: oneOf('light', 'dark'), lifetme: day } }))
  // @ts-expect-error a default that is none of the values
  assert.throws(() => preferences({ theme: { of: oneOf('light', 'dark'), default: 'drak' } }))
  // @ts-expect-error a default of another kind
  assert.throws(() => preferences({ visits: { of: wholeNumber({ min: 0, max: 9 }), default: '7' } }))
  // @ts-expect-error JSON has no default of its own
  assert.throws(() => preferences({ cart: { of: json(z.array(z.string())) } }))
  // @ts-expect-error JSON has no default of its own
  assert.throws(() => preferences({ cart: json(z.array(z.string())) }))
  // @ts-expect-error not what becomes of a value
  assert.throws(() => preferences({ theme: { of: oneOf('light'), overflow: 'drop' } }))
  // @ts-expect-error no kind
  assert.throws(() => preferences({ theme: 'light' }))
  // @ts-expect-error one text at least
  assert.throws(() => preferences({ theme: oneOf() }))
  // @ts-expect-error no such limit
  assert.throws(() => preferences({ theme: oneOf('light') }, { cookieByte: 512 }))
})
