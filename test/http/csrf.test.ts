import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { defineOrigin } from '../../src/http/origin.ts'
import {
  anonymous,
  everyCarries,
  everyMethod,
  foreignOrigins,
  holds,
  judge,
  type Lines,
  own,
  rules,
  sibling,
  unknown,
  unsafeMethods,
  withCookie,
  withToken,
} from './csrf-cases.ts'

describe('X1 Sec-Fetch-Site', () => {
  test('X1 same-origin and none pass with every method', () => {
    for (const site of ['same-origin', 'none']) holds({ 'sec-fetch-site': site }, 'passes')
  })

  test('X1 cross-site is refused', () => holds({ 'sec-fetch-site': 'cross-site' }, 'cross_site'))

  test('X1 cross-site is refused whatever Origin says, listed or our own', () => {
    for (const origin of [own, sibling, ...foreignOrigins])
      holds({ 'sec-fetch-site': 'cross-site', origin, referer: `${own}/` }, 'cross_site')
  })

  test('X1 same-site is refused unless the sibling is listed', () => {
    holds({ 'sec-fetch-site': 'same-site' }, 'cross_site')
    holds({ 'sec-fetch-site': 'same-site', referer: `${sibling}/page` }, 'cross_site')
    holds({ 'sec-fetch-site': 'same-site', origin: own }, 'cross_site')
    holds({ 'sec-fetch-site': 'same-site', origin: sibling }, 'passes')
    holds({ 'sec-fetch-site': 'same-site', origin: [sibling, sibling] }, 'cross_site')
    for (const origin of foreignOrigins) holds({ 'sec-fetch-site': 'same-site', origin }, 'cross_site')
  })

  const strange = [
    '',
    ' ',
    'same_origin',
    'Same-Origin',
    'SAME-ORIGIN',
    'same-origin ',
    '"same-origin"',
    'same-origin;x',
    'same-origin,',
    'same-origin, same-origin',
    'none, none',
    'cross-site, same-origin',
    'same-origin, cross-site',
    'same-site, same-origin',
    'user',
    '?1',
    'true',
  ]
  for (const site of strange) {
    test(`X1 ${JSON.stringify(site)} is refused, whatever Origin says`, () => {
      for (const origin of [own, sibling, 'null']) holds({ 'sec-fetch-site': site, origin }, 'cross_site')
    })
  }

  test('X1 several lines are refused', () => {
    for (const first of ['same-origin', 'none', 'same-site', 'cross-site'])
      for (const second of ['same-origin', 'none', 'same-site', 'cross-site'])
        holds({ 'sec-fetch-site': [first, second], origin: sibling }, 'cross_site')
  })

  test('X1 needs no own origin', () => {
    holds({ 'sec-fetch-site': 'same-origin' }, 'passes', everyCarries, unknown)
    holds({ 'sec-fetch-site': 'cross-site' }, 'cross_site', everyCarries, unknown)
  })
})

describe('X2 without Sec-Fetch-Site', () => {
  test('X2 our own origin and a listed one pass', () => {
    holds({ origin: own }, 'passes')
    holds({ origin: sibling }, 'passes')
    holds({ origin: own, referer: 'https://evil.example/' }, 'passes')
  })

  for (const origin of foreignOrigins) {
    test(`X2 Origin ${JSON.stringify(origin)} is refused, whatever Referer says`, () => {
      holds({ origin }, 'cross_site')
      holds({ origin, referer: `${own}/page` }, 'cross_site')
    })
  }

  test('X2 two Origin lines are refused', () => {
    holds({ origin: [own, own] }, 'cross_site')
    holds({ origin: [own, 'https://evil.example'] }, 'cross_site')
  })

  const origins: readonly (readonly [own: string, same: string, others: readonly string[]])[] = [
    [
      'https://bücher.example',
      'https://xn--bcher-kva.example',
      ['https://bücher.example', 'https://xn--bucher-xyz.example'],
    ],
    [
      'http://[0:0:0:0:0:0:0:1]:8080',
      'http://[::1]:8080',
      ['http://[0:0:0:0:0:0:0:1]:8080', 'http://[::1]', 'http://::1:8080', 'http://localhost:8080'],
    ],
    [
      'http://localhost:8080',
      'http://localhost:8080',
      ['http://localhost', 'http://localhost:80800', 'http://127.0.0.1:8080', 'https://localhost:8080'],
    ],
    ['https://example.com:443', 'https://example.com', ['https://example.com:443']],
  ]
  for (const [origin, same, others] of origins) {
    test(`X2 ${origin} is ${same} and nothing else`, () => {
      const by = defineOrigin({ origin, production: true }).rules
      holds({ origin: same }, 'passes', everyCarries, by)
      for (const other of others) holds({ origin: other }, 'cross_site', everyCarries, by)
    })
  }

  test('X2 Referer stands in for a missing Origin', () => {
    for (const referer of [own, `${own}/`, `${own}/a?b#c`, `${own}/@evil.example`, `${sibling}/x`])
      holds({ referer }, 'passes')
  })

  test('X2 a Referer of another origin is refused', () => {
    const openings = foreignOrigins.filter((origin) => !origin.startsWith(`${own}/`))
    for (const origin of openings)
      for (const rest of ['', '/', '/page', `/?${own}/`]) holds({ referer: origin + rest }, 'cross_site')
    holds({ referer: [`${own}/`, `${own}/`] }, 'cross_site')
  })

  test('X2 with neither: refused with a session cookie, else passed', () => {
    holds({}, 'unproven_origin', [withCookie])
    holds({}, 'passes', [anonymous])
  })

  test('X2 an own origin that cannot be known proves nothing', () => {
    for (const host of ['example.com', 'localhost']) {
      holds({ host, origin: `https://${host}` }, 'unproven_origin', everyCarries, unknown)
      holds({ host, referer: `https://${host}/` }, 'unproven_origin', everyCarries, unknown)
    }
    holds({ origin: 'null' }, 'unproven_origin', everyCarries, unknown)
    holds({ origin: sibling }, 'passes', everyCarries, unknown)
  })

  test('X2 in development the loopback Host is our own origin', () => {
    const by = defineOrigin({ production: false }).rules
    holds({ host: 'localhost:8080', origin: 'https://localhost:8080' }, 'passes', everyCarries, by)
    holds({ host: 'localhost:8080', origin: 'https://localhost:9090' }, 'cross_site', everyCarries, by)
    holds({ host: 'evil.example', origin: 'https://evil.example' }, 'unproven_origin', everyCarries, by)
  })

  test('X2 only our origins pass, of all texts', () => {
    const text = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc.constantFrom(...foreignOrigins),
      fc.string().map((tail) => own + tail),
    )
    fc.assert(
      fc.property(text, (origin) => {
        const expected = origin === own || origin === sibling ? 'passes' : 'cross_site'
        assert.equal(judge('POST', { origin }), expected)
      }),
    )
  })
})

