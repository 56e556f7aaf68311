import assert from 'node:assert/strict'
import type { RequestHead } from '../../src/base/head.ts'
import type { Reason } from '../../src/base/reasons.ts'
import { type Carries, checkCsrf } from '../../src/http/csrf.ts'
import { defineOrigin, type OriginRules } from '../../src/http/origin.ts'

export type Verdict = Reason | 'passes'
export type Lines = Readonly<Record<string, string | readonly string[]>>

export const own = 'https://example.com'
export const sibling = 'https://app.example.com'
export const rules = defineOrigin({ origin: own, trustedOrigins: [sibling], production: true }).rules
export const unknown = defineOrigin({ trustedOrigins: [sibling], production: true }).rules
export const anonymous: Carries = { sessionCookie: false, authorization: false }
export const withCookie: Carries = { sessionCookie: true, authorization: false }
export const withToken: Carries = { sessionCookie: true, authorization: true }

export const safeMethods = ['GET', 'HEAD', 'OPTIONS', 'TRACE']
export const unsafeMethods = ['POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'PROPFIND', 'QUERY', 'get', 'Head', '']
export const everyMethod = [...safeMethods, ...unsafeMethods]
export const everyCarries = [anonymous, withCookie]

export function valuesOf(lines: Lines, name: string): readonly string[] {
  return [lines[name] ?? []].flat()
}

export function headOf(method: string, lines: Lines, target = '/'): RequestHead {
  return {
    method,
    target,
    header: (name) => (valuesOf(lines, name).length === 0 ? undefined : valuesOf(lines, name).join(', ')),
    count: (name) => valuesOf(lines, name).length,
    peer: '203.0.113.9',
    encrypted: true,
  }
}

/** The same where only the first of several lines is shown. */
export function firstOf(method: string, lines: Lines, target = '/'): RequestHead {
  return { ...headOf(method, lines, target), header: (name) => valuesOf(lines, name)[0] }
}

export function judge(
  method: string,
  lines: Lines,
  carries: Carries = withCookie,
  by: OriginRules = rules,
  target = '/',
): Verdict {
  const check = checkCsrf(headOf(method, lines, target), by, carries)
  const ofFirst = checkCsrf(firstOf(method, lines, target), by, carries)
  assert.deepEqual(ofFirst, check, 'the same where only the first of several lines is shown')
  return check.ok ? 'passes' : check.reason
}

/** Asserts the verdict for every unsafe method, and that safe ones pass. */
export function holds(
  lines: Lines,
  verdict: Verdict,
  carries: readonly Carries[] = everyCarries,
  by: OriginRules = rules,
): void {
  for (const one of carries) {
    for (const method of unsafeMethods)
      assert.equal(judge(method, lines, one, by), verdict, `${method} ${JSON.stringify(one)}`)
    for (const method of safeMethods) assert.equal(judge(method, lines, one, by), 'passes', method)
  }
}

/** What is not our origin, however much it looks like it. */
export const foreignOrigins = [
  'null',
  'NULL',
  '',
  '*',
  'https://evil.example',
  'https://example.com.evil',
  'https://example.com.evil.example',
  'https://evilexample.com',
  'https://evil-example.com',
  'https://www.example.com',
  'https://example.co',
  'https://example.comm',
  'https://xample.com',
  'https://com',
  'http://example.com',
  'ws://example.com',
  'ftp://example.com',
  'https:example.com',
  '//example.com',
  'example.com',
  'https://example.com:80',
  'https://example.com:443',
  'https://example.com:8443',
  'https://example.com:',
  'http://example.com:443',
  'https://Example.com',
  'HTTPS://example.com',
  'https://EXAMPLE.COM',
  'https://example.com.',
  'https://example.com..',
  'https://example.com/',
  'https://example.com/x',
  'https://example.com?',
  'https://example.com#',
  'https://user@example.com',
  'https://user:pass@example.com',
  'https://example.com@evil.example',
  'https://example.com:x@evil.example',
  'https://evil.example\\@example.com',
  'https://evil.example/https://example.com',
  'https://evil.example#https://example.com',
  'https://example.com evil.example',
  'https://example.com\t',
  ' https://example.com ',
  'https://example.com, https://evil.example',
  'https://example.com, https://example.com',
  'https://example.com,https://app.example.com',
  'https://exаmple.com',
  'https://xn--exmple-4nf.com',
  'https://ｅxample.com',
  'https://example。com',
  'https://ex%61mple.com',
  'https://[::1]',
  'https://[::ffff:7f00:1]',
  'https://127.0.0.1',
  'https://2130706433',
  'https://evil.app.example.com',
  'https://app.example.com.evil',
  'https://app.example.com:8443',
  'http://app.example.com',
  'https://App.example.com',
  'https://app.example.com.',
  'https://user@app.example.com',
  'chrome-extension://abcdefgh',
  'file://',
  'data:text/html,x',
  'about:blank',
  'blob:https://example.com',
  'javascript:0',
]
