import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { handstamp } from '../../src/http/auth.ts'
import { defaultPolicy } from '../../src/model/policy.ts'
import { memory } from '../../src/stores/memory.ts'
import { manualClock } from '../support/manual-clock.ts'

export interface RefreshResult {
  readonly rounds: number
  readonly presentations: number
  /** Rounds that did not have exactly one successor, with what came instead. */
  readonly wrong: readonly string[]
}

/** Just past the quiet zone: the next presentation rotates. */
const apart = defaultPolicy.grace + 2 * defaultPolicy.transit + 1000

/** All refreshes of a round go with one token, at once, over four nodes of one process on one memory store. */
export async function refreshOnMemory(rounds: number, parallel: number): Promise<RefreshResult> {
  const clock = manualClock()
  const backend = memory({ clock })
  const secrets = 'not a secret: 0123456789 abcdefghijklmnopqrstuvwxyz'
  const nodes = Array.from({ length: 4 }, () => handstamp({ backend, clock, secrets, present: 'token' }))
  const first = await nodes[0]?.create({ user: 'a' })
  if (!first?.ok) throw new Error('no session to begin with')
  const play = async (token: string): Promise<readonly string[]> => {
    clock.advance(apart)
    const answers = await Promise.all(Array.from({ length: parallel }, (_, index) => nodes[index % 4]?.refresh(token)))
    return answers.map((answer) => (answer?.ok ? (answer.value.refresh_token ?? 'none') : `refused ${answer?.reason}`))
  }
  const result = await playRounds(rounds, first.value.credential, play)
  for (const node of nodes) await node.close()
  return result
}

/** The same over three processes on one SQLite file. */
export async function refreshOnSqlite(rounds: number, parallel: number): Promise<RefreshResult> {
  const folder = mkdtempSync(join(tmpdir(), 'handstamp-refresh-'))
  const secrets = 'not a secret: 0123456789 abcdefghijklmnopqrstuvwxyz'
  const worker = new URL('refresh-worker.ts', import.meta.url).pathname
  const workers = Array.from({ length: 3 }, () => fork(worker, [join(folder, 'sessions.db'), secrets]))
  let at = 1_700_000_000_000
  const ask = async (index: number, token: string, times: number): Promise<readonly string[]> => {
    const child = workers[index] as (typeof workers)[number]
    const answered = once(child, 'message')
    child.send({ at, token, times })
    const [{ answers }] = (await answered) as [{ answers: readonly string[] }]
    return answers
  }
  try {
    const [first = ''] = await ask(0, '', 0)
    return await playRounds(rounds, first, async (token) => {
      at += apart
      const shares = [0, 1, 2].map((index) =>
        ask(index, token, Math.floor(parallel / 3) + (index < parallel % 3 ? 1 : 0)),
      )
      return (await Promise.all(shares)).flat()
    })
  } finally {
    await Promise.all(
      workers.map(async (child) => {
        const ended = once(child, 'exit')
        child.disconnect()
        await ended
      }),
    )
    rmSync(folder, { recursive: true, force: true })
  }
}

async function playRounds(
  rounds: number,
  first: string,
  play: (token: string) => Promise<readonly string[]>,
): Promise<RefreshResult> {
  const wrong: string[] = []
  let presentations = 0
  let token = first
  for (let round = 0; round < rounds; round++) {
    const answers = await play(token)
    presentations += answers.length
    const successors = [...new Set(answers)]
    const [successor = ''] = successors
    if (successors.length !== 1 || successor === token || successor.startsWith('refused'))
      wrong.push(
        `round ${round}: ${successors.length} different answers, ${successors.filter((one) => one.startsWith('refused')).join(', ')}`,
      )
    token = successor
  }
  return { rounds, presentations, wrong }
}
