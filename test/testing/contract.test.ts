import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Backend, type Clock, memory } from 'handstamp'
import { backendContract, manualClock } from 'handstamp/testing'

/** An engine of somebody else, who has nothing but the doors: each answer comes later, from a copy of what was passed in. */
function elsewhere(options: { readonly clock: Clock }): Backend {
  const kept = memory(options)
  const { store } = kept
  return {
    ...kept,
    name: 'elsewhere',
    store: {
      partitions: store.partitions,
      insert: later(store.insert),
      find: later(store.find),
      rotate: later(store.rotate),
      advance: later(store.advance),
      move: later(store.move),
      touch: later(store.touch),
      amend: later(store.amend),
      kill: later(store.kill),
      bump: later(store.bump),
      retireKey: later(store.retireKey),
      reassert: later(store.reassert),
      generation: later(store.generation),
      data: later(store.data),
      patch: later(store.patch),
      list: later(store.list),
      scan: later(store.scan),
      sweep: later(store.sweep),
    },
  }
}

function later<Args extends unknown[], T>(method: (...args: Args) => Promise<T>): (...args: Args) => Promise<T> {
  return async (...args) => {
    const own = structuredClone(args)
    await setImmediate()
    return method(...own)
  }
}

backendContract('a store of a third party', async () => {
  const clock = manualClock()
  return { backend: elsewhere({ clock }), clock }
})

describe('the contract can fail', () => {
  const file = fileURLToPath(new URL('mutants.ts', import.meta.url))
  const args = ['--conditions=handstamp-source', '--test', '--test-reporter=tap', file]
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env, timeout: 120_000 })

  const verdicts = [...stdout.matchAll(/^ {0,4}(ok|not ok) \d+ - (.+) keeps the contract$/gm)]

  test('every mistake was tried', () => assert.ok(verdicts.length >= 6, stdout.slice(0, 2000)))

  for (const [, verdict, name = ''] of verdicts) test(`it finds ${name}`, () => assert.equal(verdict, 'not ok'))
})
