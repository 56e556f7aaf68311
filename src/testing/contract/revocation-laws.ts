import assert from 'node:assert/strict'
import { minute } from '../../base/clock.ts'
import { partitionOfSid } from '../../model/partition.ts'
import type { Scope } from '../../model/revocation.ts'
import {
  allEntries,
  allRevocations,
  begin,
  type Laws,
  later,
  naughty,
  newSession,
  parallel,
  recordOf,
} from './subject.ts'

const ann: Scope = { kind: 'user', user: 'ann' }

export const revocationLaws: Laws = {
  'P-I3 bump ends everything of the scope at once, by one entry': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const before = [await begin(subject), await begin(subject), await begin(subject)]
    assert.equal(await store.generation(ann), 0)
    assert.equal(await store.bump(ann, 'password_changed', later(subject)), 1)
    assert.equal(await store.generation(ann), 1)
    assert.deepEqual(await store.list('ann', 9), [])
    for (const { sid, ...rest } of before) {
      const found = await store.find(sid)
      assert.deepEqual(found?.record, { sid, ...rest }, 'the records stay as they are')
      assert.equal(found?.userGeneration, 1)
    }
    const after = await begin(subject, { generations: { user: 1, tenant: 0, everyone: 0 } })
    assert.deepEqual(await store.list('ann', 9), [after])
    const event = { kind: 'generation', scope: ann, generation: 1, spare: null, cause: 'password_changed' }
    assert.deepEqual(await allRevocations(backend), [{ ...event, until: later(subject) }])
  },

  'S8 bump spares one live session, which is lifted to the new generation': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const mine = await begin(subject, { generations: { user: 0, tenant: 3, everyone: 2 } })
    const other = await begin(subject)
    assert.equal(await store.bump(ann, 'password_changed', later(subject), mine.sid), 1)
    const lifted = { ...mine, generations: { user: 1, tenant: 3, everyone: 2 } }
    assert.deepEqual(await recordOf(subject, mine.sid), lifted)
    assert.deepEqual(await recordOf(subject, other.sid), other)
    assert.deepEqual(await store.list('ann', 9), [lifted])
    assert.equal(sparedIn(await allRevocations(backend)), mine.sid)
  },

  'P-D2 bump spares none that is over already, or somebody else’s': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const ended = await begin(subject)
    const moved = await begin(subject)
    const old = await begin(subject)
    await store.kill(ended.sid, 'logout', later(subject))
    await store.move(moved, newSession(subject), later(subject))
    await store.bump(ann, 'revoked', later(subject))
    const other = await begin(subject, { user: 'bob' })
    const sids = [ended, moved, old, other, newSession(subject)].map(({ sid }) => sid)
    for (const [index, spare] of sids.entries()) {
      const before = await recordOf(subject, spare)
      assert.equal(await store.bump(ann, 'revoked', later(subject), spare), index + 2)
      assert.deepEqual(await recordOf(subject, spare), before)
      assert.equal(sparedIn(await allRevocations(backend), 'ann'), null)
    }
    assert.deepEqual(await store.list('ann', 9), [])
    const present = await begin(subject, { user: 'bob', tenant: 'acme' })
    await store.bump({ kind: 'tenant', tenant: 'acme' }, 'revoked', later(subject), present.sid)
    assert.deepEqual(await recordOf(subject, present.sid), present, 'only a user scope spares')
    assert.deepEqual(
      (await store.list('bob', 9)).map(({ sid }) => sid),
      [other.sid],
    )
  },

  'P-D2 bump does not lift the session of another user': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const other = await begin(subject, { user: 'bob' })
    const anonymous = await begin(subject, { user: null })
    for (const { sid } of [other, anonymous]) {
      await store.bump({ kind: 'user', user: `ann ${sid}` }, 'revoked', later(subject), sid)
      assert.equal(sparedIn(await allRevocations(backend), `ann ${sid}`), null)
    }
    assert.deepEqual(await recordOf(subject, other.sid), other)
    assert.deepEqual(await recordOf(subject, anonymous.sid), anonymous)
  },

  'P-I3 scopes are independent, and each ends its own': async (subject) => {
    const { store } = subject.backend
    const scopes: readonly Scope[] = [
      ...([
        ann,
        { kind: 'user', user: 'acme' },
        { kind: 'user', user: 'everyone' },
        { kind: 'user', user: '' },
      ] as const),
      ...([{ kind: 'tenant', tenant: 'acme' }, { kind: 'tenant', tenant: 'ann' }, { kind: 'everyone' }] as const),
    ]
    for (const [index, scope] of scopes.entries()) {
      for (let times = 0; times < index; times++) await store.bump(scope, 'revoked', later(subject))
    }
    for (const [index, scope] of scopes.entries()) assert.equal(await store.generation(scope), index)
  },

  'P-I3 a tenant’s sessions end with the tenant, everybody’s with everyone': async (subject) => {
    const { store } = subject.backend
    const acme = await begin(subject, { tenant: 'acme' })
    subject.clock.advance(1)
    const alone = await begin(subject)
    await store.bump({ kind: 'tenant', tenant: 'acme' }, 'revoked', later(subject))
    assert.deepEqual(await store.list('ann', 9), [alone])
    await store.bump({ kind: 'everyone' }, 'revoked', later(subject))
    assert.deepEqual(await store.list('ann', 9), [])
    const fresh = await begin(subject, { tenant: 'acme', generations: { user: 0, tenant: 1, everyone: 1 } })
    assert.deepEqual(await store.list('ann', 9), [fresh])
    assert.equal((await recordOf(subject, acme.sid))?.state.kind, 'live')
  },

  'P-I3 50 parallel bumps give 50 generations': async (subject) => {
    const { backend } = subject
    const answers = await parallel(50, () => backend.store.bump(ann, 'revoked', later(subject)))
    const wanted = Array.from({ length: 50 }, (_, index) => index + 1)
    assert.deepEqual(
      answers.toSorted((a, b) => a - b),
      wanted,
    )
    const logged = (await allRevocations(backend)).map((event) => event.kind === 'generation' && event.generation)
    assert.deepEqual(logged, wanted, 'logged in the order in which they count')
  },

  'events of a user and of a session are logged in its partition, all others in partition 0': async (subject) => {
    const { backend } = subject
    const { store } = backend
    for (const user of ['ann', 'bob', 'cleo', 'dan', 'eve']) {
      const { sid } = await begin(subject, { user })
      await store.bump({ kind: 'user', user }, 'revoked', later(subject))
      await store.amend(sid, 1, {}, later(subject))
      await store.kill(sid, 'revoked', later(subject))
      const own = (await allEntries(backend)).filter(({ partition }) => partition === partitionOfSid(sid))
      assert.deepEqual(
        own.slice(-3).map(({ revocation }) => revocation.kind),
        ['generation', 'version', 'kill'],
      )
    }
    await store.bump({ kind: 'tenant', tenant: 'acme' }, 'revoked', later(subject))
    await store.bump({ kind: 'everyone' }, 'revoked', later(subject))
    await store.retireKey('key 1', later(subject))
    const zero = (await allEntries(backend)).filter(({ partition }) => partition === 0).slice(-3)
    assert.deepEqual(
      zero.map(({ revocation }) => revocation),
      [
        {
          kind: 'generation',
          scope: { kind: 'tenant', tenant: 'acme' },
          generation: 1,
          spare: null,
          cause: 'revoked',
          until: later(subject),
        },
        {
          kind: 'generation',
          scope: { kind: 'everyone' },
          generation: 1,
          spare: null,
          cause: 'revoked',
          until: later(subject),
        },
        { kind: 'key', kid: 'key 1', until: later(subject) },
      ],
    )
  },

  'list gives the newest activity first, as many as asked for': async (subject) => {
    const { backend, clock } = subject
    const { store } = backend
    const made: string[] = []
    for (let index = 0; index < 5; index++) {
      made.push((await begin(subject)).sid)
      clock.advance(minute)
    }
    const [first, ...rest] = made as [string, ...string[]]
    await store.touch(new Map([[first, clock.now()]]))
    const sorted = [first, ...rest.toReversed()]
    for (const limit of [0, 1, 3, 5, 9, Number.POSITIVE_INFINITY]) {
      assert.deepEqual(
        (await store.list('ann', limit)).map(({ sid }) => sid),
        sorted.slice(0, limit),
      )
    }
    assert.deepEqual(await store.list('ann', -1), [])
    assert.deepEqual(await store.list('nobody', 9), [])
  },

  'list gives only what stands: live, of the present generation, not timed out': async (subject) => {
    const { backend, clock } = subject
    const { store } = backend
    const standing = await begin(subject)
    await store.kill((await begin(subject)).sid, 'logout', later(subject))
    await begin(subject, { idle: minute })
    await begin(subject, { endsAt: clock.now() + minute })
    await begin(subject, { user: 'bob' })
    await begin(subject, { user: null })
    clock.advance(minute - 1)
    assert.equal((await store.list('ann', 9)).length, 3)
    clock.advance(1)
    assert.deepEqual(await store.list('ann', 9), [standing])
  },

  'failure 39 users and tenants of any text are told apart': async (subject) => {
    const { store } = subject.backend
    const { clock } = subject
    const made = new Map<string, string>()
    for (const name of naughty) made.set(name, (await begin(subject, { user: name, tenant: name })).sid)
    for (const [index, name] of naughty.entries()) {
      const [record, ...others] = await store.list(name, 9)
      assert.deepEqual([record?.sid, record?.user, record?.tenant, others], [made.get(name), name, name, []])
      if (index % 2 === 0) assert.equal(await store.bump({ kind: 'user', user: name }, 'revoked', later(subject)), 1)
      else assert.equal(await store.bump({ kind: 'tenant', tenant: name }, 'revoked', later(subject)), 1)
    }
    for (const [index, name] of naughty.entries()) {
      assert.equal(await store.generation({ kind: 'user', user: name }), index % 2 === 0 ? 1 : 0)
      assert.equal(await store.generation({ kind: 'tenant', tenant: name }), index % 2)
      assert.deepEqual(await store.list(name, 9), [])
      assert.equal((await store.find(made.get(name) ?? ''))?.userGeneration, index % 2 === 0 ? 1 : 0)
    }
    const scopes = (await allRevocations(subject.backend)).map((event) => event.kind === 'generation' && event.scope)
    const names = scopes.map(
      (scope) => scope && (scope.kind === 'user' ? scope.user : scope.kind === 'tenant' && scope.tenant),
    )
    assert.deepEqual(new Set(names), new Set(naughty), 'the log has the same text')
    clock.advance(1)
  },

  'failure 39 a sid of any text finds nothing and changes nothing': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const record = await begin(subject)
    for (const sid of [
      ...naughty,
      record.sid.toLowerCase(),
      `${record.sid} `,
      record.sid.slice(1),
      '%',
      `${record.sid}\0`,
    ]) {
      assert.equal(await store.find(sid), null)
      assert.equal(await store.kill(sid, 'logout', later(subject)), false)
      assert.equal(await store.patch(sid, { set: new Map([['a', 1]]), remove: [] }), 'gone')
      assert.equal(await store.data(sid), null)
      await store.touch(new Map([[sid, subject.clock.now() + 1]]))
    }
    assert.deepEqual(await recordOf(subject, record.sid), record)
    assert.deepEqual(await allRevocations(backend), [])
  },
}

function sparedIn(events: Awaited<ReturnType<typeof allRevocations>>, user?: string): string | null | undefined {
  const own = events.filter(
    (event) =>
      event.kind === 'generation' && (user === undefined || (event.scope.kind === 'user' && event.scope.user === user)),
  )
  const last = own.at(-1)
  return last?.kind === 'generation' ? last.spare : undefined
}
