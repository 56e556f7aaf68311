import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import type { Lane } from './transcript.ts'

/** What somebody holds who is signed in. */
export interface Held {
  readonly cookies: ReadonlyMap<string, string>
  readonly access: string | null
  readonly refresh: string | null
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The body as JSON; an empty object where it is none. */
  readonly json: Readonly<Record<string, unknown>>
  /** The reason of a refusal of ours; an empty text otherwise. */
  readonly reason: string
}

export interface Sending {
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: OutgoingHttpHeaders
  /** Goes without what the client holds. */
  readonly bare?: true
}

/** Where a client sends to. */
export interface Address {
  /** Origin that it believes to talk to: for the Host header. */
  readonly origin: string
  readonly port: number
}

/** A program, or a browser that somebody steers by hand: keeps what it is given and shows it again. Obeys no rule that protects anybody. */
export interface Client {
  readonly lane: Lane
  send(method: string, path: string, sending?: Sending): Promise<Reply>
  /** Does as `send`, and keeps nothing of the answer yet. */
  sendSlowly(method: string, path: string, sending?: Sending): Promise<{ readonly reply: Reply; keep(): void }>
  held(): Held
  /** Takes over what somebody else holds. */
  take(held: Held): void
  /** Throws away what it holds. */
  forget(): void
}

/** @param connected told each port of this machine that it sends from */
export function createClient(lane: Lane, address: Address, connected: (port: number) => void): Client {
  let cookies = new Map<string, string>()
  let access: string | null = null
  let refresh: string | null = null

  /** As a browser sends them from the application's own pages. */
  const ownPage = { origin: address.origin, 'sec-fetch-site': 'same-origin' }

  function headersOf(method: string, { bare, headers = {}, json, form }: Sending): OutgoingHttpHeaders {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return {
      host: new URL(address.origin).host,
      ...(method !== 'GET' && ownPage),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(bare !== true && cookie !== '' && { cookie }),
      ...(bare !== true && access !== null && { authorization: `Bearer ${access}` }),
      ...headers,
    }
  }

  function keep({ headers, json }: Reply): void {
    for (const line of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=;]*)=([^;]*)/.exec(line) ?? []
      if (/max-age=0\b|expires=thu, 01 jan 1970/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    if (typeof json.access_token === 'string') access = json.access_token
    if (typeof json.refresh_token === 'string') refresh = json.refresh_token
  }

  async function sendSlowly(method: string, path: string, sending: Sending = {}) {
    const { json, form } = sending
    const body = json !== undefined ? JSON.stringify(json) : form !== undefined ? `${new URLSearchParams(form)}` : ''
    const reply = await exchange(
      { method, path, port: address.port, headers: headersOf(method, sending), body },
      connected,
    )
    return { reply, keep: () => keep(reply) }
  }

  return {
    lane,
    sendSlowly,
    send: async (method, path, sending) => {
      const { reply } = await sendSlowly(method, path, sending)
      keep(reply)
      return reply
    },
    held: () => ({ cookies: new Map(cookies), access, refresh }),
    take: (held) => {
      cookies = new Map(held.cookies)
      ;({ access, refresh } = held)
    },
    forget: () => {
      cookies.clear()
      access = refresh = null
    },
  }
}

interface Wanted {
  readonly method: string
  readonly path: string
  readonly port: number
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

function exchange({ method, path, port, headers, body }: Wanted, connected: (port: number) => void): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length =
      body === '' && (method === 'GET' || method === 'HEAD') ? {} : { 'content-length': Buffer.byteLength(body) }
    const options = { method, path, port, host: '127.0.0.1', headers: { ...headers, ...length }, agent: false as const }
    const sent = httpRequest(options, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('error', reject)
      answer.on('end', () => resolve(replyOf(answer.statusCode ?? 0, answer.headers, text)))
    })
    sent.on('socket', (socket) => socket.once('connect', () => connected(socket.localPort ?? 0)))
    sent.on('error', reject)
    sent.end(body)
  })
}

function replyOf(status: number, headers: IncomingHttpHeaders, body: string): Reply {
  const json = objectOf(body)
  return { status, headers, body, json, reason: typeof json.reason === 'string' ? json.reason : '' }
}

function objectOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
