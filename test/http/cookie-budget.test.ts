import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { budgetFlaw, checkCookieBudget, defaultBudget, type LeavingCookies } from '../../src/http/cookie-budget.ts'
import { isFault } from '../../src/index.ts'
import { jarModel } from './cookie-jar-model.ts'

const now = Date.UTC(2026, 0, 1)
const own = ['__Host-session', '__Host-snapshot']
const flags = '; Path=/; Secure; HttpOnly; SameSite=Lax'
const gone = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'
const future = 'Expires=Fri, 01 Jan 2027 00:00:00 GMT'

function flawOf(leaving: Partial<LeavingCookies>): string | undefined {
  return budgetFlaw({ held: undefined, set: [], own, now, ...leaving })
}

/** So many cookies in a Cookie header, each of so many octets. */
function cookies(count: number, octets: number, prefix = 'c'): string {
  return Array.from({ length: count }, (_, n) => `${prefix}${n}=`.padEnd(octets, 'v')).join('; ')
}

describe('C3 C6 a line that a browser would drop or cut is named, with its bytes', () => {
  const lines: readonly (readonly [line: string, says: RegExp])[] = [
    [`big=${'v'.repeat(4094)}`, /^The cookie big \(4098 bytes\) .* name and value are 4097 octets/],
    [`${'n'.repeat(4097)}=`, /^The cookie n{64}… \(4098 bytes\)/],
    [`=${'v'.repeat(4097)}`, /^The cookie without a name \(4097 bytes\)/],
    [`${'v'.repeat(4097)}`, /^The cookie without a name \(4097 bytes\)/],
    [`a=1; Path=/${'p'.repeat(1024)}`, /^The cookie a \(3 bytes\) .* path is 1025 octets/],
    [`a=1; Domain=${'d'.repeat(1025)}`, /domain is 1025 octets/],
    [`a=1; Comment=${'c'.repeat(1025)}; Path=/`, /comment is 1025 octets/],
    ['a=1\0', /control character/],
    ['a=1; Path=/\x7f', /control character/],
    ['a\x01=1', /^The cookie a\? \(4 bytes\) .*control character/],
    ['=', /neither name nor value/],
    ['', /neither name nor value/],
    [' \t; Path=/', /neither name nor value/],
    ['a=1; SameSite=None', /SameSite=None needs Secure/],
    ['a=1; samesite = NONE', /SameSite=None needs Secure/],
    ['a=1; SameSite=None; Partitioned', /needs Secure/],
    ['a=1; Partitioned', /Partitioned needs Secure/],
    ['a=1; Domain=exämple.com', /not ASCII/],
    ['__Secure-a=1', /the prefix of its name needs Secure/],
    ['__sEcure-a=1; Path=/', /the prefix of its name needs Secure/],
    ['__Host-a=1; Secure', /__Host- needs Path=\//],
    ['__Host-a=1; Secure; Path=/app', /__Host- needs Path=\//],
    ['__Host-a=1; Secure; Path=/; Domain=example.com', /__Host- forbids Domain/],
    ['__HOST-a=1; Path=/', /the prefix of its name needs Secure/],
    ['=__Host-a=1', /begin like a name with a prefix/],
    ['=a=1', /without a name, its value must not hold =/],
    ['__Secure-a', /begin like a name with a prefix/],
    ['__Http-a=1; Secure', /needs HttpOnly/],
    ['__Host-Http-a=1; Secure; Path=/', /needs HttpOnly/],
    ['__Host-a=; Max-Age=0', /the prefix of its name needs Secure/],
  ]
  for (const [line, says] of lines) {
    test(JSON.stringify(line.slice(0, 60)), () => {
      assert.match(flawOf({ set: [line] }) ?? '', says)
      assert.match(flawOf({ set: ['fine=1', line], own: [] }) ?? '', says)
    })
  }

  test('the limits themselves are allowed, and what a browser only shortens', () => {
    const fine = [
      `a=${'v'.repeat(4095)}`,
      `a=1; Path=/${'p'.repeat(1023)}`,
      'a=1; Max-Age=99999999',
      'a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT',
      'a=1; Expires=never; Max-Age=soon',
      'a\tb=1 \t; Path=/',
      'a=1; SameSite=None; Secure; Partitioned',
      '__Host-a=1; path=/; SECURE; Domain=',
      '__Host-a=1; Path=/app; Path=/; Secure',
      '__Host-Http-a=1; Path=/; Secure; HttpOnly',
      'nameless',
      'a="quoted, with all"; Path=/',
    ]
    for (const line of fine) assert.equal(flawOf({ set: [line] }), undefined, line.slice(0, 60))
  })

  test('no value stands in what is said, and no name that could begin a line of its own', () => {
    const secret = 'S3cret-value'
    const sets = [
      [`big=${secret.repeat(400)}`],
      [`=${secret.repeat(400)}`],
      [`${secret.repeat(400)}`],
      [`a=${secret}\x01`],
      [`a=${secret}; SameSite=None`],
      [`a=${secret}`],
    ]
    const held = `x=${secret.repeat(600)}; ${secret}; =${secret}; y\r\nevil: 1=${secret}`
    for (const set of sets) {
      const flaw = flawOf({ held, set })
      assert.ok(flaw !== undefined && !flaw.includes(secret) && !/[\r\n]/.test(flaw), flaw)
    }
  })

  test('agrees with a browser by the letter, on any line', () => {
    const host = 'app.example.com'
    const name = fc.constantFrom(
      'a',
      ' a ',
      '',
      '__Host-a',
      '__hOST-a',
      '__Secure-a',
      '__Http-a',
      '__Host-Http-a',
      'a b',
      'é',
    )
    const value = fc.constantFrom(
      '',
      '1',
      ' 1\t',
      '=',
      '__Host-a=1',
      '__http-',
      '\0',
      '\x7f',
      '\t',
      'v'.repeat(4087),
      'v'.repeat(4095),
      'v'.repeat(4097),
      'é',
    )
    const attribute = fc.oneof(
      fc.constantFrom(
        'Secure',
        'secure ',
        'HttpOnly',
        ' httponly=x',
        'Path=/',
        'Path= / ',
        'path=/app',
        'Path',
        'Path=app',
      ),
      fc.constantFrom(
        'Domain=example.com',
        'Domain=.example.com',
        'domain=APP.example.com',
        'Domain=',
        'Domain=é',
        'Partitioned',
      ),
      fc.constantFrom(
        'SameSite=None',
        'samesite=none',
        'SameSite=Lax',
        'SameSite=x',
        'SameSite',
        'Max-Age=0',
        'Max-Age=x',
        'Max-Age=99999999',
      ),
      fc.constantFrom(
        '',
        '=',
        ' ',
        'x\x1f',
        gone,
        future,
        `Path=/${'p'.repeat(1024)}`,
        `Path=/${'p'.repeat(1023)}`,
        `Junk=${'j'.repeat(1025)}`,
      ),
    )
    const line = fc
      .tuple(name, fc.constantFrom('=', '=', '=', ' = ', ''), value, fc.array(attribute, { maxLength: 6 }))
      .map(([one, equals, other, more]) => [one + equals + other, ...more].join(';'))
    let dropped = 0
    let kept = 0
    fc.assert(
      fc.property(line, (text) => {
        const stored = jarModel(now).receive(host, text)
        const fine = stored !== null && !stored.cut
        if (fine) kept++
        else dropped++
        assert.equal(flawOf({ set: [text] }) === undefined, fine)
      }),
      { numRuns: 20_000 },
    )
    assert.ok(dropped > 1000 && kept > 1000, `${dropped} dropped, ${kept} kept`)
  })
})

describe('C5 the sum: more cookies, or more bytes, than all of them may come to', () => {
  test('one cookie too many is named, with the number and the largest others', () => {
    const held = `${cookies(46, 20)}; cart=${'v'.repeat(900)}`
    assert.equal(flawOf({ held, set: ['theme=dark; Path=/'] }), undefined, 'with the two of the session there are 50')
    assert.match(
      flawOf({ held: `${held}; one=1`, set: ['theme=dark; Path=/'] }) ?? '',
      /^The cookie theme \(10 bytes\) is number 51, the session's included, more than the 50 of cookies\.budget\.count; the largest others are cart \(905\), c0 \(20\), c1 \(20\)\./,
    )
    assert.equal(
      flawOf({ held: `${held}; theme=light`, set: ['theme=dark; Path=/'] }),
      undefined,
      'it was there before',
    )
    assert.equal(flawOf({ held: `${held}; one=1`, set: ['theme=dark', `one=; ${gone}`] }), undefined, 'another goes')
    assert.equal(
      flawOf({ held: `${held}; one=1`, set: ['one=; Max-Age=0', 'theme=dark'] }),
      undefined,
      'in either order',
    )
  })

  test('one byte too many is named, with the sum and the largest others', () => {
    const held = `a=${'v'.repeat(3998)}; b=${'v'.repeat(2998)}`
    const room = 8190 - 'Cookie: '.length - held.length - 1024 - 2 * 3
    const line = (octets: number): string => `cart=${'v'.repeat(octets - 5)}; Path=/`
    assert.equal(flawOf({ held, set: [line(room)] }), undefined)
    assert.match(
      flawOf({ held, set: [line(room + 1)] }) ?? '',
      /^The cookie cart \(151 bytes\) brings the Cookie header to 8191 bytes, .* 8190 .*; the largest others are a \(4000\), b \(3000\)\./,
    )
  })

  test('the bytes are those of the line that the next request will carry', () => {
    const pair = fc.tuple(fc.nat(12), fc.nat(40)).map(([n, length]) => `k${n}=${'v'.repeat(length)}; Path=/`)
    const deletion = fc.nat(12).map((n) => `k${n}=; Path=/; ${n % 2 === 0 ? 'Max-Age=0' : gone}`)
    const answer = fc.array(fc.oneof(pair, pair, pair, deletion), { maxLength: 5 })
    const limits = { bytes: 200, count: 6 }
    let refused = 0
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 12 }), (answers) => {
        const jar = jarModel(now)
        for (const set of answers) {
          const held = jar.cookie('example.com')
          const after = jarModel(now)
          for (const one of jar.kept) after.receive('example.com', `${one.name}=${one.value}; Path=/`)
          for (const line of set) after.receive('example.com', line)
          const bytes = after.kept.length === 0 ? 0 : 'Cookie: '.length + (after.cookie('example.com') ?? '').length
          const fits = bytes <= limits.bytes && after.kept.length <= limits.count
          assert.equal(budgetFlaw({ held, set, limits, now }) === undefined, fits)
          if (fits) for (const line of set) jar.receive('example.com', line)
          else refused++
        }
      }),
      { numRuns: 2000 },
    )
    assert.ok(refused > 100, `${refused}`)
  })

  test('room is kept for whoever signs in later, and taken by whoever is signed in', () => {
    const session = `${own[0]}=${'s'.repeat(64)}; ${own[1]}=${'s'.repeat(4000)}`
    const set = [`cart=${'v'.repeat(4090)}; Path=/`]
    assert.equal(flawOf({ set }), undefined)
    assert.match(flawOf({ held: session, set }) ?? '', /the largest others are __Host-snapshot \(4016\)/)
    assert.equal(flawOf({ held: `a=${'v'.repeat(3100)}`, set, own: [] }), undefined, 'tokens need none')
    assert.match(flawOf({ held: `a=${'v'.repeat(3200)}`, set }) ?? '', /cart/)
  })

  test('the limits are the application’s', () => {
    const limits = { bytes: 16_000, count: 60 }
    assert.equal(flawOf({ held: cookies(57, 200), set: ['x=1'], limits }), undefined)
    assert.match(flawOf({ held: cookies(58, 200), set: ['x=1'], limits }) ?? '', /more than the 60 of/)
    assert.deepEqual(defaultBudget, { bytes: 8190, count: 50 })
  })
})

