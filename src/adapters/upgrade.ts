import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Arrival, arrive, faultAnswer } from '../http/arrival.ts'
import { type AnyAuth, insideOf, type SessionOf } from '../http/auth.ts'
import type { Guard } from '../http/gate.ts'
import { checkedGuard } from '../http/guard-rules.ts'
import { guardAnswer } from '../http/guarding.ts'
import type { HeaderLine } from '../http/header-lines.ts'
import type { Answer } from '../http/problem.ts'
import { pickHead } from './node-head.ts'

/** A listener for the event `upgrade` of a Node server. */
export type UpgradeListener<Request> = (request: Request, socket: Duplex, head: Buffer) => void | Promise<void>

/**
 * For WebSockets on Node: `server.on('upgrade', upgrade(auth)((request, socket, head) => …))`, whatever framework answers the rest and whatever library speaks the protocol.
 *
 * The handshake is checked like an unsafe request, because browsers let every page open a WebSocket with the cookies of this one; a renewed pair leaves with the 101.
 * The session is judged once: it does NOT close the socket when the session ends later.
 *
 * @param rules who may connect (anybody, also anonymous)
 * Cost: none for a request whose snapshot stands; a renewal otherwise.
 */
export function upgrade<Given extends AnyAuth>(
  auth: Given,
  rules: Guard | null = null,
): (
  listener: UpgradeListener<IncomingMessage & { readonly session: SessionOf<Given> }>,
) => UpgradeListener<IncomingMessage> {
  insideOf(auth)
  const guard = rules === null ? null : checkedGuard(rules)
  return (listener) => (request, socket, head) => {
    const requestHead = pickHead(request)
    const hangUp = (): void => void socket.destroy()
    socket.on('error', hangUp)
    const fail = (error: unknown): void => {
      const answer = faultAnswer(requestHead, error)
      if (answer === null) process.emitWarning(error instanceof Error ? error : String(error), 'HandstampHandler')
      if (socket.writable) refuse(socket, answer ?? internalError)
    }
    const conclude = (arrival: Arrival): void | Promise<void> => {
      if (arrival.kind === 'answer') return refuse(socket, arrival.answer)
      const { visit } = arrival
      const answer = guard === null ? null : guardAnswer(visit, guard)
      if (answer !== null) return refuse(socket, answer)
      socket.off('error', hangUp)
      beforeFirstLine(socket, () => visit.leave())
      return listener(Object.assign(request, { session: visit.session as SessionOf<Given> }), socket, head)
    }
    Promise.resolve()
      .then(() => arrive(auth, requestHead, 'in passing'))
      .then(conclude)
      .catch(fail)
  }
}

const internalError: Answer = { status: 500, headers: [['Content-Type', 'text/plain']], body: 'Internal Server Error' }

/** Writes a whole answer in place of the 101, and closes. */
function refuse(socket: Duplex, { status, headers, body }: Answer): void {
  const lines = [...headers, ['Content-Length', String(Buffer.byteLength(body))], ['Connection', 'close']]
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n${head}\r\n${body}`)
}

function reasonPhrase(status: number): string {
  return status < 500 ? 'Refused' : 'Unavailable'
}

/** Adds header lines below the status line of the response head that somebody else is about to write to this socket. */
function beforeFirstLine(socket: Duplex, provide: () => readonly HeaderLine[]): void {
  const { write, end } = socket
  const own = Object.getOwnPropertyDescriptors(socket)
  const restore = (): void => {
    for (const name of ['write', 'end'] as const) {
      const before = own[name]
      if (before === undefined) Reflect.deleteProperty(socket, name)
      else Object.defineProperty(socket, name, before)
    }
  }
  const withLines = (chunk: unknown): unknown => {
    const text = Buffer.isBuffer(chunk) ? chunk.toString('latin1') : chunk
    if (typeof text !== 'string' || !text.startsWith('HTTP/1.1 ')) return chunk
    restore()
    const lineEnd = text.indexOf('\r\n') + 2
    if (lineEnd < 2) return chunk
    const lines = provide().map(([name, value]) => `${name}: ${value}\r\n`)
    return Buffer.from(text.slice(0, lineEnd) + lines.join('') + text.slice(lineEnd), 'latin1')
  }
  const hook = (original: unknown) =>
    function hooked(first?: unknown, ...rest: unknown[]): unknown {
      // The encoding that was given for the text is latin1's by now.
      return Reflect.apply(original as () => unknown, socket, [withLines(first), ...rest])
    }
  Object.assign(socket, { write: hook(write), end: hook(end) })
}
