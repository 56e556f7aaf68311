import { type Answer, jarOf } from '../test/laws/client.ts'
import type { Carries } from './contestant.ts'
import type { Driver } from './processes.ts'

/** How many sessions requests are drawn from. */
export const sessions = 10_000

const atOnce = 32

/** What a browser sends along, or an API client for tokens; the same for a contestant and for its bare twin. */
const cookieClient = [
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
  'Accept: application/json',
  'Accept-Language: en-GB,en;q=0.8',
  'Accept-Encoding: gzip, deflate, br',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: cors',
  'Sec-Fetch-Dest: empty',
]
const tokenClient = ['User-Agent: bench/1', 'Accept: application/json']

export function userName(index: number): string {
  return `user${String(index).padStart(4, '0')}`
}

/** Signs in so many users over HTTP, one session each, and gives the header that each of them sends. */
export async function signInAll(
  driver: Driver,
  port: number,
  carries: Carries,
  count: number = sessions,
): Promise<readonly string[]> {
  const users = Array.from({ length: count }, (_, index) => userName(index))
  if (carries === 'nothing') return users.map(() => '')
  await driver.load(
    'sign in',
    users.map((user) => requestOf(port, '', 'POST', `/login?user=${user}`)),
  )
  const once = { set: 'sign in', port, connections: atOnce, for: 'once', seed: 0, status: 200, collect: true } as const
  const { answers, wrong } = await driver.run(once)
  if (wrong !== null) throw new Error(`login was answered ${wrong}`)
  return answers.map((text) => headerOf(answerOf(text), carries))
}

/** An answer out of the bytes of a socket; what is read of it here are its cookies and its body. */
function answerOf(text: string): Answer {
  const end = text.indexOf('\r\n\r\n')
  const lines = text.slice(0, end).split('\r\n').slice(1)
  const cookies = lines.flatMap((line) => (/^set-cookie: /i.test(line) ? [line.slice('set-cookie: '.length)] : []))
  return { status: Number(text.slice(9, 12)), headers: { 'set-cookie': cookies }, body: text.slice(end + 4) }
}

/** The header by which the answer to a login is shown again. */
export function headerOf(answer: Pick<Answer, 'status' | 'headers' | 'body'>, carries: Carries): string {
  if (answer.status !== 200) throw new Error(`login answered ${answer.status}: ${answer.body}`)
  if (carries === 'cookie') return `Cookie: ${jarOf(answer)}`
  const { access_token: token } = JSON.parse(answer.body) as { access_token: string }
  return `Authorization: Bearer ${token}`
}

/** A whole request. The port has five digits, so that a bare server on another one gets as many bytes. */
export function requestOf(port: number, header: string, method: 'GET' | 'POST' = 'GET', path = '/me'): string {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`]
  lines.push(...(header.startsWith('Authorization') ? tokenClient : cookieClient))
  if (header !== '') lines.push(header)
  if (method === 'POST') lines.push('Content-Length: 0')
  return `${lines.join('\r\n')}\r\n\r\n`
}
