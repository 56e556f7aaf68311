import { handstamp } from '../../src/http/auth.ts'
import { sqlite } from '../../src/stores/sqlite.ts'

/** One of several processes on one SQLite file; its clock stands where it is told. */
const [path = '', secrets = ''] = process.argv.slice(2)
let now = 0
const clock = { now: () => now, monotonic: () => now }
const auth = handstamp({ backend: sqlite({ path, clock }), clock, secrets, present: 'token' })

process.on('message', async ({ at, token, times }: { at: number; token: string; times: number }) => {
  now = at
  if (times === 0) {
    const created = await auth.create({ user: 'a' })
    process.send?.({ answers: [created.ok ? created.value.credential : created.reason] })
    return
  }
  const answers = await Promise.all(Array.from({ length: times }, () => auth.refresh(token)))
  process.send?.({
    answers: answers.map((answer) => (answer.ok ? (answer.value.refresh_token ?? 'none') : `refused ${answer.reason}`)),
  })
})
process.on('disconnect', () => void auth.close())
