import assert from 'node:assert/strict'
import { minute } from '../../base/clock.ts'
import type { Backend } from '../../model/backend.ts'
import { genesis } from '../../model/log.ts'
import { compareText } from '../../stores/record.ts'
import {
  allEntries,
  begin,
  type Laws,
  later,
  naughty,
  newSession,
  parallel,
  recordOf,
  rejectsWith,
  type Subject,
} from './subject.ts'

export const onceLaws: Laws = {
  'J15 a key may be used once, until its time': async ({ backend, clock }) => {
    const { once } = backend
    const until = clock.now() + minute
    assert.equal(await once.first('key', until), true)
    assert.equal(await once.first('key', until), false)
    assert.equal(await once.first('key', until + minute), false, 'and asking again does not prolong it')
    assert.equal(await once.first('other', until), true)
    clock.advance(minute - 1)
    await backend.store.sweep(clock.now(), 99)
    assert.equal(await once.first('key', until), false)
    clock.advance(1)
    assert.equal(await once.first('key', clock.now() + minute), true)
    assert.equal(await once.first('key', clock.now() + minute), false)
    await backend.store.sweep(clock.now(), 99)
    assert.equal(await once.first('key', clock.now() + minute), false)
    clock.advance(minute)
    await backend.store.sweep(clock.now(), 99)
    assert.equal(await once.first('key', clock.now() + minute), true)
  },

  'of 50 parallel uses exactly one is the first': async ({ backend, clock }) => {
    const answers = await parallel(50, () => backend.once.first('key', clock.now() + minute))
    assert.equal(answers.filter(Boolean).length, 1)
  },

  'failure 39 keys of any text are told apart': async ({ backend, clock }) => {
    for (const key of naughty) assert.equal(await backend.once.first(key, clock.now() + minute), true)
    for (const key of naughty) assert.equal(await backend.once.first(key, clock.now() + minute), false)
  },
}

export const documentLaws: Laws = {
  'insert adds where the key is free, and nothing else': async ({ backend }) => {
    const { documents } = backend
    assert.equal(await documents.find('kind', 'key'), null)
    assert.equal(await documents.insert('kind', 'key', 'one'), true)
    assert.equal(await documents.insert('kind', 'key', 'two'), false)
    assert.equal(await documents.insert('other', 'key', 'three'), true)
    assert.deepEqual(await documents.find('kind', 'key'), { key: 'key', value: 'one', version: 1 })
    assert.deepEqual(await documents.find('other', 'key'), { key: 'key', value: 'three', version: 1 })
  },

  'replace compares and sets, and never creates': async ({ backend }) => {
    const { documents } = backend
    assert.equal(await documents.replace('kind', 'key', 0, 'x'), false)
    assert.equal(await documents.replace('kind', 'key', 1, 'x'), false)
    await documents.insert('kind', 'key', 'one')
    for (const from of [0, 2, -1]) assert.equal(await documents.replace('kind', 'key', from, 'x'), false)
    assert.equal(await documents.replace('kind', 'key', 1, 'two'), true)
    assert.equal(await documents.replace('kind', 'key', 1, 'x'), false)
    assert.deepEqual(await documents.find('kind', 'key'), { key: 'key', value: 'two', version: 2 })
  },

  'remove takes one away, once': async ({ backend }) => {
    const { documents } = backend
    await documents.insert('kind', 'key', 'one')
    await documents.insert('kind', 'other', 'two')
    assert.equal(await documents.remove('other', 'key'), false)
    assert.equal(await documents.remove('kind', 'key'), true)
    assert.equal(await documents.remove('kind', 'key'), false)
    assert.equal(await documents.find('kind', 'key'), null)
    assert.equal(await documents.replace('kind', 'key', 1, 'x'), false)
    assert.equal((await documents.list('kind', 9)).length, 1)
    assert.equal(await documents.insert('kind', 'key', 'three'), true)
  },

  'of 50 parallel inserts one is carried out, and of 50 parallel replacements one': async ({ backend }) => {
    const { documents } = backend
    const inserted = await parallel(50, (index) => documents.insert('kind', 'key', `${index}`))
    assert.equal(inserted.filter(Boolean).length, 1)
    assert.equal((await documents.find('kind', 'key'))?.value, `${inserted.indexOf(true)}`)
    const replaced = await parallel(50, (index) => documents.replace('kind', 'key', 1, `new ${index}`))
    assert.equal(replaced.filter(Boolean).length, 1)
    const value = `new ${replaced.indexOf(true)}`
    assert.deepEqual(await documents.find('kind', 'key'), { key: 'key', value, version: 2 })
  },

  'list gives them by key, page after page': async ({ backend }) => {
    const { documents } = backend
    const keys = ['b', 'a', 'B', 'aa', '10', '9', '\u00e9', '\uffff', '\u{1F600}']
    for (const key of keys) await documents.insert('kind', key, `value of ${key}`)
    await documents.insert('other', 'c', '')
    const sorted = ['10', '9', 'B', 'a', 'aa', 'b', '\u00e9', '\uffff', '\u{1F600}']
    const all = sorted.map((key) => ({ key, value: `value of ${key}`, version: 1 }))
    assert.deepEqual(await documents.list('kind', Number.POSITIVE_INFINITY), all, 'by code points')
    for (const limit of [1, 2, 4, 9]) {
      const pages: unknown[] = []
      let after: string | undefined
      for (;;) {
        const page = await documents.list('kind', limit, after)
        pages.push(...page)
        after = page.at(-1)?.key
        if (after === undefined) break
      }
      assert.deepEqual(pages, all)
    }
    assert.deepEqual(await documents.list('kind', 0), [])
    assert.deepEqual(await documents.list('kind', 9, 'aaa'), all.slice(5), 'after a key that is not there')
    assert.deepEqual(await documents.list('nothing', 9), [])
  },

  'failure 39 kinds, keys and values of any text are told apart': async ({ backend }) => {
    const { documents } = backend
    for (const text of naughty) {
      assert.equal(await documents.insert('kind', text, text), true)
      assert.equal(await documents.insert(text, 'key', text), true)
    }
    const sorted = naughty.toSorted(compareText).map((text) => ({ key: text, value: text, version: 1 }))
    assert.deepEqual(await documents.list('kind', 999), sorted)
    for (const text of naughty) {
      assert.deepEqual(await documents.find(text, 'key'), { key: 'key', value: text, version: 1 })
      assert.equal(await documents.replace('kind', text, 1, `${text}!`), true)
      assert.equal(await documents.remove(text, 'key'), true)
      assert.equal((await documents.find('kind', text))?.value, `${text}!`)
    }
    assert.equal((await documents.list('kind', 999)).length, naughty.length)
  },
}

