import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { RequestHead } from '../../src/base/head.ts'
import {
  clientAddress,
  defineOrigin,
  isLoopbackOrigin,
  isSecureTransport,
  type OriginOptions,
  type OriginRules,
  ownOrigin,
} from '../../src/http/origin.ts'

type Lines = Readonly<Record<string, string | readonly string[]>>

function headOf(lines: Lines, connection: Partial<Pick<RequestHead, 'peer' | 'encrypted'>> = {}): RequestHead {
  const valuesOf = (name: string): readonly string[] => [lines[name] ?? []].flat()
  return {
    method: 'POST',
    target: '/',
    header: (name) => (valuesOf(name).length === 0 ? undefined : valuesOf(name).join(', ')),
    count: (name) => valuesOf(name).length,
    peer: '203.0.113.9',
    encrypted: false,
    ...connection,
  }
}

function rulesOf(options: Partial<OriginOptions> = {}): OriginRules {
  const { rules, findings } = defineOrigin({ production: false, ...options })
  assert.deepEqual(findings, [])
  return rules
}

const loopbackProxy = { trustedProxies: ['loopback'], production: true }
const fromProxy = { peer: '127.0.0.1' }

describe('defining the origin', () => {
  test('without options nothing is believed', () => {
    const rules = rulesOf()
    assert.deepEqual(rules, {
      origin: null,
      trustedOrigins: [],
      trustedProxies: [],
      production: false,
      insecureHttp: false,
    })
    assert.ok(Object.isFrozen(rules))
  })

  const normalised: readonly (readonly [text: string, origin: string])[] = [
    ['https://example.com', 'https://example.com'],
    ['https://example.com/', 'https://example.com'],
    ['HTTPS://Example.COM:443', 'https://example.com'],
    ['https://example.com:8443', 'https://example.com:8443'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://[::1]:8080/', 'http://[::1]:8080'],
    ['http://[0:0:0:0:0:0:0:1]', 'http://[::1]'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ]
  for (const [text, origin] of normalised) {
    test(`X2 ${text} is ${origin}`, () => {
      assert.equal(rulesOf({ origin: text }).origin, origin)
      assert.deepEqual(rulesOf({ trustedOrigins: [text] }).trustedOrigins, [origin])
    })
  }

  const noOrigins: readonly unknown[] = [
    '',
    'null',
    '*',
    'example.com',
    '//example.com',
    'https:example.com',
    'https:\\\\example.com',
    'https://',
    'https://*.example.com',
    'https://example.com/path',
    'https://example.com?',
    'https://example.com#',
    'https://example.com/?x',
    'https://user@example.com',
    'https://user:pass@example.com',
    'https://example.com.',
    'https://example.com:99999',
    'https://exa mple.com',
    ' https://example.com',
    'ftp://example.com',
    'file:///',
    'javascript:0',
    'data:,x',
    'wss://example.com',
    'https://example.com, https://other.example',
    7,
    {},
    ['https://example.com'],
  ]
  for (const text of noOrigins) {
    test(`X2 ${JSON.stringify(text)} is no origin`, () => {
      const { rules, findings } = defineOrigin({
        origin: text as string,
        trustedOrigins: [text as string],
        production: true,
      })
      assert.equal(rules.origin, null)
      assert.deepEqual(rules.trustedOrigins, [])
      assert.equal(findings.length, 2, findings.join('\n'))
      assert.match(findings[0] ?? '', /^origin: /)
      assert.match(findings[1] ?? '', /^trustedOrigins/)
    })
  }

  const noProxies = [
    '',
    'localhost',
    'all',
    '*',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0',
    '::1/129',
    'fe80::1%eth0',
    '0.0.0.0/0',
    '::/0',
    '::ffff:10.0.0.1',
    '::ffff:10.0.0.0/104',
    '010.0.0.1',
    ' 10.0.0.1',
  ]
  for (const text of noProxies) {
    test(`L5 ${JSON.stringify(text)} is no trusted proxy`, () => {
      const { rules, findings } = defineOrigin({ trustedProxies: [text, '10.0.0.1'], production: true })
      assert.deepEqual(rules.trustedProxies, ['10.0.0.1'])
      assert.equal(findings.length, 1)
    })
  }

  test('every finding at once', () => {
    const { findings } = defineOrigin({
      origin: 'https://example.com',
      trustedOrigins: ['x', 'http://app.example.com', 'http://localhost:5173'],
      trustedProxies: 'loopback' as unknown as string[],
      production: true,
      insecureHttp: true,
    })
    assert.equal(findings.length, 4, findings.join('\n'))
  })
})

describe('the own origin', () => {
  test('X2 the configured one, whatever the request says', () => {
    const rules = rulesOf({ origin: 'https://example.com', trustedProxies: ['loopback'] })
    const lines = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }
    assert.equal(ownOrigin(headOf(lines), rules), 'https://example.com')
    assert.equal(ownOrigin(headOf(lines, fromProxy), rules), 'https://example.com')
    assert.equal(ownOrigin(headOf({}), rules), 'https://example.com')
  })

  const hosts: readonly (readonly [host: string, origin: string | null])[] = [
    ['localhost', 'http://localhost'],
    ['localhost:8080', 'http://localhost:8080'],
    ['LocalHost:8080', 'http://localhost:8080'],
    ['localhost:80', 'http://localhost'],
    ['app.localhost:3000', 'http://app.localhost:3000'],
    ['127.0.0.1', 'http://127.0.0.1'],
    ['127.1.2.3:65535', 'http://127.1.2.3:65535'],
    ['[::1]', 'http://[::1]'],
    ['[::1]:8080', 'http://[::1]:8080'],
    ['example.com', null],
    ['192.168.0.7:8080', null],
    ['localhost.evil.example', null],
    ['evil-localhost', null],
    ['127.0.0.1.evil.example', null],
    ['128.0.0.1', null],
    ['[::2]', null],
    ['[::ffff:127.0.0.1]', null],
    ['localhost.', null],
    ['127.1', null],
    ['0x7f.0.0.1', null],
    ['2130706433', null],
    ['0177.0.0.1', null],
    ['user@localhost', null],
    ['localhost:', null],
    ['localhost:0x50', null],
    ['localhost:080', null],
    ['localhost:65536', null],
    ['localhost:80:80', null],
    ['localhost/', null],
    ['localhost#', null],
    ['localhost?', null],
    ['local%68ost', null],
    ['localhost, localhost', null],
    ['ｌocalhost', null],
    [' localhost', null],
    ['[::1', null],
    ['::1', null],
    ['[0:0:0:0:0:0:0:1]', null],
    ['', null],
  ]
  for (const [host, origin] of hosts) {
    test(`X2 Host ${JSON.stringify(host)} in development: ${origin}`, () => {
      assert.equal(ownOrigin(headOf({ host }), rulesOf()), origin)
      const encrypted = ownOrigin(headOf({ host }, { encrypted: true }), rulesOf())
      assert.equal(
        encrypted,
        host === 'localhost:80' ? 'https://localhost:80' : (origin?.replace('http:', 'https:') ?? null),
      )
      assert.equal(ownOrigin(headOf({ host }), rulesOf({ production: true })), null)
    })
  }

  test('no Host or two', () => {
    const first: RequestHead = { ...headOf({ host: 'localhost' }), count: () => 2 }
    assert.equal(ownOrigin(first, rulesOf()), null, 'of two lines Node shows the first')
    assert.equal(ownOrigin(headOf({}), rulesOf()), null)
    assert.equal(ownOrigin(headOf({ host: ['localhost', 'localhost'] }), rulesOf()), null)
  })

  const forwarded: readonly (readonly [why: string, lines: Lines, origin: string | null])[] = [
    [
      'proto and host',
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'example.com', host: 'app:3000' },
      'https://example.com',
    ],
    ['proto and Host', { 'x-forwarded-proto': 'https', host: 'example.com' }, 'https://example.com'],
    ['plain http', { 'x-forwarded-proto': 'http', host: 'example.com:8080' }, 'http://example.com:8080'],
    ['any case', { 'x-forwarded-proto': 'HTTPS', host: 'Example.com:443' }, 'https://example.com'],
    ['IPv6', { 'x-forwarded-proto': 'https', host: '[2001:db8::1]:8443' }, 'https://[2001:db8::1]:8443'],
    [
      'the right-most of a list',
      { 'x-forwarded-proto': 'http, https', 'x-forwarded-host': 'evil.example, example.com' },
      'https://example.com',
    ],
    [
      'the last of several lines',
      { 'x-forwarded-proto': ['http', 'https'], 'x-forwarded-host': ['evil.example', 'example.com'] },
      'https://example.com',
    ],
    ['no proto', { 'x-forwarded-host': 'localhost', host: 'localhost' }, null],
    ['another proto', { 'x-forwarded-proto': 'wss', host: 'example.com' }, null],
    ['an empty proto', { 'x-forwarded-proto': '', host: 'localhost' }, null],
    ['an empty host', { 'x-forwarded-proto': 'https', 'x-forwarded-host': '', host: 'example.com' }, null],
    ['userinfo', { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a@example.com' }, null],
    ['a trailing dot', { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'example.com.' }, null],
    ['a path', { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'example.com/x' }, null],
    ['two Hosts', { 'x-forwarded-proto': 'https', host: ['example.com', 'example.com'] }, null],
    ['nothing forwarded', { host: 'example.com' }, null],
  ]
  for (const [why, lines, origin] of forwarded) {
    test(`X2 from a trusted proxy, ${why}: ${origin}`, () => {
      assert.equal(ownOrigin(headOf(lines, fromProxy), rulesOf(loopbackProxy)), origin)
      assert.equal(ownOrigin(headOf(lines, { peer: '::ffff:127.0.0.1' }), rulesOf(loopbackProxy)), origin)
    })
    test(`X2 from anybody else, ${why}: not believed`, () => {
      assert.equal(ownOrigin(headOf(lines), rulesOf(loopbackProxy)), null)
      assert.equal(ownOrigin(headOf(lines, { peer: null }), rulesOf(loopbackProxy)), null)
    })
  }

  test('X2 in development a trusted proxy that forwards nothing leaves Host on loopback', () => {
    assert.equal(
      ownOrigin(headOf({ host: 'localhost:80' }, fromProxy), rulesOf({ trustedProxies: ['loopback'] })),
      'http://localhost',
    )
  })

  test('rules written by hand work like defined ones', () => {
    const rules: OriginRules = { ...rulesOf(), trustedProxies: ['10.0.0.0/8', 'nonsense'], production: true }
    const head = headOf({ 'x-forwarded-proto': 'https', host: 'example.com' }, { peer: '10.9.8.7' })
    assert.equal(ownOrigin(head, rules), 'https://example.com')
  })
})

describe('secure transport', () => {
  const cases: readonly (readonly [
    why: string,
    options: Partial<OriginOptions>,
    head: RequestHead,
    secure: boolean,
  ])[] = [
    ['a configured https origin', { origin: 'https://example.com' }, headOf({}), true],
    ['a configured http origin', { origin: 'http://example.com' }, headOf({}, { encrypted: true }), false],
    ['a configured http origin on loopback', { origin: 'http://localhost:8080', production: true }, headOf({}), true],
    ['http on loopback', {}, headOf({ host: 'localhost:8080' }), true],
    ['http elsewhere', {}, headOf({ host: '192.168.0.7' }), false],
    ['http on loopback in production', { production: true }, headOf({ host: 'localhost' }), false],
    [
      'an encrypted connection, origin unknown',
      { production: true },
      headOf({ host: 'example.com' }, { encrypted: true }),
      true,
    ],
    [
      'https at the proxy',
      loopbackProxy,
      headOf({ 'x-forwarded-proto': 'https', host: 'example.com' }, fromProxy),
      true,
    ],
    [
      'http at the proxy',
      loopbackProxy,
      headOf({ 'x-forwarded-proto': 'http', host: 'example.com' }, fromProxy),
      false,
    ],
    ['https by hearsay', { production: true }, headOf({ 'x-forwarded-proto': 'https', host: 'example.com' }), false],
    ['http allowed by option', { origin: 'http://example.com', insecureHttp: true }, headOf({}), false],
  ]
  for (const [why, options, head, secure] of cases) {
    test(`${why}: ${secure}`, () => assert.equal(isSecureTransport(head, rulesOf(options)), secure))
  }

  test('loopback origins', () => {
    for (const origin of ['http://localhost', 'http://a.localhost:1', 'http://127.9.9.9', 'https://[::1]:8'])
      assert.ok(isLoopbackOrigin(origin))
    for (const origin of ['http://localhost.example', 'http://127.example', 'http://10.0.0.1', 'null', ''])
      assert.ok(!isLoopbackOrigin(origin))
  })
})

describe('the address of the client', () => {
  const rules = rulesOf({ trustedProxies: ['loopback', '10.0.0.0/8', '2001:db8:1::/48'], production: true })
  const cases: readonly (readonly [
    why: string,
    peer: string | null,
    forwarded: Lines[string] | undefined,
    address: string | null,
  ])[] = [
    ['the peer', '203.0.113.9', undefined, '203.0.113.9'],
    ['an unknown peer', null, '198.51.100.1', null],
    ['a peer that is no address', '/run/app.sock', '198.51.100.1', null],
    ['IPv4 in IPv6', '::ffff:203.0.113.9', undefined, '203.0.113.9'],
    ['IPv6 in canonical text', '2001:DB8:0:0:0::1', undefined, '2001:db8::1'],
    ['a zone is left out', 'fe80::1%eth0', undefined, 'fe80::1'],
    ['an untrusted peer is not asked', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['the right-most untrusted hop', '127.0.0.1', '192.0.2.1, 198.51.100.1', '198.51.100.1'],
    ['over several proxies', '127.0.0.1', '192.0.2.1, 198.51.100.1, 10.1.1.1, 2001:db8:1::5', '198.51.100.1'],
    ['several lines', '::1', ['192.0.2.1', '198.51.100.1', '10.1.1.1'], '198.51.100.1'],
    ['a hop with a port', '127.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['an IPv6 hop', '127.0.0.1', '2001:DB8:2::0:1', '2001:db8:2::1'],
    ['an IPv6 hop in brackets', '127.0.0.1', '[2001:db8:2::1]', '2001:db8:2::1'],
    ['an IPv6 hop with a port', '127.0.0.1', '[2001:db8:2::1]:443', '2001:db8:2::1'],
    ['an IPv4 hop in IPv6', '127.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['every hop trusted', '127.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['nothing forwarded', '127.0.0.1', undefined, '127.0.0.1'],
    ['an empty header', '127.0.0.1', '', '127.0.0.1'],
    ['a hop that is no address', '127.0.0.1', '198.51.100.1, unknown', '127.0.0.1'],
    ['no address left of a trusted hop', '127.0.0.1', '198.51.100.1, _hidden, 10.1.1.1', '10.1.1.1'],
    ['strangers on the left are not looked at', '127.0.0.1', `${'<script>,'.repeat(50)}198.51.100.1`, '198.51.100.1'],
    ['leading zeros are no address', '127.0.0.1', '198.051.100.001', '127.0.0.1'],
  ]
  for (const [why, peer, forwarded, address] of cases) {
    test(`L5 ${why}: ${address}`, () => {
      const lines: Lines = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
      assert.equal(clientAddress(headOf(lines, { peer }), rules), address)
    })
  }

  test('L5 every spelling of an IPv6 address is one address', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), (words) => {
        const long = words.map((word) => word.toString(16).padStart(4, '0').toUpperCase()).join(':')
        const short = URL.parse(`http://[${long}]`)?.hostname.slice(1, -1) ?? ''
        const [one, two] = [long, short].map((peer) => clientAddress(headOf({}, { peer }), rulesOf()))
        assert.equal(one, two)
        assert.ok(one === short || one?.includes('.') === true)
      }),
    )
  })

  test('L5 what a stranger writes never becomes the address', () => {
    const hop = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 10 }))
    fc.assert(
      fc.property(fc.array(hop, { maxLength: 8 }), (hops) => {
        const lines = { 'x-forwarded-for': [...hops, '198.51.100.1', '10.1.1.1'].join(', ') }
        assert.equal(clientAddress(headOf(lines, { peer: '127.0.0.1' }), rules), '198.51.100.1')
        assert.equal(clientAddress(headOf(lines), rules), '203.0.113.9')
      }),
    )
  })
})
