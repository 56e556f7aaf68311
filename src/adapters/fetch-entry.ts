import { isFault } from '../base/fault.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import { faultAnswer } from '../http/arrival.ts'
import { longestBody } from '../http/body.ts'
import { addLines, type HeaderLine } from '../http/header-lines.ts'
import type { Answer } from '../http/problem.ts'
import type { Visit } from '../http/visit.ts'

/** A whole answer as a Response. */
export function toResponse({ status, headers, body }: Answer): Response {
  // Headers from the start, and no empty text: a text gets a Content-Type of its own otherwise.
  const lines = headers.map(([name, value]): [string, string] => [name, value])
  return new Response(body === '' ? null : body, { status, headers: lines })
}

/** The response as it leaves: with what the visit adds to its head, or 500 in its place where it sets a cookie that browsers would not keep. */
export function leaving(visit: Visit, response: Response): Response {
  try {
    const cookies = response.headers.getSetCookie()
    if (cookies.length > 0) visit.checkCookies(cookies)
    return withLines(response, visit.leave())
  } catch (error) {
    return withLines(answerThrown(visit, error), visit.leave())
  }
}

/** A response whose headers cannot be changed is made anew around the same body. */
export function withLines(response: Response, lines: readonly HeaderLine[]): Response {
  // 101: the platform writes that head itself.
  if (lines.length === 0 || response.status < 200) return response
  const open = isOpen(response.headers) ? response : new Response(response.body, response)
  const { headers } = open
  addLines(
    {
      get: (name) => (name.toLowerCase() === 'set-cookie' ? headers.getSetCookie() : [headers.get(name) ?? '']),
      set: (name, value) => {
        if (typeof value === 'string') return headers.set(name, value)
        headers.delete(name)
        for (const line of value) headers.append(name, line)
      },
    },
    lines,
  )
  return open
}

/** Responses of `Response.redirect()` and `fetch()` refuse every change. */
function isOpen(headers: Headers): boolean {
  try {
    headers.delete('x-handstamp')
    return true
  } catch {
    return false
  }
}

/** The answer to what a handler has thrown: from the table of reasons, or 500 and a process warning. */
export function answerThrown({ head }: Pick<Visit, 'head'>, error: unknown): Response {
  const answer = faultAnswer(head, error)
  if (answer !== null) return toResponse(answer)
  const warning = error instanceof Error && !isFault(error) ? error : String(error)
  process.emitWarning(warning, 'HandstampHandler')
  return new Response('Internal Server Error', { status: 500, headers: { 'Content-Type': 'text/plain' } })
}

/** The whole body of a small request. @returns or refuses: `oversized_body`, `malformed_body` when it was read before or the client went away */
export async function readFetchBody(request: Request): Promise<Check<Uint8Array>> {
  if (request.bodyUsed) return refuse('malformed_body')
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.length
      // The rest is read and thrown away, so that the client gets to see the answer.
      if (length <= longestBody) chunks.push(chunk)
      else if (length > longestBody * 64) break
    }
  } catch {
    return refuse('malformed_body')
  }
  return length > longestBody ? refuse('oversized_body') : accept(Buffer.concat(chunks))
}
