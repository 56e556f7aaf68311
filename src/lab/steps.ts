import type { Outcome } from './attack.ts'
import type { Client, Reply } from './client.ts'

/** What attacks have in common. */
export async function signIn(client: Client, user = 'ada'): Promise<Reply> {
  const reply = await client.send('POST', `/login?user=${user}`)
  if (reply.status !== 200) throw new Error(`${user} could not sign in: ${reply.status} ${reply.reason}`)
  return reply
}

/** Asks who the application takes the client for. */
export async function whoIs(client: Client): Promise<{ readonly user: string | null; readonly seen: string }> {
  return whoseAnswer('GET /me', await client.send('GET', '/me'))
}

/** @throws where the application broke: that is no merit of a defence */
export function whoseAnswer(asked: string, reply: Reply): { readonly user: string | null; readonly seen: string } {
  if (reply.status === 500) throw new Error(`the application broke: ${seenOf(asked, reply)}`)
  const user = reply.status === 200 && typeof reply.json.user === 'string' ? reply.json.user : null
  return { user, seen: seenOf(asked, reply) }
}

/** "GET /me: 401 reuse_detected" */
export function seenOf(asked: string, { status, reason, json }: Reply): string {
  const more = typeof json.user === 'string' ? ` as ${json.user}` : ''
  return `${asked}: ${status}${reason === '' ? more : ` ${reason}`}`
}

export function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}

export function outcome(succeeded: boolean, evidence: string): Outcome {
  return { succeeded, evidence }
}

/** Whether the attacker is taken for the victim. */
export async function asVictim(attacker: Client, user = 'ada'): Promise<Outcome> {
  const { user: taken, seen } = await whoIs(attacker)
  return outcome(taken === user, `The attacker’s ${seen}.`)
}

/** Renews what the client holds: a cookie client in passing, a token client at the token endpoint. */
export async function renew(client: Client): Promise<Reply> {
  const { refresh } = client.held()
  if (refresh === null) return client.send('GET', '/me')
  const form = { grant_type: 'refresh_token', refresh_token: refresh }
  return client.send('POST', '/auth/token', { form, bare: true })
}
