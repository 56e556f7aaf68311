import { Agent, type IncomingHttpHeaders, request as send } from 'node:http'

/** An answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Asked {
  readonly cookie?: string | undefined
  readonly bearer?: string | undefined
  /** Fields of a form. */
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

/** A client of one server that keeps nothing but its connections. */
export interface Client {
  /** Rejects when the connection broke before the whole answer was there. */
  ask(method: string, path: string, asked?: Asked): Promise<Answer>
  close(): void
}

/** No request of these tests may take longer; one that does hangs. */
export const longestAnswer = 20_000

/** @param url e.g. `http://127.0.0.1:8080`; unsafe requests name it as their Origin, like a page of the application does */
export function connect(url: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const { hostname, port } = new URL(url)

  function ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const body = asked.form === undefined ? null : new URLSearchParams(asked.form).toString()
    const headers = { ...headersOf(asked, body), ...(method === 'GET' ? {} : { origin: url }), ...asked.headers }
    return new Promise((resolve, reject) => {
      const request = send({ agent, hostname, port, method, path, headers, timeout: longestAnswer }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const { statusCode: status = 0, headers: received, complete } = response
          if (complete) resolve({ status, headers: received, body: Buffer.concat(chunks).toString() })
          else reject(new Error('the answer was cut off'))
        })
      })
      request.on('error', reject)
      request.on('timeout', () => request.destroy(new Error(`${method} ${path} has hung for ${longestAnswer} ms`)))
      request.end(body)
    })
  }

  return { ask, close: () => agent.destroy() }
}

function headersOf({ cookie, bearer }: Asked, body: string | null): Record<string, string | number> {
  return {
    ...(cookie !== undefined && cookie !== '' && { cookie }),
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    ...(body === null
      ? { 'content-length': 0 }
      : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }),
  }
}

/** The cookies that an answer sets, by name; a deleted one is ''. */
export function cookiesOf({ headers }: Pick<Answer, 'headers'>): ReadonlyMap<string, string> {
  const lines = (headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0] ?? '')
  return new Map(lines.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}

/** The Cookie header that a browser would send back. */
export function jarOf(answer: Pick<Answer, 'headers'>): string {
  return [...cookiesOf(answer)]
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
}

/** One cookie out of a Cookie header. */
export function onlyCookie(jar: string, name: string): string {
  return jar.split('; ').find((pair) => pair.startsWith(`${name}=`)) ?? ''
}

export const sessionCookie = '__Host-session'
export const snapshotCookie = '__Host-snapshot'
