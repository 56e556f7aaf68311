import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RequestHead } from '../../src/base/head.ts'
import { type Auth, type Created, handstamp, insideOf } from '../../src/http/auth.ts'
import { createVisit, type Visit } from '../../src/http/visit.ts'
import type { Backend } from '../../src/model/backend.ts'
import type { Store } from '../../src/model/store.ts'
import { memory } from '../../src/stores/memory.ts'
import { sqlite } from '../../src/stores/sqlite.ts'

const secrets = 'not a secret: 0123456789 abcdefghijklmnopqrstuvwxyz'

async function begin(auth: Auth, present: 'cookie' | 'token', user = 'ada'): Promise<Created> {
  const created = await auth.create({ user, present })
  assert.ok(created.ok)
  return created.value
}

async function isGood(auth: Auth, { credential, snapshot, session }: Created): Promise<boolean> {
  const presented = session.presentation === 'token' ? { accessToken: snapshot } : { credential, snapshot }
  return (await auth.validate(presented)).ok
}

test('S6 R5 what was ended in memory is not good again after a restart with the same secrets', async () => {
  const options = {
    secrets,
    present: 'both',
    origin: 'https://a.example',
    keys: { alg: 'HS256', secrets: [`${secrets}!`] },
  } as const
  const first = handstamp({ ...options, backend: memory() })
  const all = [await begin(first, 'cookie'), await begin(first, 'token')]
  for (const one of all) assert.ok(await isGood(first, one))
  await first.revokeAll({ user: 'ada' })
  await first.close()
  const second = handstamp({ ...options, backend: memory() })
  for (const one of all) assert.equal(await isGood(second, one), false)
  await second.close()
})

test('S6 R5 what the log has forgotten is asked of the record after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'handstamp-endings-'))
  let now = 1_700_000_000_000
  const clock = { now: () => now, monotonic: () => now }
  const path = join(folder, 'sessions.db')
  const first = handstamp({ backend: sqlite({ path, clock }), clock, secrets, present: 'both' })
  const all = [await begin(first, 'cookie'), await begin(first, 'token')]
  await first.revokeAll({ user: 'ada' })
  now += 3_600_000
  await insideOf(first).opened?.engine.tidy()
  now -= 3_599_000
  await first.close()
  const second = handstamp({ backend: sqlite({ path, clock }), clock, secrets, present: 'both' })
  for (const one of all) assert.equal(await isGood(second, one), false)
  await second.close()
  rmSync(folder, { recursive: true, force: true })
})

test('S3 a snapshot of another store with the same secrets is not adopted', async () => {
  const here = handstamp({ secrets, backend: memory(), present: 'both', origin: 'https://a.example' })
  const there = handstamp({ secrets, backend: memory(), present: 'both', origin: 'https://a.example' })
  for (const present of ['cookie', 'token'] as const) {
    const foreign = await begin(there, present)
    assert.ok(await isGood(there, foreign))
    assert.equal(await isGood(here, foreign), false)
  }
  await here.close()
  await there.close()
})

test('S4 V5 a listener that fails later is a warning and no end of the process', async () => {
  const failing = async (): Promise<never> => {
    throw new Error('the audit log is down')
  }
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  const auth = handstamp({ secrets, backend: memory(), events: failing })
  await begin(auth, 'cookie')
  assert.match((await warned).message, /audit log/)
  await auth.close()
})

/** Steps up while something else happens just before one operation of the store. */
async function stepUpBeside(
  operation: keyof Store,
  happens: (auth: Auth, id: string) => Promise<unknown>,
): Promise<boolean> {
  const backend = memory()
  let hook: (() => Promise<unknown>) | null = null
  const store = new Proxy(backend.store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (name !== operation || typeof value !== 'function') return value
      return async (...values: unknown[]) => {
        const run = hook
        hook = null
        await run?.()
        return Reflect.apply(value, target, values)
      }
    },
  })
  const auth = handstamp({ secrets, backend: { ...backend, store } satisfies Backend, present: 'token' })
  const created = await begin(auth, 'token')
  const visit = await visitOf(auth, created.snapshot)
  hook = () => happens(auth, created.session.id)
  const answer = await visit.session.stepUp({ level: 2 }).catch((error: Error) => error)
  const alive = 'access_token' in answer && (await auth.validate({ accessToken: answer.access_token })).ok
  const listed = await auth.list('ada')
  await auth.close()
  return alive || listed.length > 0
}

async function visitOf(auth: Auth, token: string): Promise<Visit> {
  const opened = insideOf(auth).opened
  assert.ok(opened)
  const headers: Readonly<Record<string, string>> = { authorization: `Bearer ${token}`, host: 'localhost' }
  const head: RequestHead = {
    method: 'POST',
    target: '/',
    header: (name) => headers[name],
    count: (name) => (name in headers ? 1 : 0),
    peer: '127.0.0.1',
    encrypted: false,
  }
  const admission = await opened.gate.admit(head)
  assert.ok(admission.ok)
  return createVisit(opened, head, admission.value)
}

for (const operation of ['find', 'data', 'generation', 'insert', 'kill'] as const) {
  test(`S6 P-D2 a step-up beside an end, before its ${operation}: nothing lives on`, async () => {
    assert.equal(await stepUpBeside(operation, (auth, id) => auth.revoke(id, 'logout')), false)
    if (operation !== 'kill')
      assert.equal(await stepUpBeside(operation, (auth) => auth.revokeAll({ user: 'ada' })), false)
  })
}
