import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isFault } from '../../src/base/fault.ts'
import { type Cookie, deleteCookie, duplicate, readCookies, serializeCookie } from '../../src/http/cookie.ts'

const ours = ['__Host-session', '__Host-snapshot']

const cookie: Cookie = {
  name: '__Host-session',
  value: 'abc.DEF-_123',
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'Lax',
}

const printable = Array.from({ length: 0x7f - 0x21 }, (_, index) => String.fromCharCode(0x21 + index))
const octets = printable.filter((character) => !'",;\\'.includes(character))
const tokenCharacters = printable.filter((character) => !'()<>@,;:\\"/[]?={}'.includes(character))
const nameText = fc.string({ unit: fc.constantFrom(...tokenCharacters), minLength: 1, maxLength: 20 })
const valueText = fc.string({ unit: fc.constantFrom(...octets), maxLength: 60 })

describe('C7 C8 reading cookies', () => {
  const cases: readonly (readonly [header: string | undefined, session: unknown, snapshot: unknown, why: string])[] = [
    [undefined, undefined, undefined, 'no header'],
    ['', undefined, undefined, 'an empty header'],
    ['__Host-session=a', 'a', undefined, 'one'],
    ['__Host-session=a; __Host-snapshot=b', 'a', 'b', 'two'],
    ['__Host-snapshot=b;__Host-session=a', 'a', 'b', 'no space after the semicolon'],
    ['x=1; __Host-session=a; y=2', 'a', undefined, 'among others'],
    ['; ;\t; __Host-session=a;;', 'a', undefined, 'empty pairs'],
    ['x=1; \t __Host-session=a \t ; y=2', 'a', undefined, 'white space around the pair'],
    ['__Host-session=', '', undefined, 'an empty value'],
    ['__Host-session=a=b==', 'a=b==', undefined, 'equals signs in the value'],
    ['__Host-session', undefined, undefined, 'a pair without an equals sign'],
    ['=__Host-session=a', undefined, undefined, 'C7 nameless'],
    ['__host-session=a', undefined, undefined, 'C7 other case'],
    ['__HOST-SESSION=a', undefined, undefined, 'C7 upper case'],
    ['%5F%5FHost-session=a', undefined, undefined, 'C7 percent-encoded'],
    ['__Host%2Dsession=a', undefined, undefined, 'C7 percent-encoded in the middle'],
    ['..Host-session=a', undefined, undefined, 'C7 dots for underscores'],
    ['__Host.session=a', undefined, undefined, 'C7 a dot for the dash'],
    ['__Host_session=a', undefined, undefined, 'C7 an underscore for the dash'],
    ['__Host-session =a', undefined, undefined, 'C7 a space after the name'],
    ['__Host-session\t=a', undefined, undefined, 'C7 a tab after the name'],
    ['__Host-session[x]=a', undefined, undefined, 'C7 brackets after the name'],
    ['__Host-session\0=a', undefined, undefined, 'C7 NUL after the name'],
    ['\u00a0__Host-session=a', undefined, undefined, 'C7 a no-break space before the name'],
    ['\v__Host-session=a', undefined, undefined, 'C7 a vertical tab before the name'],
    ['"__Host-session"=a', undefined, undefined, 'C7 a quoted name'],
    ['x__Host-session=a', undefined, undefined, 'C7 a longer name before'],
    ['__Host-sessions=a', undefined, undefined, 'C7 a longer name after'],
    ['__Host-session=evil; __Host-session=good', duplicate, undefined, 'C8 twice'],
    ['__Host-session=good; __Host-session=evil', duplicate, undefined, 'C8 twice, the other way round'],
    ['__Host-session=a; __Host-session=a', duplicate, undefined, 'C8 twice the same'],
    ['__Host-session=; __Host-session=a', duplicate, undefined, 'C8 the first empty'],
    ['__Host-session=a; x=1; __Host-session=b; __Host-session=c', duplicate, undefined, 'C8 three times'],
    ['__Host-snapshot=a; __Host-snapshot=b; __Host-session=c', 'c', duplicate, 'C8 each name on its own'],
    ['__Host-session=a; __host-session=b', 'a', undefined, 'C8 another spelling is another cookie'],
  ]
  for (const [header, session, snapshot, why] of cases) {
    test(`${why}: ${JSON.stringify(header)}`, () => assert.deepEqual(readCookies(header, ours), [session, snapshot]))
  }

  test('C6 a value with anything but cookie-octets is passed over', () => {
    for (let code = 0; code < 0x180; code++) {
      const character = String.fromCharCode(code)
      const header = `__Host-session=a${character}b; __Host-snapshot=c`
      const session = octets.includes(character) ? `a${character}b` : character === ';' ? 'a' : undefined
      assert.deepEqual(readCookies(header, ours), [session, 'c'], `code ${code}`)
    }
  })

  test('C6 a twin with a control character does not shadow the good one', () => {
    assert.deepEqual(readCookies('__Host-session=a\u0001; __Host-session=b', ours), ['b', undefined])
  })

  test('C8 a twin that is no cookie value still makes two', () => {
    for (const twin of ['"a"', 'a b', 'a\\b', 'a,b', '\u00ff'])
      assert.deepEqual(readCookies(`__Host-session=b; __Host-session=${twin}`, ours), [duplicate, undefined])
    assert.deepEqual(readCookies('__Host-session="a"', ours), [undefined, undefined])
  })

  test('names of objects are names like any other', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      assert.deepEqual(readCookies(`${name}=a; x=1`, [name, 'valueOf']), ['a', undefined])
  })

  test('finds what a jar holds, wherever it stands', () => {
    const pair = fc.record({ name: nameText, value: valueText })
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 12 }), nameText, valueText, fc.nat(12), (jar, name, value, place) => {
        const others = jar.filter((one) => one.name !== name)
        const pairs = others.map((one) => `${one.name}=${one.value}`)
        pairs.splice(place, 0, `${name}=${value}`)
        assert.deepEqual(readCookies(pairs.join('; '), [name]), [value])
        assert.deepEqual(readCookies([...pairs, `${name}=${value}`].join('; '), [name]), [duplicate])
      }),
    )
  })

  test('agrees with the grammar on any text', () => {
    const noise = fc.string({
      unit: fc.constantFrom('a', 'b', '=', ';', ' ', '\t', '"', ',', '\\', '\0', 'é'),
      maxLength: 40,
    })
    fc.assert(
      fc.property(noise, (header) =>
        assert.deepEqual(readCookies(header, ['a', 'ab', 'b']), readSlowly(header, ['a', 'ab', 'b'])),
      ),
      { numRuns: 20_000 },
    )
  })

  test('32 the steps grow with the length and no faster', () => {
    const blanks = [';', ' ', '\t', '=', '\\', '"', ' ;', '; ', '=;', ';=']
    const names = ['__Host-session', '__Host-session=', '__Host-;', ';__Host-session=a', ';__Host-session=a  ']
    for (const piece of [...blanks, ...names]) {
      const small = countSteps(piece.repeat(2 ** 8))
      const large = countSteps(piece.repeat(2 ** 14))
      assert.ok(
        large <= 2 * 64 * small,
        `${JSON.stringify(piece)}: ${small} steps, then ${large} for 64 times the text`,
      )
    }
  })
})

