import type { Case, Person, Talk } from '../talk.ts'
import type { HeaderPair } from '../wire.ts'

const minute = 60_000

const handshakes: readonly Case[] = [
  {
    name: 'a WebSocket of somebody signed in',
    run: async (talk) => {
      const ada = await talk.signedIn('ada')
      await connect(talk, '/ws', ada, ownOrigin(talk))
      await connect(talk, '/ws/guarded', ada, [['Sec-Fetch-Site', 'same-origin']])
    },
  },
  {
    name: 'a WebSocket whose handshake renews',
    run: async (talk) => {
      const ada = await talk.signedIn('ada')
      await talk.control.advance(6 * minute)
      await connect(talk, '/ws/guarded', ada, ownOrigin(talk))
      await ada.get('/me')
    },
  },
  {
    name: 'a WebSocket of nobody',
    run: async (talk) => {
      await connect(talk, '/ws', talk.person('nobody'), ownOrigin(talk))
      await connect(talk, '/ws/guarded', talk.person('nobody'), ownOrigin(talk))
    },
  },
  {
    name: 'a WebSocket that another site opens',
    run: async (talk) => {
      const ada = await talk.signedIn('ada')
      await talk.control.advance(6 * minute)
      for (const headers of [
        [['Origin', 'https://elsewhere.example']],
        [['Origin', 'null']],
        [['Sec-Fetch-Site', 'cross-site']],
        [],
      ] as HeaderPair[][])
        await connect(talk, '/ws', ada, headers)
    },
  },
  {
    name: 'a WebSocket while the store is down',
    run: async (talk) => {
      const ada = await talk.signedIn('ada')
      await talk.control.store('down')
      await connect(talk, '/ws', ada, ownOrigin(talk))
    },
  },
]

/** WebSockets: the session at the handshake, renewed on the 101, refused as an unsafe request is. */
export const upgrades: readonly Case[] = handshakes.map((one) => ({ ...one, needs: ['http1', 'upgrade'] }))

function ownOrigin({ port }: Talk): readonly HeaderPair[] {
  return [['Origin', `http://127.0.0.1:${port}`]]
}

/** Written down: the handshake, and what the socket says first. */
async function connect(talk: Talk, path: string, who: Person, headers: readonly HeaderPair[]): Promise<void> {
  const connection = talk.connection()
  const handshake: HeaderPair[] = [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', 'c2l4dGVlbiBieXRlcyEhIQ=='],
  ]
  connection.write(talk.bytes({ path, headers: [...who.cookies(), ...handshake, ...headers] }))
  const heard = await connection.next()
  who.take(heard)
  const shown = headers.map(([name, value]) => ` [${name}: ${value.replace(/127.*/, '<own>')}]`).join('')
  talk.hear(`${who.name}: WebSocket ${path}${shown}`, heard)
  if (heard.status !== 101) return
  const [, size = 0] = await connection.bytes(2)
  talk.note(`it says ${await connection.bytes(size)}`)
}
