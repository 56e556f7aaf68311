import type { Case } from '../talk.ts'

/** Routers inside of routers: the session is there, and there once. */
export const nested: readonly Case[] = [
  {
    name: 'nested routers, and a session mounted twice',
    run: async ({ ask, signedIn }) => {
      const ada = await signedIn('ada')
      for (const path of ['/sub/me', '/sub/deep/me', '/twice/me']) {
        await ask({ path })
        await ada.get(path)
        await ada.ask({ method: 'HEAD', path })
      }
      await ada.get('/sub/nothing')
      await ada.get('/sub/deep/nothing')
    },
  },
  {
    name: 'endpoints in a nested router',
    run: async ({ ask, signedIn, control, note }) => {
      await ask({ path: '/sub/auth/.well-known/jwks.json' })
      await ask({ path: '/sub/auth/nothing' })
      const ada = await signedIn('nested')
      await ada.post('/sub/auth/logout')
      note(`${await control.sessionsOf('nested')} sessions`)
      const headers = [['Content-Type', 'application/json']] as const
      await ask({
        method: 'POST',
        path: '/sub/auth/token?a=b',
        headers,
        body: '{"grant_type":"refresh_token","refresh_token":"x"}',
      })
    },
  },
]