describe('tokens', () => {
  const hostile: Lines = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }

  test('a credential that no browser adds by itself passes', () => {
    for (const authorization of ['Bearer x', 'bearer x', 'BEARER x', 'DPoP x', 'dpop x']) {
      holds({ ...hostile, authorization }, 'passes', [withToken])
      holds({ authorization }, 'passes', [withToken])
    }
  })

  test('X1 credentials that browsers add prove nothing', () => {
    for (const authorization of [
      'Basic x',
      'Negotiate x',
      'NTLM x',
      'Digest x',
      'HOBA x',
      'Mutual x',
      '',
      'Bearerx y',
      'x Bearer y',
      ' Bearer x',
      'Basic, Bearer x',
    ])
      holds({ ...hostile, authorization }, 'cross_site', [withToken])
    holds(hostile, 'cross_site', [withToken])
  })

  test('X1 a token that our transport does not read proves nothing', () => {
    holds({ ...hostile, authorization: 'Bearer x' }, 'cross_site', [withCookie, anonymous])
    holds({ authorization: 'Bearer x' }, 'unproven_origin', [withCookie])
  })
})

describe('X5 the method is the method', () => {
  const overrides: Lines = {
    'x-http-method-override': 'GET',
    'x-http-method': 'GET',
    'x-method-override': 'GET',
    _method: 'GET',
  }

  test('X5 no header and no parameter makes an unsafe method safe', () => {
    for (const method of unsafeMethods) {
      assert.equal(
        judge(method, { ...overrides, 'sec-fetch-site': 'cross-site' }, withCookie, rules, '/?_method=GET'),
        'cross_site',
      )
      assert.equal(judge(method, overrides, withCookie, rules, '/?_method=GET'), 'unproven_origin')
    }
  })

  test('X5 nor does any other header change a verdict', () => {
    const lines = fc.record(
      {
        'sec-fetch-site': fc.constantFrom('same-origin', 'same-site', 'cross-site', 'none', 'x'),
        origin: fc.constantFrom(own, sibling, 'null', 'https://evil.example'),
        referer: fc.constantFrom(`${own}/x`, 'https://evil.example/'),
      },
      { requiredKeys: [] },
    )
    const others = fc.record({
      'x-http-method-override': fc.constantFrom(...everyMethod),
      'x-forwarded-host': fc.constantFrom('evil.example', 'example.com'),
      'x-forwarded-proto': fc.constantFrom('https', 'http'),
      'x-requested-with': fc.constant('XMLHttpRequest'),
      host: fc.constantFrom('evil.example', 'example.com', 'localhost'),
      'content-type': fc.constantFrom('application/json', 'text/plain'),
      'sec-fetch-mode': fc.constantFrom('cors', 'no-cors', 'navigate'),
    })
    fc.assert(
      fc.property(
        fc.constantFrom(...everyMethod),
        lines,
        others,
        fc.constantFrom(...everyCarries),
        (method, known, extra, carries) => {
          assert.equal(
            judge(method, { ...extra, ...known }, carries, rules, '/?_method=GET'),
            judge(method, known, carries),
          )
        },
      ),
    )
  })
})
