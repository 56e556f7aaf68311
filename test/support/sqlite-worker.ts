import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { systemClock } from '../../src/base/clock.ts'
import { makeSid } from '../../src/model/partition.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { newSession } from '../../src/testing/contract/subject.ts'

/**
 * Another process on the same file: `node sqlite-worker.ts <path> <task> [argument]`. Says over IPC what was acknowledged, in that moment.
 */
export type Acknowledged =
  | { readonly kind: 'ready' }
  | { readonly kind: 'inserted'; readonly sid: string }
  | { readonly kind: 'killed'; readonly sid: string }
  | { readonly kind: 'patched'; readonly key: string }
  | { readonly kind: 'rotated'; readonly answers: readonly string[] }
  | { readonly kind: 'failed'; readonly fault: string }

const [path = '', task = '', argument = ''] = process.argv.slice(2)
const backend = sqlite({ path, busyTimeout: 20_000 })
const subject = { backend, clock: { ...systemClock, advance: () => undefined, set: () => undefined } }
const until = systemClock.now() + 3_600_000

function tell(message: Acknowledged): void {
  process.send?.(message)
}

function make(): ReturnType<typeof newSession> {
  return newSession(subject, { sid: makeSid(0, randomBytes(16).toString('base64url')) })
}

const tasks: Readonly<Record<string, () => Promise<void>>> = {
  /** Makes sessions and ends them. */
  kill: async () => {
    for (let left = Number(argument); left > 0; left--) {
      const record = make()
      await backend.store.insert(record, new Map([['a', 1]]))
      tell({ kind: 'inserted', sid: record.sid })
      await backend.store.kill(record.sid, 'logout', until)
      tell({ kind: 'killed', sid: record.sid })
    }
  },
  /** Sets keys of its own in one session. */
  patch: async () => {
    for (let index = 0; index < 25; index++) {
      const key = `${process.pid} ${index}`
      await backend.store.patch(argument, { set: new Map([[key, index]]), remove: [] })
      tell({ kind: 'patched', key })
    }
  },
  /** In each round, told by two messages, reads one session and rotates it from that state, many times at once. */
  rotate: async () => {
    tell({ kind: 'ready' })
    for (;;) {
      const [next] = await once(process, 'message')
      if (next === 'end') return
      const { rotation, seenAt } = (await backend.store.find(argument))?.record ?? make()
      tell({ kind: 'ready' })
      await once(process, 'message')
      const to = { ...rotation, cur: rotation.cur + 1 }
      const rotations = Array.from({ length: 34 }, () => backend.store.rotate(argument, rotation, to, seenAt))
      tell({ kind: 'rotated', answers: await Promise.all(rotations) })
    }
  },
  /** Writes until it fails. */
  fill: async () => {
    const text = 'x'.repeat(20_000)
    for (;;) {
      const record = make()
      await backend.store.insert(record, new Map([['a', text]]))
      tell({ kind: 'inserted', sid: record.sid })
    }
  },
}

process.on('disconnect', () => process.exit())
try {
  await tasks[task]?.()
} catch (error) {
  tell({
    kind: 'failed',
    fault: error instanceof Error && 'kind' in error ? `${error.kind}: ${error.message}` : String(error),
  })
}
await backend.close()
if (process.connected) process.disconnect()
