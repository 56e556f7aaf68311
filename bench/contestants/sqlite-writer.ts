// Another node on the same file: a hundred commits a second, half of them new sessions, half of them revocations. `node sqlite-writer.ts FILE SECRET`, ends with its parent.
import { handstamp } from '../../src/http/auth.ts'
import { sqlite } from '../../src/stores/sqlite.ts'

const [path = '', secrets = ''] = process.argv.slice(2)
const perSecond = 100
const auth = handstamp({ secrets, backend: sqlite({ path }) })
const begun: string[] = []
let startedAt = 0
let done = 0
let isBusy = false

/** True begins the work, false ends it. */
process.on('message', (message) => {
  if (message === true) {
    startedAt = performance.now()
    done = 0
  }
  isBusy = message === true
})
process.on('disconnect', () => process.exit(0))

/** As many as are due by now, so that a late turn catches up. While the server itself writes all the time, it may have to wait for too long; then it tries again. */
async function work(): Promise<void> {
  const due = isBusy ? Math.floor(((performance.now() - startedAt) / 1000) * perSecond) : 0
  for (; done < due; done++) await commit(done).catch(() => undefined)
  setTimeout(work, 5)
}

async function commit(turn: number): Promise<void> {
  const id = turn % 2 === 1 ? begun.shift() : undefined
  if (id !== undefined) await auth.revoke(id)
  else {
    const created = await auth.create({ user: `other${turn}` })
    if (created.ok) begun.push(created.value.session.id)
  }
}

await work()
