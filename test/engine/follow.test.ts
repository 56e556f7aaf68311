import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createFollow } from '../../src/engine/follow.ts'
import { genesis, type LogPage, type RevocationLog } from '../../src/model/log.ts'
import type { LogEntry } from '../../src/model/revocation.ts'

function entry(seq: number, chain: string): LogEntry {
  return { partition: 0, position: { seq, chain }, at: 0, revocation: { kind: 'key', kid: chain, until: 1 } }
}

interface Scene {
  readonly follow: ReturnType<typeof createFollow>
  readonly applied: string[]
  readonly diverged: number[]
  /** Answers the reading under way. */
  answer(page: LogPage): Promise<void>
}

async function scene(): Promise<Scene> {
  const applied: string[] = []
  const diverged: number[] = []
  let answer: (page: LogPage) => void = () => {}
  const log = {
    partitions: 1,
    tail: async () => ({ kind: 'entries', entries: [], head: genesis }),
    read: () =>
      new Promise<LogPage>((resolve) => {
        answer = resolve
      }),
  } as unknown as RevocationLog
  const follow = createFollow({
    log,
    apply: ({ revocation }) => applied.push(revocation.kind === 'key' ? revocation.kid : ''),
    onDiverged: (partition) => diverged.push(partition),
    onTrouble: () => {},
  })
  await follow.begin(0)
  return {
    follow,
    applied,
    diverged,
    answer: async (page) => {
      answer(page)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

function page(...entries: readonly LogEntry[]): LogPage {
  return { kind: 'entries', entries, head: entries.at(-1)?.position ?? genesis }
}

describe('P-R1 P-R3 what a node applies', () => {
  test('hints that come while it reads are not applied twice', async () => {
    const { follow, applied, diverged, answer } = await scene()
    void follow.read(0)
    follow.take(entry(1, 'a'), '')
    await answer(page(entry(1, 'a'), entry(2, 'b')))
    assert.deepEqual([applied, diverged], [['a', 'b'], []])
  })

  test('a hint of a history that was lost is not joined with a page of the present one', async () => {
    const { follow, applied, diverged, answer } = await scene()
    void follow.read(0)
    follow.take(entry(1, 'old'), '')
    await answer(page(entry(1, 'kill'), entry(2, 'b')))
    assert.deepEqual([applied, diverged], [['old'], [0]])
    assert.equal(follow.isOn(0), false)
  })

  test('a page that was asked for before it began anew is passed over', async () => {
    const { follow, applied, answer } = await scene()
    void follow.read(0)
    await follow.begin(0)
    await answer(page(entry(1, 'stale')))
    assert.deepEqual(applied, [])
  })

  test('a head behind what was applied has lost something, and so has one on another chain', async () => {
    const { follow, diverged, answer } = await scene()
    follow.take(entry(1, 'a'), '')
    assert.equal(await follow.reach(0, genesis, { seq: 1, chain: 'a' }), false)
    assert.deepEqual(diverged, [0])
    await follow.begin(0)
    follow.take(entry(1, 'a'), '')
    const reached = follow.reach(0, { seq: 1, chain: 'z' }, { seq: 1, chain: 'a' })
    await answer({ kind: 'diverged' })
    assert.equal(await reached, false)
    assert.deepEqual(diverged, [0, 0])
  })
})
