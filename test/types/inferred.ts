// Compiled, never run: each `@ts-expect-error` is a line that must not compile.
import { type } from 'arktype'
import { type Auth, handstamp, memory, type SessionOf } from 'handstamp'
import { requireSession as fetchGuard, session as fetchSession } from 'handstamp/fetch'
import { session as honoSession, type SessionEnv } from 'handstamp/hono'
import { requireSession, session, upgrade } from 'handstamp/node'
import { Hono } from 'hono'
import * as v from 'valibot'
import { z } from 'zod'
import { same } from './expect.ts'

const backend = memory()

const inZod = z.object({
  theme: z.enum(['light', 'dark']).default('light'),
  since: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .optional(),
  cart: z.array(z.string()).optional(),
})
const auth = handstamp({ backend, data: inZod, claims: { plan: 'string', seats: 'number', groups: 'strings' } })

export const onNode = session(auth)(async ({ session }) => {
  same<typeof session, SessionOf<typeof auth>>()
  const theme = await session.get('theme')
  same<typeof theme, 'light' | 'dark' | undefined>()
  const since = await session.get('since')
  same<typeof since, Date | undefined>()
  // @ts-expect-error a typo in a key
  await session.get('tehme')
  await session.set('since', '2030-01-01T00:00:00.000Z')
  // @ts-expect-error stored is the schema's input, a text
  await session.set('since', new Date())
  // @ts-expect-error not one of the values
  await session.set('theme', 'purple')
  // @ts-expect-error a typo in a key
  await session.set('crat', [])
  // @ts-expect-error nothing is not a value: that is what `delete` is for
  await session.set('cart', undefined)
  // @ts-expect-error a typo in a key
  await session.delete('crat')
  await session.delete('cart')
  const cart = await session.update('cart', (old = []) => [...old, 'pen'])
  same<typeof cart, string[] | undefined>()
  const moved = await session.update('since', (old) => old?.toISOString())
  same<typeof moved, Date | undefined>()
  // @ts-expect-error an update gives what `set` takes
  await session.update('since', (old) => old)

  same<typeof session.claims.plan, string | undefined>()
  same<typeof session.claims.seats, number | undefined>()
  same<typeof session.claims.groups, readonly string[] | undefined>()
  // @ts-expect-error a typo in a claim
  session.claims.plam
  await session.login({ user: 'ada', data: { cart: ['pen'] }, claims: { plan: 'free', groups: ['staff'] } })
  // @ts-expect-error a wrong value in the data
  await session.login({ user: 'ada', data: { cart: [1] } })
  // @ts-expect-error a typo in the data
  await session.login({ user: 'ada', data: { crat: [] } })
  // @ts-expect-error a claim of another type
  await session.login({ user: 'ada', claims: { seats: 'many' } })
  // @ts-expect-error a claim that is not listed
  await session.login({ user: 'ada', claims: { role: 'admin' } })
  // @ts-expect-error nobody signs in
  await session.login({})
  // @ts-expect-error nobody signs in
  await session.login({ user: null })
  // @ts-expect-error no such level
  await session.login({ user: 'ada', level: 4 })
  // @ts-expect-error no such member
  session.destroy()
  // @ts-expect-error what the snapshot says is not to be written
  session.user = 'root'
})

export const onFetch = fetchSession(auth)(
  fetchGuard({ level: 2 })(async ({ session }) => {
    same<typeof session, SessionOf<typeof auth>>()
    return Response.json(session.user)
  }),
)
export const onFetchToo = fetchSession(auth)(async ({ session }) => {
  same<typeof session, SessionOf<typeof auth>>()
  return Response.json(await session.get('cart'))
})
export const onHono = new Hono<SessionEnv<SessionOf<typeof auth>>>()
  .use(honoSession(auth))
  .get('/', async ({ var: { session }, json }) => {
    const cart = await session.get('cart')
    same<typeof cart, string[] | undefined>()
    return json(cart ?? [])
  })
export const onUpgrade = upgrade(auth)(async ({ session }) => {
  const since = await session.get('since')
  same<typeof since, Date | undefined>()
})

export async function others(): Promise<void> {
  const inValibot = handstamp({
    backend,
    data: v.objectAsync({
      theme: v.optional(v.picklist(['light', 'dark']), 'light'),
      since: v.optional(
        v.pipe(
          v.string(),
          v.transform((text) => new Date(text)),
        ),
      ),
    }),
    merge: (anonymous, login) => {
      same<typeof anonymous.theme, 'light' | 'dark' | undefined>()
      return { ...anonymous, ...login }
    },
  })
  const one = {} as SessionOf<typeof inValibot>
  const since = await one.get('since')
  same<typeof since, Date | undefined>()
  await one.set('since', '2030-01-01')
  // @ts-expect-error a typo in a key
  await one.get('sinec')
  // @ts-expect-error claims that are not listed, where none are but the role
  one.claims.plan
  same<typeof one.claims.role, string | undefined>()

  const inArktype = handstamp({
    backend,
    data: type({ theme: "'light' | 'dark' = 'light'", 'since?': 'string.date.iso.parse', 'cart?': 'string[]' }),
  })
  const two = {} as SessionOf<typeof inArktype>
  const theme = await two.get('theme')
  same<typeof theme, 'light' | 'dark' | undefined>()
  const parsed = await two.get('since')
  same<typeof parsed, Date | undefined>()
  await two.set('since', '2030-01-01')
  // @ts-expect-error a typo in a key
  await two.set('tehme', 'dark')
  await inArktype.create({ user: 'ada', data: { theme: 'dark' } })
  // @ts-expect-error a wrong value in the data
  await inArktype.create({ user: 'ada', data: { theme: 'purple' } })
}

export async function withoutSchema(): Promise<void> {
  const plain = handstamp({ backend })
  same<typeof plain, Auth>()
  const one = {} as SessionOf<typeof plain>
  // @ts-expect-error without a schema or a declaration there are no keys
  await one.get('cart')
  // @ts-expect-error nor is anything stored
  await one.set('cart', [])
  const named = handstamp<{ cart: string[] }>({ backend })
  const two = {} as SessionOf<typeof named>
  const cart = await two.get('cart')
  same<typeof cart, string[] | undefined>()
}

// @ts-expect-error an option that is none
handstamp({ backend, sercets: 'x' })
// @ts-expect-error the backend is required
handstamp({})
// @ts-expect-error times are milliseconds, not texts
handstamp({ backend, policy: { idle: '15m' } })
// @ts-expect-error a misspelt type of a claim
handstamp({ backend, claims: { role: 'strng' } })
// @ts-expect-error no presentation
handstamp({ backend, present: 'jwt' })
// @ts-expect-error no schema
handstamp({ backend, data: { cart: 'string[]' } })
// @ts-expect-error a migration gives data
handstamp({ backend, dataVersion: 2, migrate: { 1: () => 'a text' } })
// @ts-expect-error no such level
requireSession({ level: 4 })
// @ts-expect-error no such rule
requireSession({ roles: ['admin'] })
// @ts-expect-error times are milliseconds, not texts
requireSession({ maxAge: '5m' })
