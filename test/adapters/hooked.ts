import assert from 'node:assert/strict'
import { beforeHead } from '../../src/adapters/before-head.ts'
import type { HeaderLine } from '../../src/http/header-lines.ts'
import type { Response } from './endings.ts'
import { type Seen, visit1, visit2 } from './wire.ts'

type Handler = (response: Response) => unknown

export const ourCookies = ['session=1; Path=/; HttpOnly', 'snapshot=2; Path=/']
export const ours: readonly HeaderLine[] = [
  ['Set-Cookie', 'session=1; Path=/; HttpOnly'],
  ['Cache-Control', 'no-store'],
  ['Set-Cookie', 'snapshot=2; Path=/'],
  ['Vary', 'Cookie'],
]

/** What the tests, our lines and Node put into a head. */
const known = [
  ...[':status', 'set-cookie', 'cache-control', 'vary', 'x-app', 'x-two', 'location', 'retry-after', 'content-type'],
  ...['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'date'],
]

/** Serves both versions of HTTP. */
export function both(handler: Handler, method?: string): Promise<readonly Seen[]> {
  return Promise.all([
    visit1((_request, response) => void handler(response as Response), method),
    visit2((response) => handler(response as Response), method),
  ])
}

/** The same with our hook in front; checks that our lines came, once and last, and that `provide` was called once. */
export async function hooked(handler: Handler, method?: string): Promise<readonly Seen[]> {
  let calls = 0
  const visits = await both((response) => {
    beforeHead(response, () => {
      calls++
      assert.equal(response.headersSent, false)
      return ours
    })
    return handler(response)
  }, method)
  assert.equal(calls, visits.length)
  return visits.map((seen) => {
    assert.deepEqual(seen.cookies.slice(-2), ourCookies)
    assert.deepEqual(seen.header('cache-control'), ['no-store'])
    assert.deepEqual(
      seen.names.filter((name) => !known.includes(name)),
      [],
    )
    return { ...seen, cookies: seen.cookies.slice(0, -2) }
  })
}
