import type { Heard } from '../heard.ts'
import type { Case, Talk } from '../talk.ts'

const minute = 60_000

/** Sessions begin, go on and end, by cookies and by tokens. */
export const sessions: readonly Case[] = [
  {
    name: 'a session by cookies: begins, is checked, ends',
    run: async ({ person }) => {
      const ada = person('ada')
      await ada.get('/me')
      await ada.post('/login', { user: 'ada', claims: { role: 'admin' } })
      await ada.get('/me')
      await ada.post('/me')
      await ada.get('/admin')
      await ada.post('/logout')
      await ada.get('/me')
      await ada.post('/logout')
    },
  },
  {
    name: 'cookies of an ended session are refused and not cleared',
    run: async ({ person }) => {
      const ada = person('ada')
      await ada.post('/login', { user: 'ada' })
      const copy = new Map(ada.jar)
      await ada.post('/auth/logout')
      for (const [name, value] of copy) ada.jar.set(name, value)
      await ada.get('/me')
      await ada.get('/public')
      await ada.post('/me')
    },
  },
  {
    name: 'a remembered session',
    run: async ({ person }) => {
      await person('ada').post('/login', { user: 'ada', remember: true })
    },
  },
  {
    name: 'a second sign-in ends the session before it',
    run: async ({ person, control, note }) => {
      const ann = person('ann')
      await ann.post('/login', { user: 'ann-twice' })
      await ann.post('/login', { user: 'ann-twice' })
      note(`${await control.sessionsOf('ann-twice')} session`)
      await ann.get('/me')
    },
  },
  {
    name: 'step-up',
    run: async ({ person, signedIn }) => {
      await person('nobody').post('/step-up')
      const ada = await signedIn('ada')
      await ada.get('/level2')
      await ada.post('/step-up')
      await ada.get('/level2')
    },
  },
  {
    name: 'logout everywhere',
    run: async ({ signedIn, control, note }) => {
      const here = await signedIn('everywhere')
      const there = await signedIn('everywhere')
      await here.post('/logout-everywhere')
      await there.get('/me')
      note(`${await control.sessionsOf('everywhere')} sessions`)
    },
  },
  {
    name: 'data, from the first value of nobody on',
    run: async ({ person }) => {
      const ada = person('ada')
      await ada.get('/data?key=a')
      await ada.post('/data', { key: 'a', value: 'one' })
      await ada.get('/whoami')
      await ada.post('/login', { user: 'ada' })
      await ada.get('/data?key=a')
      await ada.post('/count')
      await ada.post('/count')
      await ada.ask({ method: 'DELETE', path: '/data', headers: json, body: '{"key":"a"}' })
      await ada.get('/data?key=a')
    },
  },
  { name: 'a session by tokens: begins, is renewed, ends', run: tokens },
  {
    name: 'logout of tokens',
    run: async ({ ask, whisper }) => {
      const first = tokensOf(await whisper(login))
      await ask({ method: 'POST', path: '/logout', headers: bearer(first.access) })
      await ask({ path: '/me', headers: bearer(first.access) })
      const second = tokensOf(await whisper(login))
      await ask({ method: 'POST', path: '/auth/logout', headers: bearer(second.access) })
      await ask({ path: '/me', headers: bearer(second.access) })
    },
  },
  {
    name: 'an access token that has expired',
    run: async ({ ask, whisper, control }) => {
      const { access } = tokensOf(await whisper(login))
      await control.advance(6 * minute)
      await ask({ path: '/me', headers: bearer(access) })
      await ask({ path: '/whoami', headers: bearer(access) })
      await ask({ path: '/public', headers: bearer(access) })
    },
  },
  {
    name: 'the keys',
    run: async ({ ask, person }) => {
      await ask({ path: '/auth/.well-known/jwks.json' })
      await ask({ method: 'HEAD', path: '/auth/.well-known/jwks.json' })
      await person('ada').get('/auth/.well-known/jwks.json')
    },
  },
]

const json = [['Content-Type', 'application/json']] as const
const form = [['Content-Type', 'application/x-www-form-urlencoded']] as const
const login = { method: 'POST', path: '/login', headers: json, body: '{"user":"tom","present":"token"}' }
const bearer = (token: string): readonly (readonly [string, string])[] => [['Authorization', `Bearer ${token}`]]

function tokensOf(heard: Heard): { readonly access: string; readonly refresh: string } {
  const { access_token, refresh_token } = JSON.parse(heard.body) as { access_token: string; refresh_token: string }
  return { access: access_token, refresh: refresh_token }
}

async function tokens({ ask, control }: Talk): Promise<void> {
  const first = tokensOf(await ask(login))
  await ask({ path: '/me', headers: bearer(first.access) })
  await ask({ method: 'POST', path: '/me', headers: bearer(first.access) })
  await control.advance(6 * minute)
  const body = `grant_type=refresh_token&refresh_token=${first.refresh}`
  const second = tokensOf(await ask({ method: 'POST', path: '/auth/token', headers: form, body }))
  await ask({ path: '/me', headers: bearer(second.access) })
  await ask({
    method: 'POST',
    path: '/auth/token',
    headers: json,
    body: JSON.stringify({ grant_type: 'refresh_token', refresh_token: second.refresh }),
  })
  await ask({ method: 'POST', path: '/auth/revoke', headers: form, body: `token=${second.refresh}` })
  await ask({ path: '/me', headers: bearer(second.access) })
  await ask({
    method: 'POST',
    path: '/auth/token',
    headers: form,
    body: `grant_type=refresh_token&refresh_token=${second.refresh}`,
  })
  await ask({ method: 'POST', path: '/auth/revoke', headers: form, body: 'token=unknown' })
}
