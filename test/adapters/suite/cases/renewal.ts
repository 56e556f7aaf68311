import { endingKinds } from '../application.ts'
import { createNormalForm } from '../normal-form.ts'
import type { Case, Person, Talk } from '../talk.ts'
import type { HeaderPair, Said } from '../wire.ts'

const minute = 60_000

/** Renewed cookies leave with every answer, whatever it is and however it ends. */
export const renewal: readonly Case[] = [
  ...ways([
    ['GET', '/me'],
    ['HEAD', '/me'],
    ['POST', '/me'],
    ['GET', '/whoami'],
    ['GET', '/public'],
    ['HEAD', '/public'],
    ['POST', '/public'],
    ['GET', '/own'],
    ['GET', '/file'],
    ['HEAD', '/file'],
    ['GET', '/stream'],
    ['HEAD', '/stream'],
    ['GET', '/not-modified'],
    ['GET', '/page'],
    ['GET', '/nowhere'],
    ['POST', '/nowhere'],
    ['GET', '/throws'],
    ['GET', '/throws-late'],
    ['GET', '/level2'],
    ['GET', '/admin'],
    ['GET', '/late-login'],
    ['GET', '/late-set'],
    ['GET', '/data?key=a'],
    ['GET', '/sub/me'],
    ['GET', '/sub/deep/me'],
    ['GET', '/twice/me'],
    ['GET', '/auth/.well-known/jwks.json'],
    ['HEAD', '/auth/.well-known/jwks.json'],
    ['GET', '/auth/token'],
    ['GET', '/auth/nothing'],
  ]),
  {
    name: 'renewed with 103 before the answer',
    needs: ['hints'],
    run: (talk) => renewed(talk, { path: '/hints' }),
  },
  {
    name: 'renewed by an upload, and by a body of none',
    run: async (talk) => {
      await renewed(talk, { method: 'POST', path: '/echo', body: 'x'.repeat(100_000) })
      await renewed(talk, { method: 'POST', path: '/echo', body: '' })
    },
  },
  {
    name: 'a sign-in, a logout, a step-up in the request that renews',
    run: async (talk) => {
      const json: HeaderPair = ['Content-Type', 'application/json']
      await renewed(talk, { method: 'POST', path: '/login', headers: [json], body: '{"user":"bob"}' })
      await renewed(talk, { method: 'POST', path: '/step-up' })
      await renewed(talk, { method: 'POST', path: '/logout' })
      await renewed(talk, { method: 'POST', path: '/auth/logout' })
    },
  },
  {
    name: 'with a snapshot that is missing, and not again at once',
    run: async ({ signedIn, control }) => {
      const ada = await signedIn('ada')
      await control.advance(2 * minute)
      ada.jar.delete('__Host-snapshot')
      await ada.get('/me')
      await ada.get('/me')
      await ada.get('/public')
    },
  },
  {
    name: 'not for a prefetch, and not for whoever is refused for where the request was started',
    run: async ({ signedIn, control }) => {
      const ada = await signedIn('ada')
      await control.advance(6 * minute)
      await ada.get('/me', [['Sec-Purpose', 'prefetch']])
      await ada.post('/me', undefined, [['Sec-Fetch-Site', 'cross-site']])
      await ada.get('/me')
    },
  },
  {
    name: 'two requests at once get the same pair',
    run: async ({ signedIn, control, hear }) => {
      const ada = await signedIn('ada')
      await control.advance(6 * minute)
      const copy = [...ada.cookies()]
      const asked = ['/me', '/me', '/public'].map((path) => ada.whisper({ path, headers: [] }))
      for (const heard of await Promise.all(asked)) hear('ada: at once', heard)
      ada.jar.clear()
      hear('with the old pair', await ada.whisper({ path: '/me', headers: copy }))
    },
  },
  ...endingKinds.map(
    (kind): Case => ({
      name: `every ending: ${kind}`,
      run: async (talk) => {
        const answers = new Map<string, string[]>()
        for (const name of talk.door.endings[kind])
          for (const method of ['GET', 'HEAD'])
            for (const headers of [[], [['If-None-Match', '*']]] as HeaderPair[][])
              await tryEnding(talk, kind, name, { method, path: '', headers }, answers)
        // One answer to each way of asking, whatever the framework's words for it were.
        for (const [way, found] of answers) for (const one of new Set(found)) talk.note(`${way}: ${one}`)
      },
    }),
  ),
]

function ways(list: readonly (readonly [method: string, path: string])[]): readonly Case[] {
  return list.map(([method, path]) => ({
    name: `renewed in passing: ${method} ${path}`,
    run: (talk) => renewed(talk, { method, path }),
  }))
}

/** Written down: the request that renews, and that the new pair is good. */
async function renewed({ signedIn, control, note }: Talk, said: Said): Promise<void> {
  const ada = await signedIn('ada')
  await control.advance(6 * minute)
  const before = new Map(ada.jar)
  await ada.ask(said)
  const kept = ada.jar.get('__Host-session') === before.get('__Host-session')
  const next = await ada.whisper({ path: '/me' })
  note(`${ada.jar.size === 0 ? 'none' : kept ? 'the same' : 'another'} pair; then ${next.status}`)
}

async function tryEnding(
  { signedIn, control }: Talk,
  kind: string,
  name: string,
  said: Said,
  answers: Map<string, string[]>,
): Promise<void> {
  const ada: Person = await signedIn('ada')
  await control.advance(6 * minute)
  const heard = await ada.whisper({ ...said, path: `/ending/${kind}/${encodeURIComponent(name)}` })
  const way = `${said.method}${said.headers?.length === 0 ? '' : ' with If-None-Match'}`
  const text = createNormalForm().lines(heard).join(' | ')
  answers.set(way, [...(answers.get(way) ?? []), text])
}
