import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { collect } from './before-head.ts'

/** Throws what is wrong with the Set-Cookie lines of a response, all of them together. */
export type CheckCookies = (lines: readonly string[]) => void

type AnyFunction = (...args: readonly unknown[]) => unknown

/** What stands behind a guarded response; its methods find it by `this`, so that no function is made for each response (decision 022). */
interface Guarding {
  readonly check: CheckCookies
  readonly setHeader: AnyFunction
  readonly appendHeader: AnyFunction
  readonly writeHead: AnyFunction
  leaving: boolean
}

const guarding: unique symbol = Symbol('handstamp.guarding')

interface Guarded {
  [guarding]: Guarding
  getHeader(name: string): unknown
  setHeader: AnyFunction
  appendHeader: AnyFunction
  writeHead: AnyFunction
}

/**
 * Has the application's cookies checked where it sets them, so that the error appears in its own call: `setHeader`, `appendHeader` and `writeHead` of this one response throw. Never
 * throws while a head leaves by itself, at the end of a pipe for example, where nobody would catch it. Once for each response.
 */
export function guardCookies(response: ServerResponse | Http2ServerResponse, check: CheckCookies): void {
  const guarded = response as unknown as Guarded
  const { setHeader, appendHeader, writeHead } = guarded
  guarded[guarding] = { check, setHeader, appendHeader, writeHead, leaving: false }
  guarded.setHeader = setHeaderChecked
  guarded.appendHeader = appendHeaderChecked
  guarded.writeHead = writeHeadChecked
}

function setHeaderChecked(this: Guarded, name: unknown, value: unknown): unknown {
  const guard = this[guarding]
  if (isSetCookie(name) && !guard.leaving) guard.check(linesOf(value))
  return guard.setHeader.call(this, name, value)
}

function appendHeaderChecked(this: Guarded, name: unknown, value: unknown): unknown {
  const guard = this[guarding]
  if (isSetCookie(name) && !guard.leaving) guard.check(linesOf([this.getHeader('set-cookie') ?? [], value].flat()))
  return guard.appendHeader.call(this, name, value)
}

function writeHeadChecked(this: Guarded, ...args: unknown[]): unknown {
  const guard = this[guarding]
  for (let at = 1; at < args.length; at++) if (!guard.leaving) checkPassed(args[at], guard.check)
  guard.leaving = true
  try {
    return guard.writeHead.apply(this, args)
  } finally {
    guard.leaving = false
  }
}

function checkPassed(headers: unknown, check: CheckCookies): void {
  if (typeof headers !== 'object' || headers === null || !mayHoldCookies(headers)) return
  for (const [name, value] of collect(headers)) if (isSetCookie(name)) check(linesOf(value))
}

function mayHoldCookies(headers: object): boolean {
  if (Array.isArray(headers)) return true
  for (const name in headers) if (isSetCookie(name)) return true
  return false
}

function isSetCookie(name: unknown): boolean {
  return typeof name === 'string' && name.length === 10 && name.toLowerCase() === 'set-cookie'
}

function linesOf(value: unknown): readonly string[] {
  return [value].flat().map(String)
}
