import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as express from '../../src/adapters/express.ts'
import * as fastify from '../../src/adapters/fastify.ts'
import * as web from '../../src/adapters/fetch.ts'
import * as hono from '../../src/adapters/hono.ts'
import * as next from '../../src/adapters/next.ts'
import * as node from '../../src/adapters/node.ts'
import { type Guard, handstamp, isFault, memory, minute } from '../../src/index.ts'

const doors = { express, fastify, web, hono, next, node }

test('a guard with a rule that does not exist is refused where it is made, at every door', () => {
  const misspelt = { claims: { role: 'admin' } } as unknown as Guard
  const found = (error: unknown): boolean =>
    isFault(error) && /claims is not a rule: did you mean claim\?/.test(error.message)
  for (const door of Object.values(doors)) assert.throws(() => door.requireSession(misspelt), found)
  assert.throws(() => node.upgrade(handstamp({ backend: memory() }), misspelt), found)
})

test('X10 a guard is refused for each rule that cannot be held', () => {
  const wrong = [
    { level: 4 },
    { maxAge: '5m' },
    { maxAge: 0 },
    { claim: 'admin' },
    { signIn: 'https://evil.example/login' },
    { signIn: '//evil.example' },
    { signIn: '/\\evil.example' },
    null,
  ] as unknown as Guard[]
  for (const rules of wrong) assert.throws(() => node.requireSession(rules), isFault, JSON.stringify(rules))
  for (const rules of [
    {},
    { level: 2, maxAge: 5 * minute, claim: { role: ['a', 'b'] }, signIn: '/login?from=here' },
  ] as const)
    assert.doesNotThrow(() => node.requireSession(rules))
})

test('what is not an auth is refused where the door is made', () => {
  for (const door of Object.values(doors)) assert.throws(() => door.session(undefined as never), TypeError)
  assert.throws(() => next.proxy({} as never), TypeError)
  assert.throws(() => node.upgrade({} as never), TypeError)
})

test('a duration of milliseconds that is meant in seconds is noticed', () => {
  assert.throws(
    () => handstamp({ backend: memory(), policy: { idle: 60 } }),
    (error) => isFault(error) && /policy.idle: 60 is in milliseconds; did you mean 60 \* second\?/.test(error.message),
  )
})
