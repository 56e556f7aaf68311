import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RequestHead } from '../../src/base/head.ts'
import { type Cors, type CorsOptions, defineCors } from '../../src/http/cors.ts'

const sibling = 'https://app.example.com'
const client = 'https://client.example'
const open = defineCors({ credentials: [sibling], tokens: [client], headers: ['Idempotency-Key'], exposes: ['ETag'] }, [
  sibling,
])

function headOf(method: string, lines: Readonly<Record<string, string | readonly string[]>>): RequestHead {
  const valuesOf = (name: string): readonly string[] => [lines[name] ?? []].flat()
  return {
    method,
    target: '/me',
    header: (name) => (valuesOf(name).length === 0 ? undefined : valuesOf(name).join(', ')),
    count: (name) => valuesOf(name).length,
    peer: '203.0.113.9',
    encrypted: true,
  }
}

/** As some runtimes tell: only the first of several lines. */
function firstOnly(head: RequestHead, first: string): RequestHead {
  return { ...head, header: (name) => (name === 'origin' ? first : head.header(name)) }
}

function linesOf(cors: Cors, origin?: string | readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(cors.lines(headOf('GET', origin === undefined ? {} : { origin })))
}

const method = 'access-control-request-method'

/** What looks like a listed origin, and what listings elsewhere let through. */
const foreign = [
  'null',
  '',
  '*',
  'https://evil.example',
  'https://example.com',
  'https://app.example.com.evil.example',
  'https://evilapp.example.com',
  'https://evil.app.example.com',
  'https://app.example.comevil',
  'https://app.example.com.',
  'https://app.example.com/',
  'https://app.example.com:443',
  'https://app.example.com:8443',
  'https://App.example.com',
  'HTTPS://app.example.com',
  'http://app.example.com',
  'https://user@app.example.com',
  'https://app.example.com@evil.example',
  'https://app.example.com, https://evil.example',
  'https://app.example.com https://evil.example',
  'https://app_example.com',
  'https://appXexample.com',
  'https://app.example.com%60.evil.example',
  'file://',
  'chrome-extension://abcdefgh',
]

describe('X7 CORS', () => {
  test('X7 a listed origin is named, with credentials only where it is listed for them', () => {
    assert.deepEqual(open.findings, [])
    const exposed = { 'Access-Control-Expose-Headers': 'WWW-Authenticate, Retry-After, ETag', Vary: 'Origin' }
    assert.deepEqual(linesOf(open.cors, sibling), {
      'Access-Control-Allow-Origin': sibling,
      'Access-Control-Allow-Credentials': 'true',
      ...exposed,
    })
    assert.deepEqual(linesOf(open.cors, client), { 'Access-Control-Allow-Origin': client, ...exposed })
  })

  test('X7 nothing else is ever named, and caches are told', () => {
    for (const origin of foreign) assert.deepEqual(linesOf(open.cors, origin), { Vary: 'Origin' }, origin)
    assert.deepEqual(linesOf(open.cors), { Vary: 'Origin' })
    assert.deepEqual(linesOf(open.cors, [sibling, sibling]), { Vary: 'Origin' })
    assert.deepEqual(linesOf(open.cors, [sibling, 'https://evil.example']), { Vary: 'Origin' })
    const two = firstOnly(headOf('OPTIONS', { origin: [sibling, sibling], [method]: 'PUT' }), sibling)
    assert.deepEqual(open.cors.lines(two), [['Vary', 'Origin']])
    assert.equal(open.cors.preflight(two), null)
  })

  test('X7 where nobody is listed there are no lines at all', () => {
    for (const options of [undefined, {}, { credentials: [], tokens: [] }]) {
      const { cors, findings } = defineCors(options)
      assert.deepEqual(findings, [])
      assert.deepEqual(cors.lines(headOf('GET', { origin: client })), [])
      assert.equal(cors.preflight(headOf('OPTIONS', { origin: client, [method]: 'PUT' })), null)
    }
  })

  test('X7 a preflight of a listed origin is answered, without a body', () => {
    const answer = open.cors.preflight(headOf('OPTIONS', { origin: sibling, [method]: 'DELETE' }))
    assert.deepEqual(answer, {
      status: 204,
      headers: [
        ['Access-Control-Allow-Origin', sibling],
        ['Access-Control-Allow-Credentials', 'true'],
        ['Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, PATCH, DELETE'],
        ['Access-Control-Allow-Headers', 'Authorization, Content-Type, X-CSRF-Token, Idempotency-Key'],
        ['Access-Control-Max-Age', '600'],
        ['Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
      ],
      body: '',
    })
    const withToken = open.cors.preflight(headOf('OPTIONS', { origin: client, [method]: 'POST' }))
    assert.deepEqual(withToken?.headers[0], ['Access-Control-Allow-Origin', client])
    assert.ok(withToken?.headers.every(([name]) => name !== 'Access-Control-Allow-Credentials'))
  })

  test('X7 what is no preflight of a listed origin is left to the application', () => {
    for (const origin of foreign)
      assert.equal(open.cors.preflight(headOf('OPTIONS', { origin, [method]: 'POST' })), null)
    assert.equal(open.cors.preflight(headOf('OPTIONS', { origin: sibling })), null)
    assert.equal(open.cors.preflight(headOf('OPTIONS', { [method]: 'POST' })), null)
    assert.equal(open.cors.preflight(headOf('POST', { origin: sibling, [method]: 'POST' })), null)
    assert.equal(open.cors.preflight(headOf('OPTIONS', { origin: [sibling, sibling], [method]: 'POST' })), null)
  })

  test('X7 what is asked for is not repeated', () => {
    const asked = { [method]: 'EVIL', 'access-control-request-headers': 'X-Evil' }
    const answer = open.cors.preflight(headOf('OPTIONS', { origin: sibling, ...asked }))
    assert.doesNotMatch(JSON.stringify(answer), /evil/i)
  })

  const wrong: readonly (readonly [CorsOptions, readonly string[], RegExp])[] = [
    [{ credentials: [sibling] }, [], /must be listed in trustedOrigins/],
    [{ credentials: [sibling], tokens: [sibling] }, [sibling], /in credentials and in tokens/],
    ...['*', 'null', 'https://*.example.com', 'example.com', 'https://example.com/', 'https://Example.com', 7].map(
      (origin) => [{ tokens: [origin as string] }, [], /is not an origin/] as const,
    ),
    ...['*', 'a b', 'a\r\nb', 'a,b', '', 7].map(
      (name) => [{ headers: [name as string] }, [], /there is no \*/] as const,
    ),
    [{ exposes: ['*'] }, [], /there is no \*/],
    [{ tokens: client as never }, [], /must be a list/],
    [{ token: [client] } as never, [], /cors.token is not an option: did you mean tokens\?/],
    [[] as never, [], /must be an object/],
    [true as never, [], /must be an object/],
  ]
  for (const [options, trusted, words] of wrong)
    test(`X7 refused: ${JSON.stringify(options)}`, () => {
      const { cors, findings } = defineCors(options, trusted)
      assert.equal(findings.length, 1, findings.join())
      assert.match(findings[0] as string, words)
      for (const origin of [sibling, client, 'null', '*']) assert.deepEqual(cors.lines(headOf('GET', { origin })), [])
    })
})
