import { type OutgoingHttpHeader, ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { addLines, type HeaderLine, type OutgoingHead } from '../http/header-lines.ts'

/**
 * Adds headers at the last moment: calls `provide` once, when the final head of the response is about to leave, in whatever way the
 * application ends it. Interim answers (1xx) are none of its business.
 *
 * Set-Cookie lines are added to the application's, Vary is merged with the application's, every other name is replaced. Headers that
 * the application passes to `writeHead` keep Node's meaning: they replace those of the same name that were set before.
 *
 * HTTP/1: stands in for `writeHead` of this one response, which Node itself calls for every implicit head. A hook that was there before
 * may set headers after ours have been added; ours are then put back. HTTP/2: stands in for the `respond` methods of its stream, below
 * every hook of the response.
 *
 * Whatever `provide` throws reaches whoever ends the response, who can then answer without our headers; where HTTP/2 cannot end a response
 * twice, the stream is closed with an error, so that the client is not left waiting.
 */
export function beforeHead(response: ServerResponse | Http2ServerResponse, provide: () => readonly HeaderLine[]): void {
  const lines = once(provide)
  if ('stream' in response && !(response instanceof ServerResponse)) hookStream(response, lines)
  else hookWriteHead(response, lines)
}

/** Once it has thrown, there are none. An app that answers again after an error gets the same lines again, not a second call. */
function once(provide: () => readonly HeaderLine[]): () => readonly HeaderLine[] {
  let lines: readonly HeaderLine[] | undefined
  return () => {
    if (lines === undefined) {
      lines = []
      lines = provide()
    }
    return lines
  }
}

/** What stands behind a hooked response; `writeHead` finds it by `this`, so that no function is made for each response (decision 022). */
interface Hook {
  readonly provide: () => readonly HeaderLine[]
  readonly previous: WriteHead
}

type WriteHead = (...args: unknown[]) => ServerResponse

const hook: unique symbol = Symbol('handstamp.hook')

type Hooked = ServerResponse & { [hook]: Hook }

function hookWriteHead(response: ServerResponse, provide: () => readonly HeaderLine[]): void {
  const hooked = response as ServerResponse & { [hook]?: Hook }
  const previous = response.writeHead as unknown as WriteHead
  // A second hook of ours must not take the place of the first one: it gets functions of its own.
  const writeHead = hook in response ? again(response, { provide, previous }) : writeHeadWithLines
  if (writeHead === writeHeadWithLines) hooked[hook] = { provide, previous }
  hooked.writeHead = writeHead as unknown as ServerResponse['writeHead']
  // Node's old alias; it would pass by the hook.
  ;(hooked as { writeHeader?: unknown }).writeHeader = writeHead
}

function again(response: ServerResponse, second: Hook): WriteHead {
  return (...args) => leaveWithLines(response, second, args)
}

function writeHeadWithLines(this: Hooked, ...args: unknown[]): ServerResponse {
  return leaveWithLines(this, this[hook], args)
}

const native = ServerResponse.prototype.writeHead as unknown as WriteHead

function leaveWithLines(response: ServerResponse, { provide, previous }: Hook, args: unknown[]): ServerResponse {
  if (response.headersSent) return previous.apply(response, args)
  const lines = provideAfresh(response, provide)
  const [status, first, second] = args
  const headers = typeof first === 'string' ? second : (second ?? first)
  if (lines.length === 0 || isUneven(headers)) return previous.apply(response, args)
  const rest = typeof first === 'string' ? [status, first] : [status]
  const plain = previous === native ? plainHeaders(response, headers, lines) : null
  if (plain !== null) return previous.call(response, ...rest, plain)
  for (const [name, value] of collect(headers)) response.setHeader(name, value)
  addLines(headOf(response), lines)
  return previous === native
    ? previous.apply(response, rest)
    : guard(response, lines, () => previous.apply(response, rest))
}

/**
 * For the common head: what Node's own `writeHead` is to be given, without a detour over `setHeader`. Null where a name of ours is already there, where there are cookies to add, or
 * where the headers are a list.
 */
function plainHeaders(response: ServerResponse, headers: unknown, lines: readonly HeaderLine[]): object | null {
  if (Array.isArray(headers)) return null
  for (const [name] of lines) if (name === 'Set-Cookie' || response.hasHeader(name)) return null
  for (const name in headers as object) if (isNameOf(lines, name)) return null
  const plain: Record<string, unknown> = { ...(headers as object) }
  for (const [name, value] of lines) plain[name] = value
  return plain
}

function isNameOf(lines: readonly HeaderLine[], name: string): boolean {
  for (const [own] of lines) if (own.length === name.length && own.toLowerCase() === name.toLowerCase()) return true
  return false
}

function provideAfresh(response: ServerResponse, provide: () => readonly HeaderLine[]): readonly HeaderLine[] {
  try {
    return provide()
  } catch (error) {
    // `end` has already noted the length of the body that will not be sent; the answer to the error has its own.
    Object.assign(response, { _contentLength: null })
    throw error
  }
}

function headOf(response: ServerResponse): OutgoingHead {
  const setHeader = response.setHeader
  return {
    get: (name) => listOf(response.getHeader(name)).map(String),
    set: (name, value) => Reflect.apply(setHeader, response, [name, value]),
  }
}

/** While `leave` runs, ours are put back after every change of a header. */
function guard<T>(response: ServerResponse, lines: readonly HeaderLine[], leave: () => T): T {
  const head = headOf(response)
  const restore = (['setHeader', 'appendHeader', 'removeHeader'] as const).map((name) => {
    const own = Object.getOwnPropertyDescriptor(response, name)
    const original: unknown = response[name]
    const guarded = (...args: unknown[]): unknown => {
      const result: unknown = Reflect.apply(original as () => unknown, response, args)
      addLines(head, lines)
      return result
    }
    Object.assign(response, { [name]: guarded })
    return () =>
      own === undefined ? Reflect.deleteProperty(response, name) : Object.defineProperty(response, name, own)
  })
  try {
    return leave()
  } finally {
    for (const undo of restore) undo()
  }
}

function hookStream(response: Http2ServerResponse, provide: () => readonly HeaderLine[]): void {
  const { stream } = response
  const hook = (method: 'respond' | 'respondWithFD' | 'respondWithFile', at: number): void => {
    const original: unknown = stream[method]
    const hooked = (...args: unknown[]): unknown => {
      const late = stream.headersSent || stream.destroyed || stream.closed
      if (!late) args[at] = withLines(args[at], provideOrClose(response, provide))
      return Reflect.apply(original as () => unknown, stream, args)
    }
    Object.assign(stream, { [method]: hooked })
  }
  hook('respond', 0)
  hook('respondWithFD', 1)
  hook('respondWithFile', 1)
}

function provideOrClose(response: Http2ServerResponse, provide: () => readonly HeaderLine[]): readonly HeaderLine[] {
  try {
    return provide()
  } catch (error) {
    if (response.writableEnded) response.stream.destroy(error instanceof Error ? error : new Error('beforeHead failed'))
    throw error
  }
}

function withLines(headers: unknown, lines: readonly HeaderLine[]): unknown {
  if (lines.length === 0) return headers
  const fields = new Map([...collect(headers)].map(([name, value]) => [name.toLowerCase(), value]))
  const head: OutgoingHead = {
    get: (name) => listOf(fields.get(name.toLowerCase())).map(String),
    set: (name, value) => fields.set(name.toLowerCase(), value),
  }
  addLines(head, lines)
  const result: Record<string | symbol, unknown> = Object.assign(Object.create(null), Object.fromEntries(fields))
  for (const symbol of Object.getOwnPropertySymbols(headers ?? {}))
    result[symbol] = Reflect.get(Object(headers), symbol)
  return result
}

/** A flat list with a name that has no value: left as it is, for Node to complain. */
function isUneven(headers: unknown): boolean {
  return Array.isArray(headers) && !Array.isArray(headers[0]) && headers.length % 2 !== 0
}

/**
 * The fields of what `writeHead` takes: an object, a flat list of names and values, or a list of pairs. In a list a name may stand
 * several times; in an object the last spelling of a name counts, except for Set-Cookie.
 */
export function collect(headers: unknown): Iterable<[name: string, value: OutgoingHttpHeader]> {
  const fields = new Map<string, [string, OutgoingHttpHeader]>()
  for (const [name, value] of pairsOf(headers)) {
    const lower = String(name).toLowerCase()
    const held = fields.get(lower)
    const several = held !== undefined && (Array.isArray(headers) || lower === 'set-cookie')
    fields.set(lower, several ? [held[0], [...listOf(held[1]), ...listOf(value)].map(String)] : [name, value])
  }
  return fields.values()
}

function pairsOf(headers: unknown): readonly (readonly [string, OutgoingHttpHeader])[] {
  if (!Array.isArray(headers)) return Object.entries(headers ?? {})
  if (Array.isArray(headers[0])) return headers
  return Array.from({ length: headers.length / 2 }, (_, index) => [headers[2 * index], headers[2 * index + 1]])
}

function listOf(value: OutgoingHttpHeader | undefined): readonly (string | number)[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}
