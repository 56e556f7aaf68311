import type { Case, Talk } from '../talk.ts'
import type { HeaderPair, Said } from '../wire.ts'

const minute = 60_000
const form: HeaderPair = ['Content-Type', 'application/x-www-form-urlencoded']
const json: HeaderPair = ['Content-Type', 'application/json']
const html: HeaderPair = ['Accept', 'text/html,application/xhtml+xml']
const bearer = (token: string): HeaderPair => ['Authorization', `Bearer ${token}`.trim()]

/** Refusals, from the guard, the gate and the endpoints. */
export const problems: readonly Case[] = [
  {
    name: 'refused by the guard',
    run: async ({ ask, signedIn }) => {
      for (const path of ['/me', '/level2', '/admin', '/page']) await ask({ path })
      await ask({ method: 'HEAD', path: '/me' })
      await ask({ method: 'POST', path: '/me' })
      const ada = await signedIn('ada')
      for (const path of ['/level2', '/admin']) await ada.get(path)
      await ada.ask({ method: 'HEAD', path: '/level2' })
    },
  },
  {
    name: 'refused by the guard: somebody who reads',
    run: async ({ ask, signedIn }) => {
      await ask({ path: '/me', headers: [html] })
      await ask({ path: '/page?a=1&b=2', headers: [html] })
      await ask({ method: 'HEAD', path: '/page', headers: [html] })
      await (await signedIn('ada')).get('/admin', [html])
      await (await signedIn('ada')).get('/page', [html])
    },
  },
  {
    name: 'refused tokens',
    run: async ({ ask }) => {
      for (const token of ['', 'x', 'a.b.c', 'x'.repeat(9000)]) {
        await ask({ path: '/me', headers: [bearer(token)] })
        await ask({ path: '/whoami', headers: [bearer(token)] })
      }
      await ask({ path: '/me', headers: [['Authorization', 'DPoP x']] })
      await ask({ path: '/me', headers: [['Authorization', 'Basic eDp5']] })
    },
  },
  {
    name: 'refused cookies',
    run: async ({ ask, signedIn }) => {
      const [, pair = ''] = (await signedIn('ada')).cookies()[0] ?? []
      const [, other = ''] = (await signedIn('bob')).cookies()[0] ?? []
      const refused = ['__Host-session=x', '__Host-session=', `${pair}; ${other}`, '__Host-session=a; __Host-session=a']
      for (const cookie of refused)
        for (const path of ['/me', '/public']) await ask({ path, headers: [['Cookie', cookie]] })
      await ask({
        method: 'POST',
        path: '/logout',
        headers: [
          ['Cookie', refused[3] ?? ''],
          ['Sec-Fetch-Site', 'none'],
        ],
      })
    },
  },
  {
    name: 'a session cookie and a token together: the token decides',
    run: async ({ signedIn }) => {
      const ada = await signedIn('ada')
      await ada.get('/me', [bearer('x')])
      await ada.get('/whoami', [bearer('x')])
      await ada.get('/me', [['Authorization', 'Basic eDp5']])
    },
  },
  ...['/me', '/public', '/login', '/logout', '/auth/logout', '/nowhere', '/sub/auth/logout'].map(foreignCase),
  {
    name: 'endpoints: other methods, other paths',
    run: async ({ ask }) => {
      for (const path of ['/auth/token', '/auth/revoke', '/auth/logout', '/sub/auth/token'])
        for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) await ask({ method, path })
      await ask({ method: 'POST', path: '/auth/.well-known/jwks.json' })
      for (const path of [
        '/auth',
        '/auth/',
        '/auth/nothing',
        '/auth/token/',
        '/auth/token/x',
        '/authtoken',
        '/auth//token',
      ])
        for (const method of ['GET', 'POST']) await ask({ method, path })
    },
  },
  {
    name: 'endpoints: bodies that are none',
    run: async ({ ask }) => {
      const bodies: readonly (readonly [HeaderPair[], string | undefined])[] = [
        [[form], undefined],
        [[form], ''],
        [[form], 'grant_type=password'],
        [[form], 'grant_type=refresh_token'],
        [[form], 'grant_type=refresh_token&refresh_token=x'],
        [[form], 'grant_type=refresh_token&grant_type=refresh_token'],
        [[form], 'grant_type=refresh_token&refresh_token=x&scope=more'],
        [[form], `grant_type=refresh_token&refresh_token=${'x'.repeat(20_000)}`],
        [[form], `token=${'x'.repeat(70_000)}`],
        [[json], '{'],
        [[json], '[]'],
        [[json], 'null'],
        [[json], '{"grant_type":1}'],
        [[json], '{"grant_type":"refresh_token","grant_type":"refresh_token"}'],
        [[json], ''],
        [[['Content-Type', 'text/plain']], 'grant_type=refresh_token'],
        [[['Content-Type', 'multipart/form-data; boundary=x']], '--x--'],
        [[['Content-Type', 'application/json; charset=utf-16']], '{}'],
        [[['Content-Type', 'nonsense']], '{}'],
        [[], '{}'],
        [[], undefined],
      ]
      for (const [headers, body] of bodies)
        for (const path of ['/auth/token', '/auth/revoke'])
          await ask({ method: 'POST', path, headers, ...(body === undefined ? {} : { body }) })
    },
  },
  {
    name: 'endpoints: logout with whatever body',
    run: async ({ signedIn }) => {
      for (const [headers, body] of [
        [[json], '{'],
        [[['Content-Type', 'text/xml']], '<a/>'],
        [[form], 'a=b'],
      ] as [HeaderPair[], string][]) {
        const ada = await signedIn('ada')
        await ada.ask({ method: 'POST', path: '/auth/logout', headers, body })
        await ada.get('/me')
      }
    },
  },
  ...(
    [
      ['GET', '/me'],
      ['HEAD', '/me'],
      ['POST', '/me'],
      ['GET', '/whoami'],
      ['GET', '/public'],
      ['GET', '/page'],
      ['GET', '/nowhere'],
      ['GET', '/data?key=a'],
      ['POST', '/count'],
      ['POST', '/step-up'],
      ['POST', '/logout'],
      ['POST', '/logout-everywhere'],
      ['POST', '/auth/logout'],
      ['GET', '/sub/deep/me'],
      ['GET', '/twice/me'],
      ['GET', '/auth/.well-known/jwks.json'],
    ] as const
  ).map(
    ([method, path]): Case => ({
      name: `the store is down: ${method} ${path}`,
      run: (talk) => whileDown(talk, { method, path }),
    }),
  ),
  {
    name: 'the store is down: somebody without a session',
    run: async ({ ask, control }) => {
      await control.store('down')
      for (const path of ['/public', '/whoami', '/me']) await ask({ path })
      await ask({ method: 'POST', path: '/login', headers: [json], body: '{"user":"ada"}' })
      await ask({ method: 'POST', path: '/data', headers: [json], body: '{"key":"a","value":"b"}' })
      const [grant, token] = ['grant_type=refresh_token&refresh_token=x', 'token=x']
      await ask({ method: 'POST', path: '/auth/token', headers: [form], body: grant })
      await ask({ method: 'POST', path: '/auth/revoke', headers: [form], body: token })
      await ask({ path: '/me', headers: [html] })
    },
  },
]

