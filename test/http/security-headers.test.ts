import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { type CspOptions, csp, isFault, type SecurityHeadersOptions, securityHeaders } from '../../src/index.ts'

const { self, none, nonce, strictDynamic, hash, origin, insecureInline, insecureEval } = csp

/** The policy of one response, by directive; the nonce stands there as NONCE. */
function policyOf(options: CspOptions = {}): Readonly<Record<string, string>> {
  const { headers, nonce } = securityHeaders({ csp: options })()
  const text = headers['Content-Security-Policy'] ?? ''
  const directives = text.replaceAll(nonce, 'NONCE').split('; ')
  return Object.fromEntries(directives.map((one) => [one.split(' ', 1)[0], one.slice(one.indexOf(' ') + 1)]))
}

/** What is said against the options. */
function findingsOf(options: unknown): readonly string[] {
  try {
    securityHeaders(options as SecurityHeadersOptions)
  } catch (error) {
    assert.ok(isFault(error) && error.kind === 'invalid_option', String(error))
    return error.message.split('\n- ').slice(1)
  }
  return []
}

function refuses(name: string, sources: unknown, words: RegExp): void {
  const findings = findingsOf({ csp: { [name]: sources } })
  assert.equal(findings.length, 1, `${name} ${JSON.stringify(sources)}: ${findings}`)
  assert.match(findings[0] as string, words)
}

