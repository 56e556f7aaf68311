import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { collect } from './before-head.ts'

/** Throws what is wrong with the Set-Cookie lines of a response, all of them together. */
export type CheckCookies = (lines: readonly string[]) => void

/**
 * Has the application's cookies checked where it sets them, so that the error appears in its own call: `setHeader`, `appendHeader` and `writeHead` of this one response throw. Never
 * throws while a head leaves by itself, at the end of a pipe for example, where nobody would catch it.
 */
export function guardCookies(response: ServerResponse | Http2ServerResponse, check: CheckCookies): void {
  let leaving = false
  const { setHeader, appendHeader, writeHead } = response

  function checked(name: unknown, lines: () => unknown): void {
    if (leaving || typeof name !== 'string' || name.length !== 10 || name.toLowerCase() !== 'set-cookie') return
    check([lines()].flat().map(String))
  }

  function checkPassed(headers: unknown): void {
    if (typeof headers !== 'object' || headers === null) return
    for (const [name, value] of collect(headers)) checked(name, () => value)
  }

  Object.assign(response, {
    setHeader: (name: unknown, value: unknown): unknown => {
      checked(name, () => value)
      return Reflect.apply(setHeader, response, [name, value])
    },
    appendHeader: (name: unknown, value: unknown): unknown => {
      checked(name, () => [response.getHeader('set-cookie') ?? [], value].flat())
      return Reflect.apply(appendHeader, response, [name, value])
    },
    writeHead: (...args: unknown[]): unknown => {
      for (const headers of args.slice(1)) checkPassed(headers)
      leaving = true
      try {
        return Reflect.apply(writeHead, response, args)
      } finally {
        leaving = false
      }
    },
  })
}
