import type { Heard } from '../heard.ts'
import type { Case, Person, Talk } from '../talk.ts'
import type { HeaderPair, Said } from '../wire.ts'

const minute = 60_000

/** Many requests, of different people, on one connection and at once; and what Node lets through. */
export const connections: readonly Case[] = [
  {
    name: '100 requests of five people on one connection, one after the other',
    needs: ['http1'],
    run: async (talk) => {
      const people = await crowd(talk, 5)
      const connection = talk.connection()
      await talk.control.advance(6 * minute)
      const found: string[] = []
      for (let turn = 0; turn < 100; turn++) {
        const who = people[(turn * 7 + (turn >> 3)) % 6] ?? talk.person('nobody')
        const path = ['/me', '/public', '/whoami', '/stream', '/empty'][turn % 5] as string
        const method = turn % 9 === 0 ? 'HEAD' : 'GET'
        connection.write(talk.bytes({ method, path, headers: who.cookies() }))
        found.push(summary(who, path, await connection.next(method)))
        if (turn % 30 === 29) await talk.control.advance(6 * minute)
      }
      for (const one of tally(found)) talk.note(one)
    },
  },
  {
    name: '10 requests in one packet',
    needs: ['http1'],
    run: async (talk) => {
      const people = await crowd(talk, 5)
      await talk.control.advance(6 * minute)
      const asked = Array.from({ length: 10 }, (_, at) => {
        const who = people[at % 5] as Person
        const path = at === 3 ? '/public' : at === 6 ? '/stream' : '/me'
        return { who, said: { path, headers: who.cookies() } }
      })
      const connection = talk.connection()
      connection.write(asked.map(({ said }) => talk.bytes(said)).join(''))
      for (const { who, said } of asked) {
        const heard = await connection.next()
        who.take(heard)
        talk.hear(`${who.name}: GET ${said.path}`, heard)
      }
    },
  },
  {
    name: 'requests in one packet, with bodies and refusals between',
    needs: ['http1'],
    run: async (talk) => {
      const [ada, bob] = (await crowd(talk, 2)) as [Person, Person]
      const own: HeaderPair = ['Sec-Fetch-Site', 'same-origin']
      const foreign: HeaderPair = ['Sec-Fetch-Site', 'cross-site']
      const form: HeaderPair = ['Content-Type', 'application/x-www-form-urlencoded']
      const asked: readonly (readonly [Person, Said])[] = [
        [ada, { method: 'POST', path: '/echo', headers: [own], body: 'x'.repeat(50_000) }],
        [bob, { method: 'POST', path: '/me', headers: [foreign], body: 'a body that nobody reads' }],
        [ada, { path: '/nowhere' }],
        [bob, { method: 'POST', path: '/auth/token', headers: [own, form], body: 'grant_type=none' }],
        [ada, { method: 'POST', path: '/me', headers: [own] }],
        [bob, { path: '/me' }],
      ]
      const connection = talk.connection()
      const bytes = asked.map(([who, said]) =>
        talk.bytes({ ...said, headers: [...who.cookies(), ...(said.headers ?? [])] }),
      )
      connection.write(bytes.join(''))
      for (const [who, { method = 'GET', path }] of asked)
        talk.hear(`${who.name}: ${method} ${path}`, await connection.next(method))
    },
  },
  {
    name: '60 requests of six people at once',
    run: async (talk) => {
      const people = await crowd(talk, 6)
      await talk.control.advance(6 * minute)
      const asked = Array.from({ length: 60 }, async (_, at) => {
        const who = people[at % 6] as Person
        const path = ['/me', '/public', '/stream', '/sub/deep/me'][at % 4] as string
        const heard = await talk.whisper({ path, headers: who.cookies() })
        return { who, path, heard }
      })
      const all = await Promise.all(asked)
      const pairs = new Map<string, Set<string>>()
      for (const { who, heard } of all) {
        const set = heard.lines.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, line]) => line)
        for (const line of set) for (const name of [line.split(';', 1)[0] ?? '']) pairsOf(pairs, name).add(who.name)
        who.take(heard)
      }
      const shared = [...pairs.values()].filter((names) => names.size > 1)
      talk.note(`${shared.length} cookies given to two people`)
      for (const one of tally(all.map(({ who, path, heard }) => summary(who, path, heard)))) talk.note(one)
      for (const who of people) talk.hear(who.name, await who.whisper({ path: '/me' }))
    },
  },
  {
    name: 'Expect: 100-continue',
    needs: ['http1'],
    run: async (talk) => {
      const [ada] = (await crowd(talk, 1)) as [Person]
      await talk.control.advance(6 * minute)
      const connection = talk.connection()
      const headers: HeaderPair[] = [...ada.cookies(), ['Sec-Fetch-Site', 'same-origin'], ['Expect', '100-continue']]
      headers.push(['Content-Type', 'text/plain'])
      connection.write(talk.bytes({ method: 'POST', path: '/echo', headers, body: 'the body' }))
      talk.hear('ada: POST /echo', await connection.next('POST'))
      connection.write(talk.bytes({ method: 'POST', path: '/me', headers, body: 'unread' }))
      talk.hear('ada: POST /me', await connection.next('POST'))
    },
  },
  { name: 'lines that are odd', run: oddLines },
  { name: 'lines twice', needs: ['http1'], run: linesTwice },
  {
    name: 'HTTP/1.0 without Host',
    needs: ['http1'],
    run: async ({ connection, hear }) => {
      const old = connection()
      old.write('GET /whoami HTTP/1.0\r\n\r\n')
      hear('GET /whoami', await old.next())
    },
  },
  { name: 'what Node lets through, and what not', needs: ['http1'], run: oddBytes },
]