describe('X8 one call', () => {
  test('X8 gives every header of ASVS 3.4 with no options at all', () => {
    const { headers, nonce } = securityHeaders()()
    assert.deepEqual(headers, {
      'Content-Security-Policy': `default-src 'self'; script-src 'nonce-${nonce}'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy':
        'camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=(), browsing-topics=()',
      'X-Frame-Options': 'DENY',
    })
  })

  test('X8 HSTS for two years with subdomains, where the application says that it is https, and only there', () => {
    const hsts = (options: SecurityHeadersOptions) => securityHeaders(options)().headers['Strict-Transport-Security']
    assert.equal(hsts({ https: true }), 'max-age=63072000; includeSubDomains')
    assert.equal(hsts({ https: true, insecureSubdomains: true }), 'max-age=63072000')
    assert.equal(hsts({ https: false }), undefined)
    assert.equal(hsts({}), undefined)
  })

  test('X8 a nonce has 128 bits and is never used twice', () => {
    const secure = securityHeaders({ csp: { 'style-src': [nonce] } })
    const seen = new Set<string>()
    for (let index = 0; index < 1000; index++) {
      const response = secure()
      assert.match(response.nonce, /^[A-Za-z0-9_-]{22}$/)
      assert.equal(Buffer.from(response.nonce, 'base64url').length, 16)
      assert.equal(response.headers['Content-Security-Policy']?.split(`'nonce-${response.nonce}'`).length, 3)
      seen.add(response.nonce)
    }
    assert.equal(seen.size, 1000)
  })

  test('each response has headers of its own', () => {
    const secure = securityHeaders()
    secure().headers['X-Frame-Options'] = 'changed'
    assert.equal(secure().headers['X-Frame-Options'], 'DENY')
  })

  test('what fetch makes of the headers is what was given', () => {
    const { headers } = securityHeaders({ https: true })()
    const kept = new Response('', { headers }).headers
    for (const [name, value] of Object.entries(headers)) assert.equal(kept.get(name), value)
  })

  test('report-only takes the place of the policy and leaves the rest', () => {
    const { headers } = securityHeaders({ cspReportOnly: true, csp: { 'report-to': ['csp'] } })()
    assert.match(headers['Content-Security-Policy-Report-Only'] ?? '', /; report-to csp$/)
    assert.equal(headers['Content-Security-Policy'], undefined)
    assert.equal(headers['X-Frame-Options'], 'DENY')
  })

  test('X-Frame-Options says what frame-ancestors says, or nothing', () => {
    const frames = (sources: CspOptions['frame-ancestors']) =>
      securityHeaders({ csp: { 'frame-ancestors': sources ?? [] } })().headers['X-Frame-Options']
    assert.equal(frames([none]), 'DENY')
    assert.equal(frames([self]), 'SAMEORIGIN')
    assert.equal(frames([self, origin('https://portal.example')]), undefined)
  })

  test('choices of COOP, CORP, Referrer-Policy and permissions', () => {
    const chosen = { opener: 'same-origin-allow-popups', embeddedBy: 'same-site', referrer: 'strict-origin' } as const
    const { headers } = securityHeaders({ ...chosen, permissions: ['camera'] })()
    assert.equal(headers['Cross-Origin-Opener-Policy'], 'same-origin-allow-popups')
    assert.equal(headers['Cross-Origin-Resource-Policy'], 'same-site')
    assert.equal(headers['Referrer-Policy'], 'strict-origin')
    assert.match(headers['Permissions-Policy'] ?? '', /^camera=\(self\), display-capture=\(\), /)
  })
})

describe('X8 the policy', () => {
  test('a directive takes the place of the default one; the others stay', () => {
    const policy = policyOf({ 'script-src': [nonce, strictDynamic], 'img-src': [self, 'data:', 'https://img.example'] })
    assert.equal(policy['script-src'], "'nonce-NONCE' 'strict-dynamic'")
    assert.equal(policy['img-src'], "'self' data: https://img.example")
    assert.equal(policy['object-src'], "'none'")
    assert.equal(policy['default-src'], "'self'")
  })

  test('a hash is the one that browsers make of the text', () => {
    const text = 'document.title = "ü"'
    const made = createHash('sha256').update(text, 'utf8').digest('base64')
    assert.equal(policyOf({ 'script-src': [hash(text)] })['script-src'], `'sha256-${made}'`)
  })

  test('switches and names', () => {
    const policy = policyOf({
      'upgrade-insecure-requests': true,
      'require-trusted-types-for': true,
      sandbox: ['allow-forms'],
    })
    assert.ok('upgrade-insecure-requests' in policy)
    assert.equal(policy['require-trusted-types-for'], "'script'")
    assert.equal(policy.sandbox, 'allow-forms')
  })

  test('what weakens says so in its name', () => {
    assert.equal(policyOf({ 'style-src': [self, insecureInline] })['style-src'], "'self' 'unsafe-inline'")
    assert.equal(policyOf({ 'script-src': [nonce, insecureEval] })['script-src'], "'nonce-NONCE' 'unsafe-eval'")
    for (const text of ["'unsafe-inline'", "'unsafe-eval'", "'UNSAFE-INLINE'", "'nonce-abc'", "'sha256-abc'"])
      refuses('script-src', [text], /must be written with csp/)
    for (const text of ['unsafe-inline', 'self', 'None', 'nonce']) refuses('script-src', [text], /name of a host/)
    for (const name of ['script-src', 'default-src', 'object-src', 'base-uri', 'script-src-elem'])
      for (const text of ['*', 'https:', 'HTTPS:', 'http:', 'data:', 'blob:']) refuses(name, [text], /anybody's code/)
  })

  const accepted = [
    'https://cdn.example',
    'https://cdn.example/',
    'https://cdn.example/a/b.js',
    'https://cdn.example:8443',
    'https://cdn.example:*',
    'https://*.cdn.example',
    '*.cdn.example',
    'cdn.example',
    'wss://live.example/feed',
    'blob:',
    'mediastream:',
    "'self'",
  ]
  for (const text of accepted)
    test(`source ${text}`, () => assert.deepEqual(findingsOf({ csp: { 'connect-src': [text] } }), []))

  const smuggled = [
    'https://a.example; script-src *',
    "https://a.example;script-src 'unsafe-inline'",
    'https://a.example, default-src *',
    'https://a.example https://b.example',
    'https://a.example\thttps://b.example',
    'https://a.example\n',
    'https://a.example\r\nSet-Cookie: a=b',
    '\nhttps://a.example',
    ' https://a.example',
    'https://a.example\u2028',
    'https://a.example/;x',
    'https://a.example/,x',
    'https://a.example?x',
    'https://a.example#x',
    'https://user@a.example',
    'https://',
    'https:a.example',
    '//a.example',
    'javascript://a.example',
    'https://bücher.example',
    '',
    ' ',
    ';',
    `https://${'a'.repeat(2000)}.example`,
  ]
  for (const text of smuggled)
    test(`no source: ${JSON.stringify(text.slice(0, 60))}`, () => {
      refuses('img-src', [text], /is not a source/)
      refuses('img-src', [origin(text)], /is not an origin/)
    })

  test('an origin is scheme and host to the letter', () => {
    assert.deepEqual(
      findingsOf({ csp: { 'connect-src': [origin('https://a.example:8443'), origin('wss://a.example')] } }),
      [],
    )
    for (const text of [
      'https://a.example/',
      'https://A.example',
      'https://a.example:443',
      'a.example',
      '*',
      'data:',
      7 as never,
    ])
      refuses('connect-src', [origin(text)], /is not an origin/)
  })

  test('nothing passes for a source that was not made here', () => {
    for (const source of [7, null, {}, { kind: 'other', text: '*; script-src *' }, ["'self'"]])
      refuses('img-src', [source], /is not a source/)
    const forged = Object.freeze({ kind: 'hash', text: "'sha256-x'; script-src *" })
    refuses('script-src', [forged], /is not a source/)
  })

  test('sources that contradict each other', () => {
    refuses('img-src', [none, self], /'none' beside/)
    refuses('img-src', [], /is empty/)
    refuses('img-src', 'https://a.example', /must be a list/)
    refuses('img-src', [nonce], /takes no 'nonce'/)
    refuses('img-src', [insecureInline], /takes no 'unsafe-inline'/)
    refuses('script-src', [nonce, insecureInline], /browsers ignore it/)
    refuses('script-src', [self, strictDynamic], /nothing could run/)
    refuses('style-src', [nonce, strictDynamic], /takes no strictDynamic/)
    refuses('sandbox', ['allow-forms; script-src *'], /is not a name/)
    refuses('upgrade-insecure-requests', false, /is a switch/)
  })

  test('everything that is wrong is said at once, with the nearest name', () => {
    const findings = findingsOf({
      csp: { 'script-srk': [self], 'img-src': ['a b'] },
      htps: true,
      opener: 'unsafe-none',
      referrer: 'no-referrer',
      permissions: ['kamera'],
      cspReportOnly: 'yes',
    })
    assert.deepEqual(findings, [
      'htps is not an option: did you mean https?',
      'cspReportOnly must be true or false',
      'opener must be one of same-origin, same-origin-allow-popups',
      'referrer must be one of same-origin, strict-origin, strict-origin-when-cross-origin',
      'permissions: kamera is not known: did you mean camera?',
      "csp['script-srk'] is not a directive: did you mean script-src?",
      `csp['img-src'] : "a b" is not a source`,
    ])
    for (const options of [null, 7, 'x'])
      assert.throws(() => securityHeaders(options as never), { kind: 'invalid_option' })
    assert.equal(findingsOf({ csp: [] }).length, 1)
  })
})
