import { seededRandom } from '../support/random.ts'
import { type Client, connect, jarOf } from './client.ts'

/**
 * Two races as a script of HTTP requests, for any application with the routes `POST /login?user`, `POST /slow?key&value` (which waits, then writes), `POST /logout`,
 * `GET /me` and `GET /data?key`.
 */
export interface ScriptResult {
  readonly trials: number
  /** Copied cookies that were let in after the logout had been acknowledged and the slow requests had ended. */
  readonly revived: number
  /** Trials in which an acknowledged write was gone. */
  readonly lost: number
}

/** Keeps handlers waiting until the script lets them go. */
export interface Hold {
  /** For the handler of `POST /slow`. */
  readonly pause: () => Promise<void>
  /** Until so many are waiting. */
  arrived(count: number): Promise<void>
  /** Lets the one go that is at this place in the row. */
  release(place: number): void
}

export function createHold(): Hold {
  const waiting: (() => void)[] = []
  let noticed = (): void => {}
  return {
    pause: () =>
      new Promise((resolve) => {
        waiting.push(resolve)
        noticed()
      }),
    arrived: async (count) => {
      while (waiting.length < count)
        await new Promise<void>((resolve) => {
          noticed = resolve
        })
    },
    release: (place) => waiting.splice(place, 1)[0]?.(),
  }
}

export interface ScriptSubject {
  readonly url: string
  readonly hold: Hold
}

/** Plays each race so many times, with one to three slow requests that end in random order. */
export async function playScript(subject: ScriptSubject, trials: number, seed: number): Promise<ScriptResult> {
  const client = connect(subject.url)
  const random = seededRandom(seed)
  const result = { trials, revived: 0, lost: 0 }
  try {
    for (let trial = 0; trial < trials; trial++) {
      const { jar, keys, end } = await beginSlow(client, subject.hold, 1 + random.below(3), `out-${trial}`)
      await expect(client.ask('POST', '/logout', { cookie: jar }), 204)
      for (let left = keys.length; left > 0; left--) subject.hold.release(random.below(left))
      await end()
      const { status } = await client.ask('GET', '/me', { cookie: jar })
      if (status !== 401) result.revived += 1
    }
    for (let trial = 0; trial < trials; trial++) {
      const { jar, keys, end } = await beginSlow(client, subject.hold, 2, `two-${trial}`)
      for (let left = keys.length; left > 0; left--) subject.hold.release(random.below(left))
      const acknowledged = (await end()).map((status) => status === 204)
      const query = keys.map((key) => `key=${key}`).join('&')
      const { body } = await client.ask('GET', `/data?${query}`, { cookie: jar })
      const found = JSON.parse(body) as Readonly<Record<string, unknown>>
      if (keys.some((key, index) => acknowledged[index] === true && found[key] !== key)) result.lost += 1
    }
  } finally {
    client.close()
  }
  return result
}

/** Signs in and sends slow requests that write one key each; they are waiting now. */
async function beginSlow(
  client: Client,
  hold: Hold,
  count: number,
  user: string,
): Promise<{ readonly jar: string; readonly keys: readonly string[]; end(): Promise<readonly number[]> }> {
  const jar = jarOf(await expect(client.ask('POST', `/login?user=${user}`), 200))
  const keys = Array.from({ length: count }, (_, index) => `key${index}`)
  const running = keys.map((key) => client.ask('POST', `/slow?key=${key}&value=${key}`, { cookie: jar }))
  await hold.arrived(count)
  return { jar, keys, end: async () => (await Promise.all(running)).map(({ status }) => status) }
}

async function expect<T extends { readonly status: number; readonly body: string }>(
  asked: Promise<T>,
  status: number,
): Promise<T> {
  const answer = await asked
  if (answer.status !== status) throw new Error(`answered ${answer.status} instead of ${status}: ${answer.body}`)
  return answer
}