/** People 0 to n - 1, each signed in under a name of their own. */
async function crowd(talk: Talk, count: number): Promise<readonly Person[]> {
  return Promise.all(Array.from({ length: count }, (_, at) => talk.signedIn(`person-${at}`)))
}

function pairsOf(all: Map<string, Set<string>>, name: string): Set<string> {
  const held = all.get(name) ?? new Set()
  all.set(name, held)
  return held
}

/** Whether an answer is about whoever asked. */
function summary(who: Person, path: string, heard: Heard): string {
  who.take(heard)
  const named = /"user":"([^"]*)"/.exec(heard.body)?.[1]
  const whose =
    named === undefined ? 'about nobody' : named === who.name ? 'about who asked' : `about ${named}, not ${who.name}`
  const cookies = heard.lines.filter(([name]) => name.toLowerCase() === 'set-cookie').length
  return `${path}: ${heard.status}, ${heard.body.length} characters, ${whose}, ${cookies} cookies`.replace(
    /person-\d/,
    'person',
  )
}

function tally(lines: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  return [...counts].map(([line, count]) => `${count} of ${line}`).sort()
}

async function oddLines({ signedIn, ask }: Talk): Promise<void> {
  const ada = await signedIn('ada')
  const bob = await signedIn('bob')
  const [[, first = ''] = ['']] = ada.cookies()
  const [[, second = ''] = ['']] = bob.cookies()
  const [session = '', snapshot = ''] = first.split('; ')
  const lines: readonly HeaderPair[][] = [
    [
      ['Cookie', session],
      ['Cookie', snapshot],
    ],
    [
      ['Cookie', first],
      ['Cookie', 'other=1'],
    ],
    [
      ['Cookie', first],
      ['Cookie', second],
    ],
    [['Cookie', `a=b;${first.replace('; ', ';')};; c`]],
    [['Cookie', '']],
    [
      ['Cookie', first],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'elsewhere.example'],
    ],
    [
      ['Cookie', first],
      ['X-HTTP-Method-Override', 'POST'],
    ],
  ]
  for (const headers of lines) await ask({ path: '/me', headers })
  await ask({
    method: 'POST',
    path: '/me',
    headers: [
      ['Cookie', first],
      ['Sec-Fetch-Site', 'same-origin, none'],
    ],
  })
}

