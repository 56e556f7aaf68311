import assert from 'node:assert/strict'
import { minute } from '../../base/clock.ts'
import type { Revocation, Scope } from '../../model/revocation.ts'
import { allRevocations, begin, type Laws, later, newSid, parallel, recordOf, type Subject } from './subject.ts'

const ann: Scope = { kind: 'user', user: 'ann' }

function raised(subject: Subject, scope: Scope, generation: number): Revocation {
  return { kind: 'generation', scope, generation, spare: null, cause: 'revoked', until: later(subject) }
}

export const reassertLaws: Laws = {
  'P-H1 reassert ends a session that the store has live again, and logs it': async (subject) => {
    const { backend, clock } = subject
    const { sid } = await begin(subject)
    const kill = { kind: 'kill', sid, cause: 'revoked', until: later(subject) } as const
    assert.equal(await backend.store.reassert(kill), true)
    const record = await recordOf(subject, sid)
    assert.deepEqual(record?.state, { kind: 'ended', cause: 'revoked', at: clock.now() })
    assert.deepEqual(await allRevocations(backend), [kill])
    assert.equal(await backend.store.reassert(kill), false, 'it is logged once')
    assert.deepEqual(await allRevocations(backend), [kill])
  },

  'P-H1 reassert logs the end of a session that the store knows nothing of': async (subject) => {
    const { backend } = subject
    const kill = { kind: 'kill', sid: newSid(backend, 'ann'), cause: 'logout', until: later(subject) } as const
    assert.equal(await backend.store.reassert(kill), true)
    assert.equal(await backend.store.reassert({ ...kill, cause: 'revoked', until: kill.until - minute }), false)
    assert.deepEqual(await allRevocations(backend), [kill])
    assert.equal(await recordOf(subject, kill.sid), undefined, 'it creates none')
  },

  'P-H1 reassert joins generations by the higher one': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const scopes: readonly Scope[] = [ann, { kind: 'tenant', tenant: 'acme' }, { kind: 'everyone' }]
    for (const scope of scopes) {
      await store.bump(scope, 'revoked', later(subject))
      assert.equal(await store.reassert(raised(subject, scope, 3)), true)
      assert.equal(await store.generation(scope), 3)
      assert.equal(await store.reassert(raised(subject, scope, 2)), false)
      assert.equal(await store.reassert(raised(subject, scope, 3)), false)
      assert.equal(await store.generation(scope), 3)
      assert.equal(await store.bump(scope, 'revoked', later(subject)), 4)
    }
    assert.equal((await allRevocations(backend)).length, 9)
  },

  'P-H1 reassert of versions and keys logs them where no entry says as much': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const { sid } = await begin(subject)
    const version = (to: number): Revocation => ({ kind: 'version', sid, version: to, until: later(subject) })
    await store.amend(sid, 1, { claims: {} }, later(subject))
    assert.equal(await store.reassert(version(2)), false)
    assert.equal(await store.reassert(version(3)), true)
    assert.equal(await store.reassert(version(3)), false)
    assert.equal(await store.reassert({ kind: 'key', kid: 'k', until: later(subject) }), true)
    assert.equal(await store.reassert({ kind: 'key', kid: 'k', until: later(subject) }), false)
    assert.equal((await recordOf(subject, sid))?.version, 2, 'the record is not touched')
    assert.equal((await allRevocations(backend)).length, 3)
  },

  'P-H1 any number of nodes may reassert at once': async (subject) => {
    const { backend } = subject
    const records = await parallel(10, () => begin(subject))
    const all: readonly Revocation[] = [
      ...records.map(({ sid }) => ({ kind: 'kill', sid, cause: 'revoked', until: later(subject) }) as const),
      raised(subject, ann, 5),
    ]
    const told = await parallel(8, async () => Promise.all(all.map((one) => backend.store.reassert(one))))
    assert.equal(told.flat().filter(Boolean).length, 11, 'each is logged once')
    assert.equal((await allRevocations(backend)).length, 11)
    assert.deepEqual(await backend.store.list('ann', 99), [])
  },
}
