import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type Lane, shown, type Transcript } from './transcript.ts'

/** Request headers that an attack may turn on. */
const asked = [
  'cookie',
  'authorization',
  'origin',
  'sec-fetch-site',
  'content-type',
  'x-auth-user',
  'x-forwarded-for',
] as const
/** What is longer says who it is, and much else. */
const longestBody = 170

const answered = ['set-cookie', 'location', 'content-security-policy', 'x-auth-user', 'retry-after'] as const

/** What a browser of the lab calls itself, so that it can be told whose it is. */
export function userAgentOf(lane: Lane): string {
  return `Chromium of the ${lane}`
}

function ownerOf(userAgent: string | undefined): Lane | null {
  return (['victim', 'attacker'] as const).find((lane) => userAgent === userAgentOf(lane)) ?? null
}

/** The same listener; each request and what was answered is noted. @param sender who sends from this port */
export function recorded(
  listener: RequestListener,
  transcript: Transcript,
  to: Lane,
  sender: (port: number) => Lane,
): RequestListener {
  return (request, response) => {
    const from = ownerOf(request.headers['user-agent']) ?? sender(request.socket.remotePort ?? 0)
    const end = response.end
    let body = ''
    response.end = ((...given: readonly unknown[]) => {
      const [chunk] = given
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) body = Buffer.from(chunk).toString()
      return Reflect.apply(end, response, given)
    }) as ServerResponse['end']
    const lines = linesOf(request)
    response.once('finish', () => {
      const answer = { status: response.statusCode, answer: answerLines(response, body) }
      transcript.add({ kind: 'exchange', from, to, request: lines, ...answer })
    })
    // A stranger may ask it as well: what breaks is an answer, and not the end of the process.
    new Promise((resolve) => resolve(listener(request, response))).catch(() => {
      if (!response.headersSent) response.statusCode = 500
      response.end()
    })
  }
}

function linesOf({ method, url, headers }: IncomingMessage): readonly string[] {
  const given = asked.flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [shown(`${nameOf(name)}: ${String(value)}`)]
  })
  return [shown(`${method} ${url}`), ...given]
}

function answerLines(response: ServerResponse, body: string): readonly string[] {
  const given = answered.flatMap((name) =>
    [response.getHeader(name) ?? []].flat().map((value) => shown(`${nameOf(name)}: ${String(value)}`)),
  )
  const isText = /json|text\/plain/.test(String(response.getHeader('content-type') ?? ''))
  return [...given, ...(isText && body !== '' ? [cut(shown(essence(body)))] : [])]
}

function cut(text: string): string {
  return text.length > longestBody ? `${text.slice(0, longestBody)} …` : text
}

/** Of a problem document its reason is what matters. */
function essence(body: string): string {
  const reason = /"reason":"([a-z_]+)"/.exec(body)?.[1]
  return reason === undefined ? body : `reason: ${reason}`
}

function nameOf(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase())
}
