import assert from 'node:assert/strict'
import type { Locator } from 'playwright-core'
import { copyOf, type HeldCookie, type Person } from '../support/browser.ts'
import type { Account, ServerProcess } from './server-process.ts'

export interface SignIn {
  /** (the server's own name for itself) */
  readonly url?: string
  /** (the demo account) */
  readonly account?: Account
  readonly remember?: boolean
  readonly next?: string
}

/** Signs in through the page, and waits until the browser has gone on. */
export async function signIn(person: Person, server: ServerProcess, how: SignIn = {}): Promise<void> {
  const { page } = person
  const { url = server.url, account = server.demo, remember = false, next } = how
  await page.goto(`${url}/login${next === undefined ? '' : `?next=${encodeURIComponent(next)}`}`)
  await page.getByLabel('Name').fill(account.username)
  await page.getByLabel('Password').fill(account.password)
  if (remember) await page.getByLabel('Keep me signed in on this device').check()
  await Promise.all([
    page.waitForURL((to) => to.pathname !== '/login'),
    page.getByRole('button', { name: 'Sign in' }).click(),
  ])
}

/** Signs in without a page, where that is not what is looked at; the browser then holds the cookies. */
export async function comeSignedIn({ context }: Person, server: ServerProcess): Promise<void> {
  const answer = await context.request.post(`${server.url}/login`, { form: { ...server.demo } })
  assert.equal(answer.status(), 200)
}

/** A program without cookies of its own: sends what it is told, follows no redirect. Knows no names: only a browser finds `app.localhost`. */
export function raw(url: string, init: RequestInit = {}): Promise<Response> {
  const numeric = new URL(url)
  numeric.hostname = '127.0.0.1'
  return fetch(numeric, { redirect: 'manual', ...init })
}

/** Whom the server takes somebody for who sends these cookies: the status and the reason, or the session. */
export async function replay(
  url: string,
  cookies: readonly HeldCookie[],
): Promise<{ readonly status: number; readonly answer: Readonly<Record<string, unknown>> }> {
  assert.ok(cookies.length > 0, 'there is something to replay')
  const response = await raw(`${url}/session`, { headers: { cookie: copyOf(cookies) } })
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> }
}

/** That a copy of these cookies is good for nothing: the pair, and each of the two alone. */
export async function assertDead(url: string, cookies: readonly HeldCookie[], reason: string): Promise<void> {
  const { status, answer } = await replay(url, cookies)
  assert.deepEqual([status, answer.reason], [401, reason])
  for (const cookie of cookies) assert.equal((await replay(url, [cookie])).status, 401, cookie.name)
}

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}

/** A script signs in: a token answer, and no cookie. */
export async function takeTokens(server: ServerProcess, agent = 'curl/8.14.1'): Promise<Tokens> {
  const response = await raw(`${server.url}/login`, {
    method: 'POST',
    headers: { 'user-agent': agent },
    body: new URLSearchParams({ ...server.demo, present: 'token' }),
  })
  assert.equal(response.status, 200)
  assert.deepEqual(response.headers.getSetCookie(), [])
  return (await response.json()) as Tokens
}

/** The ids of the sessions of whoever holds these cookies. */
export async function sessionIds(url: string, cookies: readonly HeldCookie[]): Promise<readonly string[]> {
  const response = await raw(`${url}/sessions`, { headers: { cookie: copyOf(cookies) } })
  assert.equal(response.status, 200)
  const { sessions } = (await response.json()) as { sessions: readonly { readonly id: string }[] }
  return sessions.map(({ id }) => id).toSorted()
}

/** Words as somebody reads them. */
export async function wordsOf(locator: Locator): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not read
  return (await locator.innerText()).replaceAll(/\s+/g, ' ')
}

/** Words of the whole page. */
export function words({ page }: Person): Promise<string> {
  return wordsOf(page.locator('body'))
}

/** That the browser had nothing to complain about and asked no other host than this. */
export function assertQuiet(person: Person, url: string): void {
  assert.deepEqual(person.complaints, [])
  assert.deepEqual([...person.hosts], [new URL(url).host])
}