/** The rules of `readCookies`, said with regular expressions. */
function readSlowly(header: string, names: readonly string[]): unknown[] {
  const pairs = header
    .split(';')
    .map((part) => /^[ \t]*([^=]*)=([\s\S]*?)[ \t]*$/.exec(part))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what the rule is about
    .filter((pair) => pair !== null && !/[\0-\x08\x0a-\x1f\x7f]/.test(pair[2] as string))
  return names.map((name) => {
    const values = pairs.filter((pair) => pair?.[1] === name).map((pair) => pair?.[2] as string)
    if (values.length > 1) return duplicate
    return values.find((value) => /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(value))
  })
}

/** Characters looked at, by standing in for the three ways in which the reader looks at a text. */
function countSteps(header: string): number {
  let steps = 0
  const { charCodeAt, indexOf, startsWith } = String.prototype
  Object.assign(String.prototype, {
    charCodeAt(this: string, at: number): number {
      steps++
      return charCodeAt.call(this, at)
    },
    indexOf(this: string, what: string, from = 0): number {
      const found = indexOf.call(this, what, from)
      steps += (found < 0 ? this.length : found) - from + 1
      return found
    },
    startsWith(this: string, what: string, from?: number): boolean {
      steps += what.length
      return startsWith.call(this, what, from)
    },
  })
  try {
    readCookies(header, ours)
  } finally {
    Object.assign(String.prototype, { charCodeAt, indexOf, startsWith })
  }
  assert.ok(steps >= header.length / 20, 'the reader looks at the text by other means: count those')
  return steps
}

