// Compiled, never run. For frameworks that declare the request's session once for all, types are merged in by the package's own name.
import express from 'express'
import fastify from 'fastify'
import { handstamp, memory, type RequestSession } from 'handstamp'
import { session } from 'handstamp/express'
import { session as fastifySession } from 'handstamp/fastify'
import { z } from 'zod'
import { same } from '../expect.ts'

const schema = z.object({ cart: z.array(z.string()).default([]), visits: z.number().optional() })

declare module 'handstamp' {
  interface SessionData extends z.infer<typeof schema> {}
  interface SessionClaims {
    readonly plan: 'string'
  }
}

const auth = handstamp({ backend: memory(), data: schema, claims: { role: 'string', plan: 'string' } })

export const app = express()
app.use(session(auth))
app.post('/', async ({ session }, response) => {
  same<typeof session, RequestSession>()
  const cart = await session.get('cart')
  same<typeof cart, string[] | undefined>()
  await session.set('visits', 1)
  // @ts-expect-error a typo in a key
  await session.get('crat')
  // @ts-expect-error a wrong value
  await session.set('visits', 'many')
  // @ts-expect-error a typo in a claim
  session.claims.plam
  same<typeof session.claims.plan, string | undefined>()
  await session.login({ user: 'ada', data: { visits: 1 }, claims: { plan: 'free' } })
  // @ts-expect-error a typo in the data
  await session.login({ user: 'ada', data: { visist: 1 } })
  response.json(cart)
})

export const other = fastify()
other.register(fastifySession(auth))
other.get('/', async ({ session }) => {
  const cart = await session.get('cart')
  same<typeof cart, string[] | undefined>()
  // @ts-expect-error a typo in a key
  return session.get('crat')
})
