import type { Case, Talk } from '../talk.ts'
import type { HeaderPair } from '../wire.ts'

const minute = 60_000
const own: HeaderPair = ['Sec-Fetch-Site', 'same-origin']

/** Clients that hang up: nothing breaks, nothing stays behind, the session is as it was. */
export const aborts: readonly Case[] = [
  {
    name: 'hung up in the body of the request',
    needs: ['http1', 'uploads'],
    run: (talk) =>
      hangUp(talk, async (connection, headers) => {
        const whole = talk.bytes({ method: 'POST', path: '/echo', headers, body: 'x'.repeat(100_000) })
        connection.write(whole.slice(0, -50_000))
        await talk.control.busy()
      }),
  },
  {
    name: 'hung up in the body of the request to an endpoint',
    needs: ['http1'],
    run: (talk) =>
      hangUp(talk, async (connection, headers) => {
        const form: HeaderPair = ['Content-Type', 'application/x-www-form-urlencoded']
        const expect: HeaderPair = ['Expect', '100-continue']
        const said = {
          method: 'POST',
          path: '/auth/token',
          headers: [...headers, form, expect],
          body: 'grant_type=refresh',
        }
        connection.write(talk.bytes(said).slice(0, -10))
        await connection.bytes('HTTP/1.1 100 Continue\r\n\r\n'.length)
      }),
  },
  {
    name: 'hung up while the session is renewed',
    needs: ['http1'],
    run: (talk) =>
      hangUp(talk, async (connection, headers) => {
        await talk.control.store('held')
        connection.write(talk.bytes({ path: '/me', headers }))
        await talk.control.held()
      }),
  },
  {
    name: 'hung up while somebody signs in',
    needs: ['http1'],
    run: async (talk) => {
      const connection = talk.connection()
      const headers: HeaderPair[] = [own, ['Content-Type', 'application/json']]
      await talk.control.store('held')
      connection.write(talk.bytes({ method: 'POST', path: '/login', headers, body: '{"user":"gone"}' }))
      await talk.control.held()
      connection.cut()
      await talk.control.store('up')
      const next = await talk.signedIn('gone')
      await next.get('/me')
    },
  },
  {
    name: 'hung up in the middle of an answer',
    needs: ['http1'],
    run: (talk) =>
      hangUp(talk, async (connection, headers) => {
        connection.write(talk.bytes({ path: '/endless', headers }))
        await connection.bytes(200_000)
      }),
  },
  {
    name: 'hung up with requests waiting in line',
    needs: ['http1'],
    run: (talk) =>
      hangUp(talk, async (connection, headers) => {
        const waiting = talk.bytes({ path: '/me', headers })
        connection.write(talk.bytes({ path: '/endless', headers }) + waiting + waiting)
        await connection.bytes(200_000)
      }),
  },
]

/** Lets a client hang up with a session that is due for renewal; written down is what comes afterwards. */
async function hangUp(
  talk: Talk,
  until: (connection: ReturnType<Talk['connection']>, headers: readonly HeaderPair[]) => Promise<void>,
): Promise<void> {
  const { signedIn, control, connection, note } = talk
  const ada = await signedIn('hangs-up')
  const before = await control.sessionsOf('hangs-up')
  await control.advance(6 * minute)
  for (let time = 0; time < 3; time++) {
    const cut = connection()
    await until(cut, [...ada.cookies(), own])
    cut.cut()
    await control.store('up')
    await control.idle()
  }
  note(`${(await control.sessionsOf('hangs-up')) - before} sessions more or less, nothing under way`)
  await ada.get('/me')
  await control.advance(minute)
  await ada.get('/me')
}
