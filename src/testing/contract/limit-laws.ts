import assert from 'node:assert/strict'
import { minute, second } from '../../base/clock.ts'
import type { Rate } from '../../model/limits.ts'
import { type Laws, naughty, parallel } from './subject.ts'

const rate: Rate = { burst: 3, every: minute }

export const limitLaws: Laws = {
  'L5 a burst, and then one each so often': async ({ backend, clock }) => {
    const { limits } = backend
    for (let tries = 0; tries < 3; tries++) assert.equal(await limits.take('key', rate), 0)
    assert.equal(await limits.take('key', rate), minute)
    clock.advance(second)
    assert.equal(await limits.take('key', rate), 59 * second, 'being refused does not prolong it')
    assert.equal(await limits.take('other', rate), 0)
    clock.advance(59 * second - 1)
    await backend.store.sweep(clock.now(), 99)
    assert.equal(await limits.take('key', rate), 1)
    clock.advance(1)
    assert.equal(await limits.take('key', rate), 0)
    assert.equal(await limits.take('key', rate), minute)
    clock.advance(2 * minute)
    assert.equal(await limits.take('key', rate), 0)
    assert.equal(await limits.take('key', rate), 0)
    assert.equal(await limits.take('key', rate), minute)
  },

  'unused for long it is a burst again, and no more': async ({ backend, clock }) => {
    const { limits } = backend
    for (const pause of [3 * minute, 100 * minute]) {
      for (let tries = 0; tries < 3; tries++) assert.equal(await limits.take('key', rate), 0)
      assert.equal(await limits.take('key', rate), minute)
      clock.advance(pause)
      await backend.store.sweep(clock.now(), 99)
    }
  },

  'what was given back may be taken again, and no more than was taken': async ({ backend }) => {
    const { limits } = backend
    await limits.give('key', rate)
    for (let tries = 0; tries < 3; tries++) assert.equal(await limits.take('key', rate), 0)
    await limits.give('key', rate)
    assert.equal(await limits.take('key', rate), 0)
    assert.equal(await limits.take('key', rate), minute)
    for (let times = 0; times < 9; times++) await limits.give('key', rate)
    for (let tries = 0; tries < 3; tries++) assert.equal(await limits.take('key', rate), 0)
    assert.equal(await limits.take('key', rate), minute)
    await limits.forget('key')
    for (let tries = 0; tries < 3; tries++) assert.equal(await limits.take('key', rate), 0)
    assert.equal(await limits.take('key', rate), minute)
    await limits.forget('never seen')
  },

  'of 50 parallel tries as many as the burst are taken': async ({ backend }) => {
    const waits = await parallel(50, () => backend.limits.take('key', { burst: 7, every: minute }))
    assert.equal(waits.filter((wait) => wait === 0).length, 7)
    assert.ok(waits.every((wait) => wait === 0 || wait === minute))
  },

  'a count of years is kept': async ({ backend, clock }) => {
    const strict: Rate = { burst: 100, every: 365 * 24 * 60 * minute }
    for (let tries = 0; tries < 100; tries++) assert.equal(await backend.limits.take('key', strict), 0)
    clock.advance(24 * 60 * minute)
    await backend.store.sweep(clock.now(), 99)
    assert.equal(await backend.limits.take('key', strict), strict.every - 24 * 60 * minute)
  },

  'failure 39 keys of any text are counted apart': async ({ backend }) => {
    const single: Rate = { burst: 1, every: minute }
    for (const key of naughty) assert.equal(await backend.limits.take(key, single), 0)
    for (const key of naughty) assert.equal(await backend.limits.take(key, single), minute)
    const [first = '', ...others] = naughty
    await backend.limits.forget(first)
    assert.equal(await backend.limits.take(first, single), 0)
    for (const key of others) assert.equal(await backend.limits.take(key, single), minute)
  },
}