async function linesTwice({ signedIn, ask, whisper, hear, port }: Talk): Promise<void> {
  const ada = await signedIn('ada')
  const own: HeaderPair = ['Sec-Fetch-Site', 'same-origin']
  const origin: HeaderPair = ['Origin', `http://127.0.0.1:${port}`]
  for (const headers of [
    [own, own],
    [own, ['Sec-Fetch-Site', 'cross-site']],
    [origin, origin],
    [origin, ['Origin', 'https://elsewhere.example']],
  ] as HeaderPair[][]) {
    const name = headers.map(([, value]) => value.replace(String(port), '<port>')).join(' and ')
    hear(name, await whisper({ method: 'POST', path: '/me', headers: [...ada.cookies(), ...headers] }))
  }
  await ask({
    path: '/me',
    headers: [
      ['Authorization', 'Bearer a'],
      ['Authorization', 'Bearer b'],
    ],
  })
}

async function oddBytes(talk: Talk): Promise<void> {
  const ada = await talk.signedIn('ada')
  const [[, cookie = ''] = ['']] = ada.cookies()
  const host = `Host: 127.0.0.1:${talk.port}\r\n`
  const carried = `${host}Cookie: ${cookie}\r\n`
  const own = 'Sec-Fetch-Site: same-origin\r\n'
  const chunked = 'Transfer-Encoding: chunked\r\n'
  const whole = 'Content-Length: 4\r\n'
  const bytes: Readonly<Record<string, string>> = {
    'names in capitals': `GET /me HTTP/1.1\r\n${carried.replace('Cookie', 'COOKIE')}\r\n`,
    'HTTP/1.0': `GET /me HTTP/1.0\r\n${carried}\r\n`,
    'a target with a host': `GET http://127.0.0.1:${talk.port}/me HTTP/1.1\r\n${carried}\r\n`,
    'a target with a host: endpoints': `GET http://127.0.0.1:${talk.port}/auth/.well-known/jwks.json HTTP/1.1\r\n${carried}\r\n`,
    'a query': `GET /me?a=/level2&b=%2f HTTP/1.1\r\n${carried}\r\n`,
    'GET with a body': `GET /me HTTP/1.1\r\n${carried}${whole}\r\nbody`,
    'POST in chunks': `POST /echo HTTP/1.1\r\n${carried}${own}${chunked}\r\n4\r\nbody\r\n0\r\n\r\n`,
    'chunks with a trailer': `POST /echo HTTP/1.1\r\n${carried}${own}${chunked}Trailer: Cookie\r\n\r\n4\r\nbody\r\n0\r\nCookie: a=b\r\n\r\n`,
    'a length and chunks': `POST /echo HTTP/1.1\r\n${carried}${own}${whole}${chunked}\r\n0\r\n\r\n`,
    'two lengths': `POST /echo HTTP/1.1\r\n${carried}${own}${whole}Content-Length: 5\r\n\r\nbody`,
    'a space before the colon': `GET /me HTTP/1.1\r\n${host}Cookie : ${cookie}\r\n\r\n`,
    'a folded line': `GET /me HTTP/1.1\r\n${host}Cookie:\r\n ${cookie}\r\n\r\n`,
    'no Host': `GET /me HTTP/1.1\r\nCookie: ${cookie}\r\n\r\n`,
    'two Hosts': `POST /me HTTP/1.1\r\n${carried}Host: elsewhere.example\r\nOrigin: http://127.0.0.1:${talk.port}\r\n\r\n`,
    'the Host of another, as Origin too': `POST /me HTTP/1.1\r\nHost: elsewhere.example\r\nCookie: ${cookie}\r\nOrigin: http://elsewhere.example\r\n\r\n`,
    'the Host of another': `GET /me HTTP/1.1\r\nHost: elsewhere.example\r\nCookie: ${cookie}\r\n\r\n`,
    'bytes above ASCII in a cookie': `GET /me HTTP/1.1\r\n${host}Cookie: caf\u00e9=1; ${cookie}\r\n\r\n`,
    'a NUL in a cookie': `GET /me HTTP/1.1\r\n${host}Cookie: a=\u0000; ${cookie}\r\n\r\n`,
    'a head of 20,000 bytes': `GET /me HTTP/1.1\r\n${carried}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
    'an upgrade to nothing known': `GET /me HTTP/1.1\r\n${carried}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
  }
  for (const [name, text] of Object.entries(bytes)) {
    const connection = talk.connection()
    connection.write(Buffer.from(text, 'latin1'))
    talk.hear(name, await connection.next(text.split(' ', 1)[0]))
  }
  talk.hear('and then: GET /me', await ada.whisper({ path: '/me' }))
}