describe('what others put into the request blocks nothing that does not make it more', () => {
  const planted = cookies(60, 30, 'evil')
  const large = cookies(4, 4000, 'evil')

  test('the session’s lines always leave', () => {
    const set = [`${own[0]}=${'s'.repeat(64)}${flags}`, `${own[1]}=${'s'.repeat(400)}; Max-Age=300${flags}`]
    for (const held of [planted, large, `${planted}; ${large}`]) assert.equal(flawOf({ held, set }), undefined)
    assert.match(
      flawOf({ held: planted, set: [...set, 'cart=1'] }) ?? '',
      /^The cookie cart/,
      'the application’s own is the one',
    )
  })

  test('nor what deletes, replaces or shrinks', () => {
    for (const held of [`${planted}; theme=light`, `${large}; theme=light`]) {
      assert.equal(flawOf({ held, set: ['theme=dark'] }), undefined)
      assert.equal(flawOf({ held, set: [`theme=; ${gone}`] }), undefined)
      assert.equal(flawOf({ held, set: ['unknown=; Max-Age=-1'] }), undefined)
      assert.equal(flawOf({ held, set: [`theme=; Max-Age=0`, `evil1=; Max-Age=0`] }), undefined)
    }
    assert.match(flawOf({ held: `${large}; theme=light`, set: ['theme=lighter'] }) ?? '', /^The cookie theme/)
  })

  test('a line in the session’s name that a browser would drop is still one', () => {
    assert.match(
      flawOf({ set: [`${own[0]}=x; Path=/`] }) ?? `passed`,
      /passed/,
      'alone: the session’s own lines are not read',
    )
    assert.match(flawOf({ set: [`${own[0]}=x; Path=/`, 'a=1'] }) ?? '', /needs Secure/)
  })
})