export const lifeLaws: Laws = {
  'ready may be called again, and changes nothing': async (subject) => {
    const { backend } = subject
    const record = await begin(subject)
    await backend.ready()
    await backend.ready()
    assert.deepEqual(await recordOf(subject, record.sid), record)
  },

  'V1 after close every operation is a Fault, and close may be called again': async (subject) => {
    const { backend } = subject
    const { store, log, once, limits, documents } = backend
    const record = await begin(subject)
    await backend.close()
    await backend.close()
    const until = later(subject)
    const attempts: readonly (() => Promise<unknown>)[] = [
      ...[() => store.insert(newSession(subject), new Map()), () => store.find(record.sid), () => store.list('ann', 9)],
      ...[() => store.kill(record.sid, 'logout', until), () => store.data(record.sid), () => store.sweep(0, 9)],
      ...[() => store.touch(new Map([[record.sid, until]])), () => store.generation({ kind: 'everyone' })],
      ...[() => store.bump({ kind: 'everyone' }, 'revoked', until), () => store.retireKey('key', until)],
      ...[() => log.heartbeat('node', []), () => log.read(0, genesis, 9), () => log.tail(0, 0)],
      ...[() => once.first('key', until), () => documents.find('kind', 'key'), () => documents.list('kind', 9)],
      ...[() => documents.insert('kind', 'key', ''), () => backend.ready(), () => limits.forget('key')],
      ...[() => limits.take('key', { burst: 1, every: 1 }), () => limits.give('key', { burst: 1, every: 1 })],
    ]
    for (const attempt of attempts) await rejectsWith('store_unavailable', attempt())
    assert.throws(() => log.local?.since(0, genesis) ?? fail(), { name: 'Fault', kind: 'store_unavailable' })
  },

  'R5 what was acknowledged is there after a restart': async (subject) => {
    if (subject.reopen === undefined) return
    const expected = await leaveTraces(subject)
    const reopened = { ...subject, backend: await subject.reopen() }
    try {
      assert.deepEqual(await traces(reopened, expected.sids), expected)
      assert.equal(await reopened.backend.once.first('used', later(subject)), false)
      const [dead = ''] = expected.sids
      assert.equal(await reopened.backend.store.kill(dead, 'logout', later(subject)), false)
      await reopened.backend.store.bump({ kind: 'everyone' }, 'revoked', later(subject))
      const entries = await allEntries(reopened.backend)
      for (let partition = 0; partition < reopened.backend.log.partitions; partition++) {
        const own = entries.filter((entry) => entry.partition === partition).map(({ position }) => position.seq)
        assert.deepEqual(
          own,
          own.map((_, index) => index + 1),
        )
      }
    } finally {
      await reopened.backend.close()
    }
  },
}

function fail(): never {
  throw Object.assign(new Error('no local log'), { name: 'Fault', kind: 'store_unavailable' })
}

type Traces = Readonly<Record<string, unknown>> & { readonly sids: readonly string[] }

async function leaveTraces(subject: Subject): Promise<Traces> {
  const { backend } = subject
  const { store, documents, once } = backend
  const made = [await begin(subject), await begin(subject), await begin(subject), await begin(subject, { user: null })]
  const [dead, moved, changed] = made as [(typeof made)[number], (typeof made)[number], (typeof made)[number]]
  await store.kill(dead.sid, 'logout', later(subject))
  await store.move(moved, newSession(subject), later(subject))
  await store.patch(changed.sid, { set: new Map([['a', { b: 1 }]]), remove: [] })
  await store.rotate(
    changed.sid,
    changed.rotation,
    { ...changed.rotation, cur: 2, grace: [0, 1] },
    subject.clock.now() + 1,
  )
  await store.bump({ kind: 'user', user: 'ann' }, 'revoked', later(subject), changed.sid)
  await store.retireKey('key', later(subject))
  await documents.insert('kind', 'key', 'value')
  await documents.replace('kind', 'key', 1, 'value 2')
  await once.first('used', later(subject))
  return traces(
    subject,
    made.map(({ sid }) => sid),
  )
}

async function traces({ backend }: { readonly backend: Backend }, sids: readonly string[]): Promise<Traces> {
  const { store, documents } = backend
  return {
    sids,
    records: await Promise.all(sids.map((sid) => store.find(sid))),
    data: await Promise.all(sids.map((sid) => store.data(sid))),
    list: await store.list('ann', 9),
    generation: await store.generation({ kind: 'user', user: 'ann' }),
    log: await allEntries(backend),
    documents: await documents.list('kind', 9),
  }
}