describe('writing cookies', () => {
  test('C1 C2 every attribute is stated', () => {
    assert.equal(serializeCookie(cookie), '__Host-session=abc.DEF-_123; Path=/; Secure; HttpOnly; SameSite=Lax')
    assert.equal(
      serializeCookie({
        ...cookie,
        name: 'theme',
        value: 'dark',
        maxAge: 60,
        path: '/a b',
        domain: 'example.com',
        secure: false,
        httpOnly: false,
        sameSite: 'Strict',
      }),
      'theme=dark; Max-Age=60; Domain=example.com; Path=/a b; SameSite=Strict',
    )
    assert.equal(
      serializeCookie({ ...cookie, sameSite: 'None', partitioned: true }),
      '__Host-session=abc.DEF-_123; Path=/; Secure; HttpOnly; SameSite=None; Partitioned',
    )
  })

  test('C9 deletion carries the same attributes', () => {
    for (const one of [
      cookie,
      { ...cookie, name: '__Secure-sid', domain: 'example.com', path: '/app' },
      { ...cookie, sameSite: 'None' as const, partitioned: true },
      { ...cookie, name: 'session', secure: false, httpOnly: false },
    ]) {
      const set = serializeCookie({ ...one, maxAge: 5 })
      const expected = set.replace(/=[^;]*; Max-Age=5/, '=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT')
      assert.equal(deleteCookie({ ...one, value: 'left over', maxAge: 5 } as typeof one), expected)
    }
    assert.throws(() => deleteCookie({ ...cookie, path: '/app' }), refused)
  })

  const flaws: readonly (readonly [why: string, change: Partial<Cookie>])[] = [
    ['C3 name and value over 4096 octets', { value: 'v'.repeat(4096 - cookie.name.length + 1) }],
    ['C3 path over 1024 octets', { name: 'x', path: `/${'p'.repeat(1024)}` }],
    ['C3 domain over 1024 octets', { name: 'x', domain: `${'a.'.repeat(512)}aa` }],
    ['C4 over 400 days', { maxAge: 34_560_001 }],
    ['C4 negative', { maxAge: -1 }],
    ['C4 a fraction', { maxAge: 1.5 }],
    ['C4 not a number', { maxAge: Number.NaN }],
    ['C4 infinite', { maxAge: Number.POSITIVE_INFINITY }],
    ['C1 __Host- without Secure', { secure: false }],
    ['C1 __Host- with Domain', { domain: 'example.com' }],
    ['C1 __Host- with another path', { path: '/app' }],
    ['C1 __hOST- without Secure', { name: '__hOST-session', secure: false }],
    ['C1 __Secure- without Secure', { name: '__Secure-sid', secure: false }],
    ['C1 __sECURE- without Secure', { name: '__sECURE-sid', secure: false }],
    ['C1 __Http- without HttpOnly', { name: '__Http-sid', httpOnly: false }],
    ['C1 __Host-Http- without HttpOnly', { name: '__Host-Http-sid', httpOnly: false }],
    ['C1 __Host-Http- with Domain', { name: '__Host-Http-sid', domain: 'example.com' }],
    ['C2 SameSite=None without Secure', { name: 'x', secure: false, sameSite: 'None' }],
    ['C2 an unknown SameSite', { sameSite: 'lax' as 'Lax' }],
    ['Partitioned without Secure', { name: 'x', secure: false, partitioned: true }],
    ['an empty name', { name: '' }],
    ['a relative path', { name: 'x', path: 'app' }],
    ['an empty path', { name: 'x', path: '' }],
    ['an empty domain', { name: 'x', domain: '' }],
    ['a leading dot', { name: 'x', domain: '.example.com' }],
    ['a trailing dot', { name: 'x', domain: 'example.com.' }],
    ['a label that begins with a dash', { name: 'x', domain: '-a.com' }],
  ]
  for (const [why, change] of flaws) {
    test(`refuses ${why}`, () => assert.throws(() => serializeCookie({ ...cookie, ...change }), refused))
  }

  test('C3 what is refused is named, with its bytes', () => {
    assert.throws(() => serializeCookie({ ...cookie, value: 'v'.repeat(5000) }), {
      message:
        /^The cookie __Host-session cannot be sent: name and value are 5014 octets, and browsers drop what exceeds 4096\.$/,
    })
    assert.throws(() => serializeCookie({ ...cookie, name: `a\r\nb${'c'.repeat(100)}` }), {
      message: /^The cookie a\?\?bc{60}… cannot be sent: its name is not a token\.$/,
    })
    assert.throws(() => deleteCookie({ ...cookie, secure: false }), {
      message: /^The cookie __Host-session cannot be deleted: /,
    })
  })

  test('C3 C4 the limits themselves are allowed', () => {
    serializeCookie({ ...cookie, value: 'v'.repeat(4096 - cookie.name.length) })
    serializeCookie({ ...cookie, name: 'x', path: `/${'p'.repeat(1023)}` })
    assert.match(serializeCookie({ ...cookie, maxAge: 34_560_000 }), /Max-Age=34560000;/)
    assert.match(serializeCookie({ ...cookie, maxAge: 0 }), /Max-Age=0;/)
  })

  test('C6 no character gets out that could end a field', () => {
    for (let code = 0; code < 0x180; code++) {
      const character = String.fromCharCode(code)
      const verdicts = {
        name: writes({ name: `a${character}b` }),
        value: writes({ value: `a${character}b` }),
        path: writes({ name: 'x', path: `/a${character}b` }),
        domain: writes({ name: 'x', domain: `a${character}b` }),
      }
      assert.deepEqual(
        verdicts,
        {
          name: tokenCharacters.includes(character),
          value: octets.includes(character),
          path: code >= 0x20 && code < 0x7f && character !== ';' && character !== ',',
          domain: /^[0-9A-Za-z.-]$/.test(character),
        },
        `code ${code}`,
      )
    }
  })

  test('28 no text for a field can add an attribute', () => {
    const field = fc.constantFrom('name', 'value', 'path', 'domain')
    const text = fc.string({
      unit: fc.constantFrom('a', '/', ';', ',', ' ', '=', '\r', '\n', '\0', '\x7f', 'é', '"'),
      maxLength: 8,
    })
    fc.assert(
      fc.property(field, text, (name, value) => {
        const changed: Cookie = { ...cookie, name: 'x', [name]: value }
        if (!writes(changed)) return
        const attributes = serializeCookie(changed)
          .split('; ')
          .slice(1)
          .map((part) => part.split('=', 1)[0])
        assert.deepEqual(attributes, [
          ...(name === 'domain' ? ['Domain'] : []),
          'Path',
          'Secure',
          'HttpOnly',
          'SameSite',
        ])
      }),
    )
  })

  test('what is written is read back', () => {
    fc.assert(
      fc.property(nameText, valueText, (name, value) => {
        const line = serializeCookie({ ...cookie, name, value })
        assert.deepEqual(readCookies(`a0=1; ${line.split('; ', 1)[0]}`, [name]), name === 'a0' ? [duplicate] : [value])
      }),
    )
  })
})

function writes(change: Partial<Cookie>): boolean {
  try {
    serializeCookie({ ...cookie, ...change })
    return true
  } catch (error) {
    if (refused(error)) return false
    throw error
  }
}

/** A Fault that does not tell the value. */
function refused(error: unknown): boolean {
  return isFault(error) && error.kind === 'invalid_value' && !error.message.includes(cookie.value)
}