/** Where the request was started: Fetch Metadata, Origin and Referer that are not the application's. */
function foreignCase(path: string): Case {
  const elsewhere = 'https://elsewhere.example'
  const starts: readonly HeaderPair[][] = [
    [['Sec-Fetch-Site', 'cross-site']],
    [['Sec-Fetch-Site', 'same-site']],
    [['Sec-Fetch-Site', 'nonsense']],
    [['Sec-Fetch-Site', 'cross-site'], html],
    [['Origin', elsewhere]],
    [['Origin', 'null']],
    [['Referer', `${elsewhere}/page`]],
    [],
  ]
  return {
    name: `started elsewhere: POST ${path}`,
    run: async ({ signedIn, ask }) => {
      const ada = await signedIn('ada')
      for (const headers of starts) await ask({ method: 'POST', path, headers: [...ada.cookies(), ...headers] })
      await ask({ method: 'POST', path, headers: [['Sec-Fetch-Site', 'cross-site']] })
      await ada.get('/me', [['Sec-Fetch-Site', 'cross-site']])
    },
  }
}

/** With a snapshot that stands and with one that has expired; then all is as it was. */
async function whileDown({ signedIn, control, hear }: Talk, said: Said): Promise<void> {
  const ada = await signedIn('ada')
  await control.store('down')
  await ada.ask(said)
  await control.advance(6 * minute)
  await ada.ask(said)
  await ada.ask({ ...said, headers: [html] })
  await control.store('up')
  hear('and up again: GET /me', await ada.whisper({ path: '/me' }))
}
