import { type Answer, connect, jarOf } from '../test/laws/client.ts'
import type { Carries } from './contestant.ts'

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
export async function signInAll(port: number, carries: Carries, count: number = sessions): Promise<readonly string[]> {
  if (carries === 'nothing') return Array.from({ length: count }, () => '')
  const client = connect(`http://127.0.0.1:${port}`)
  const headers = new Array<string>(count)
  let next = 0
  const work = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const answer = await client.ask('POST', `/login?user=${userName(index)}`)
      headers[index] = headerOf(answer, carries)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  client.close()
  return headers
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
