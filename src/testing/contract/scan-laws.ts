import assert from 'node:assert/strict'
import { hour, minute } from '../../base/clock.ts'
import type { Backend } from '../../model/backend.ts'
import type { SessionRecord, Sid } from '../../model/session.ts'
import { begin, type Laws, later, newSession, recordOf } from './subject.ts'

/** More pages than any store has for so few sessions. */
const mostPages = 5000

/** Every session that the pages give, each once; the last of its kind where it is given twice. */
export async function scanned({ store }: Pick<Backend, 'store'>, size: number): Promise<readonly SessionRecord[]> {
  const found = new Map<Sid, SessionRecord>()
  let next: string | null = null
  for (let pages = 0; pages < mostPages; pages++) {
    const page = await store.scan(size, next ?? undefined)
    for (const record of page.records) found.set(record.sid, record)
    if (page.next === null) return [...found.values()]
    next = page.next
  }
  return assert.fail('the pages never end')
}

export const scanLaws: Laws = {
  'nothing is one empty page, or several': async ({ backend }) => {
    assert.deepEqual(await scanned(backend, 10), [])
  },

  'every session is given whole, whatever the size of the pages': async (subject) => {
    const made: SessionRecord[] = []
    for (const user of ['ann', 'ann', 'bob', null, '', '*', '\ud800', '\0', null])
      made.push(await begin(subject, { user }))
    for (let index = 0; index < 20; index++) made.push(await begin(subject, { user: `user ${index}`, tenant: 'acme' }))
    for (const size of [1, 3, 29, 1000, 0, Number.NaN])
      assert.deepEqual(inOrder(await scanned(subject.backend, size)), inOrder(made), `size ${size}`)
  },

  'only those that stand': async (subject) => {
    const { backend, clock } = subject
    const { store } = backend
    await begin(subject, { user: 'ann' })
    await store.bump({ kind: 'user', user: 'ann' }, 'revoked', later(subject))
    await begin(subject, { user: 'bob', tenant: 'acme' })
    await store.bump({ kind: 'tenant', tenant: 'acme' }, 'revoked', later(subject))
    const ended = await begin(subject, { user: 'cleo' })
    await store.kill(ended.sid, 'logout', later(subject))
    const moved = await begin(subject, { user: 'dan' })
    const next = newSession(subject, { user: 'dan', idle: 2 * hour })
    await store.move(moved, next, later(subject))
    await begin(subject, { user: 'eve', idle: minute })
    await begin(subject, { user: null, endsAt: clock.now() + minute })
    assert.equal((await scanned(backend, 4)).length, 3, 'until its time is over')
    clock.advance(minute)
    assert.deepEqual(
      (await scanned(backend, 4)).map(({ sid }) => sid),
      [next.sid],
    )
    await store.bump({ kind: 'everyone' }, 'revoked', later(subject))
    assert.deepEqual(await scanned(backend, 4), [])
  },

  'what stands from the first page to the last is given, whatever changes meanwhile': async (subject) => {
    const { backend, clock } = subject
    const { store } = backend
    const standing: SessionRecord[] = []
    const passing: SessionRecord[] = []
    for (let index = 0; index < 40; index++)
      (index % 4 === 0 ? passing : standing).push(await begin(subject, { user: `user ${index}` }))
    const found = new Set<Sid>()
    let next: string | null = null
    for (let pages = 0; pages < mostPages; pages++) {
      const page = await store.scan(2, next ?? undefined)
      for (const { sid } of page.records) found.add(sid)
      next = page.next
      if (next === null) break
      const gone = passing.pop()
      if (gone === undefined) continue
      await store.kill(gone.sid, 'logout', later(subject))
      clock.advance(1)
      await store.sweep(clock.now(), 9)
      await store.touch(new Map(standing.map(({ sid }) => [sid, clock.now()])))
      await begin(subject, { user: `later ${passing.length}` })
    }
    assert.equal(next, null)
    for (const { sid } of standing) assert.ok(found.has(sid))
  },

  'two who look at the same time do not disturb each other': async (subject) => {
    for (let index = 0; index < 9; index++) await begin(subject, { user: `user ${index}` })
    const both = await Promise.all([scanned(subject.backend, 2), scanned(subject.backend, 1)])
    for (const found of both) assert.equal(found.length, 9)
  },

  'a place that the store never gave begins anew, and breaks nothing': async (subject) => {
    const { sid } = await begin(subject)
    for (const after of ['', 'x', '*', 'A99999', '__proto__', '0', "'", '\0', '\ud800', 'z'.repeat(9999)]) {
      const page = await subject.backend.store.scan(100_000, after)
      assert.ok(page.next !== null || page.records.length === 1, after)
    }
    assert.ok((await recordOf(subject, sid)) !== undefined)
  },
}

function inOrder(records: readonly SessionRecord[]): readonly SessionRecord[] {
  return records.toSorted((a, b) => (a.sid < b.sid ? -1 : 1))
}
