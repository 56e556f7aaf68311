import assert from 'node:assert/strict'
import type { Json } from '../../base/json.ts'
import type { DataChanges } from '../../model/store.ts'
import { allRevocations, begin, type Laws, naughty, newSession, parallel, rejectsWith } from './subject.ts'

export const dataLaws: Laws = {
  'data is given back whole, or by key': async (subject) => {
    const { store } = subject.backend
    const { sid } = await begin(subject)
    assert.deepEqual(await store.data(sid), new Map())
    await store.patch(sid, set({ a: 1, b: 'two', c: [null] }))
    const all = new Map<string, unknown>([
      ['a', { value: 1, version: 2 }],
      ['b', { value: 'two', version: 2 }],
      ['c', { value: [null], version: 2 }],
    ])
    assert.deepEqual(await store.data(sid), all)
    assert.deepEqual(await store.data(sid, ['b', 'missing']), new Map([['b', all.get('b')]]))
    assert.deepEqual(await store.data(sid, []), new Map())
  },

  'P-D1 patches merge by key and leave the others as they are': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const record = newSession(subject)
    await store.insert(
      record,
      new Map([
        ['kept', 1],
        ['changed', 1],
        ['gone', 1],
      ]),
    )
    assert.equal(await store.patch(record.sid, { ...set({ changed: 2, added: 2 }), remove: ['gone', 'never'] }), 'done')
    const expected = { kept: [1, 1], changed: [2, 2], added: [2, 2] }
    assert.deepEqual(await plainData(store.data(record.sid)), expected)
    assert.deepEqual(await allRevocations(backend), [])
  },

  'P-D1 a key that is both removed and set is set': async (subject) => {
    const { store } = subject.backend
    const { sid } = await begin(subject)
    await store.patch(sid, { ...set({ a: 1 }), remove: ['a'] })
    assert.deepEqual(await plainData(store.data(sid)), { a: [1, 2] })
  },

  'P-D1 V3 of 100 parallel patches of distinct keys all are there': async (subject) => {
    const { store } = subject.backend
    const { sid } = await begin(subject)
    const answers = await parallel(100, (index) => store.patch(sid, set({ [`key ${index}`]: index })))
    assert.deepEqual(new Set(answers), new Set(['done']))
    const data = await plainData(store.data(sid))
    const versions = new Set(Object.values(data).map(([, version]) => version))
    assert.deepEqual(
      Object.fromEntries(Object.entries(data).map(([key, [value]]) => [key, value])),
      Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key ${index}`, index])),
    )
    assert.equal(versions.size, 100, 'every patch has a version of its own')
  },

  'P-D1 expected versions: all or nothing': async (subject) => {
    const { store } = subject.backend
    const { sid } = await begin(subject)
    await store.patch(sid, set({ a: 1 }))
    await store.patch(sid, set({ b: 1 }))
    const before = await plainData(store.data(sid))
    assert.deepEqual(before, { a: [1, 2], b: [1, 3] })
    for (const expected of [{ a: 3 }, { a: 0 }, { a: 2, b: 2 }, { a: 2, c: 1 }, { b: 3, a: 1 }]) {
      assert.equal(await store.patch(sid, { ...set({ a: 9, c: 9 }), remove: ['b'], ...when(expected) }), 'changed')
      assert.deepEqual(await plainData(store.data(sid)), before)
    }
    assert.equal(await store.patch(sid, { ...set({ c: 9 }), remove: ['b'], ...when({ a: 2, b: 3, c: 0 }) }), 'done')
    assert.deepEqual(await plainData(store.data(sid)), { a: [1, 2], c: [9, 4] })
  },

  'P-D1 a key that was removed and set again does not have its old version': async (subject) => {
    const { store } = subject.backend
    const { sid } = await begin(subject)
    await store.patch(sid, set({ a: 1 }))
    await store.patch(sid, { set: new Map(), remove: ['a'] })
    assert.equal(await store.patch(sid, { ...set({ a: 2 }), ...when({ a: 2 }) }), 'changed')
    assert.equal(await store.patch(sid, { ...set({ a: 2 }), ...when({ a: 0 }) }), 'done')
    assert.equal(await store.patch(sid, { ...set({ a: 3 }), ...when({ a: 2 }) }), 'changed')
    assert.deepEqual(await plainData(store.data(sid)), { a: [2, 3] })
  },

  'P-D1 with newest, nothing is changed where a key was set since': async (subject) => {
    const { store } = subject.backend
    const { sid } = await begin(subject)
    assert.equal(await store.patch(sid, { ...set({ a: 1 }), newest: 0 }), 'done')
    assert.equal(await store.patch(sid, { ...set({ b: 1 }), newest: 2 }), 'done')
    const before = await plainData(store.data(sid))
    for (const newest of [0, 2])
      assert.equal(await store.patch(sid, { ...set({ c: 1 }), remove: ['a'], newest }), 'changed')
    assert.deepEqual(await plainData(store.data(sid)), before)
    assert.equal(await store.patch(sid, { ...set({ c: 1 }), remove: ['b'], newest: 3, ...when({ a: 2 }) }), 'done')
    assert.deepEqual(await plainData(store.data(sid)), { a: [1, 2], c: [1, 4] })
  },

  'P-D1 50 parallel increments with expected versions lose none': async (subject) => {
    const { store } = subject.backend
    const { sid } = await begin(subject)
    await store.patch(sid, set({ count: 0 }))
    async function increment(): Promise<void> {
      for (;;) {
        const { value, version } = (await store.data(sid, ['count']))?.get('count') ?? assert.fail()
        const patched = await store.patch(sid, { ...set({ count: Number(value) + 1 }), ...when({ count: version }) })
        if (patched === 'done') return
        assert.equal(patched, 'changed')
      }
    }
    await parallel(50, increment)
    assert.equal((await store.data(sid))?.get('count')?.value, 50)
  },

  'S15 data is inert: hostile keys and names round-trip, and no prototype changes': async (subject) => {
    const { store } = subject.backend
    const { sid } = await begin(subject)
    const hostile: Json = JSON.parse('{"__proto__": {"x": 1}, "constructor": {"prototype": {"x": 1}}, "toJSON": 1}')
    const data = new Map<string, Json>(
      ['__proto__', 'constructor', 'toString', 'x', 'size'].map((key) => [key, hostile]),
    )
    assert.equal(await store.patch(sid, { set: data, remove: ['hasOwnProperty'] }), 'done')
    const found = await store.data(sid)
    assert.deepEqual(new Set(found?.keys()), new Set(data.keys()))
    for (const { value } of found?.values() ?? []) assert.equal(JSON.stringify(value), JSON.stringify(hostile))
    assert.equal((await store.data(sid, ['valueOf', 'hasOwnProperty']))?.size, 0)
    assert.equal(Reflect.get({}, 'x'), undefined)
    assert.equal(Reflect.get(Object.prototype, 'prototype'), undefined)
  },

  'S15 claims of any name round-trip': async (subject) => {
    const { store } = subject.backend
    const claims = JSON.parse('{"__proto__": "a", "constructor": ["b"], "toString": 1, "": true, "*": "\\ud800"}')
    const { sid } = await begin(subject, { claims })
    assert.equal(JSON.stringify((await store.find(sid))?.record.claims), JSON.stringify(claims))
    await store.amend(sid, 1, { claims: { ...claims, more: [] } }, 0)
    assert.equal(JSON.stringify((await store.find(sid))?.record.claims), JSON.stringify({ ...claims, more: [] }))
    assert.equal(Reflect.get({}, 'x'), undefined)
  },

  'failure 39 data keys of any text are told apart': async (subject) => {
    const { store } = subject.backend
    const { sid } = await begin(subject)
    const data = new Map(naughty.map((key, index) => [key, index]))
    assert.equal(await store.patch(sid, { set: data, remove: [] }), 'done')
    assert.deepEqual(new Map(Array.from((await store.data(sid)) ?? [], ([key, { value }]) => [key, value])), data)
    for (const [key, value] of data) {
      assert.deepEqual(await store.data(sid, [key]), new Map([[key, { value, version: 2 }]]))
      data.delete(key)
      await store.patch(sid, { set: new Map(), remove: [key] })
      assert.equal((await store.data(sid))?.size, data.size)
    }
  },

  'values of any JSON round-trip': async (subject) => {
    const { store } = subject.backend
    const { sid } = await begin(subject)
    const numbers = [0, -1, 1.5, 1e308, 5e-324, 2 ** 53, 0.1]
    const values: readonly Json[] = [null, true, false, '', ...numbers, [], {}, [[[]]], { a: { b: [{}] } }, naughty]
    await store.patch(sid, { set: new Map(values.map((value, index) => [`${index}`, value])), remove: [] })
    const found = await store.data(sid)
    for (const [index, value] of values.entries()) assert.deepEqual(found?.get(`${index}`)?.value, value)
  },

  'what is not JSON is refused, and nothing is changed': async (subject) => {
    const { store } = subject.backend
    const { sid } = await begin(subject)
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, new Date(0), new Map(), 1n]) {
      const data = new Map([
        ['good', 1],
        ['bad', value],
      ]) as unknown as ReadonlyMap<string, Json>
      await rejectsWith('invalid_value', store.patch(sid, { set: data, remove: [] }))
      const next = newSession(subject)
      await rejectsWith('invalid_value', store.insert(next, data))
      assert.equal(await store.find(next.sid), null)
    }
    assert.deepEqual(await store.data(sid), new Map())
  },
}

function set(values: Readonly<Record<string, Json>>): DataChanges {
  return { set: new Map(Object.entries(values)), remove: [] }
}

function when(expected: Readonly<Record<string, number>>): Pick<DataChanges, 'expected'> {
  return { expected: new Map(Object.entries(expected)) }
}

type PlainData = Readonly<Record<string, readonly [Json, number]>>

async function plainData(
  asked: Promise<ReadonlyMap<string, { readonly value: Json; readonly version: number }> | null>,
): Promise<PlainData> {
  return Object.fromEntries(
    Array.from((await asked) ?? assert.fail(), ([key, { value, version }]) => [key, [value, version]]),
  )
}