describe('the budget as it is asked', () => {
  test('a Fault that names what to do; nothing when there is nothing', () => {
    assert.equal(checkCookieBudget({ held: 'a=1', set: [] }), undefined)
    assert.equal(checkCookieBudget({ held: undefined, set: ['a=1; Path=/'] }), undefined)
    assert.throws(
      () => checkCookieBudget({ held: undefined, set: ['a=1; SameSite=None'] }),
      (error) => isFault(error) && error.kind === 'cookie_budget' && error.status === 500 && error.reason === null,
    )
  })

  test('without a clock the system’s is asked: an Expires that is past deletes', () => {
    const held = cookies(50, 20)
    assert.equal(budgetFlaw({ held, set: [`a=; ${gone}`] }), undefined)
    assert.match(budgetFlaw({ held, set: ['a=; Expires=Fri, 31 Dec 9999 23:59:59 GMT'] }) ?? '', /number 51/)
  })

  test('32 the steps grow with the length and no faster', () => {
    const pieces = [';', ' ', '\t', '=', ' ;', '; ', '=;', 'a=1; ', 'a; ', 'Path=/;', ' =', 'x']
    for (const piece of pieces) {
      const small = steps(piece.repeat(2 ** 8))
      const large = steps(piece.repeat(2 ** 14))
      assert.ok(
        large <= 2 * 64 * (small + 10),
        `${JSON.stringify(piece)}: ${small} steps, then ${large} for 64 times the text`,
      )
    }
  })
})

/** Characters looked at one by one; what is left are the platform's own searches, each over one part. */
function steps(text: string): number {
  let count = 0
  const { charCodeAt } = String.prototype
  Object.assign(String.prototype, {
    charCodeAt(this: string, at: number): number {
      count++
      return charCodeAt.call(this, at)
    },
  })
  try {
    budgetFlaw({ held: text, set: [`a=1; ${text}`, text, 'b=2'], own, now, limits: { bytes: 1e9, count: 1e9 } })
  } finally {
    Object.assign(String.prototype, { charCodeAt })
  }
  return count
}
