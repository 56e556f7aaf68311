import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isJson, type Json, type JsonLimits, parseJson, parseWrittenJson, smallJson } from '../../src/base/json.ts'

const wide: JsonLimits = { length: 1_000_000, depth: 100, values: 100_000 }
const values = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 6 })

describe('JSON that a machine has written', () => {
  const limits = fc.record({ length: fc.nat(60), depth: fc.nat(4), values: fc.nat(12) })
  const piece = fc.constantFrom(
    ...'{ } [ ] : , "a" "b" "__proto__" "\\ud800" "\ud800" 1 -0 1e999 1.0 null'.split(' '),
    ' ',
  )
  const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
  const written = values.map((value) => JSON.stringify(value))
  const twice = fc.constantFrom(
    '{"a":1,"a":2}',
    '[{"a":1,"a":1}]',
    '{"a":{"b":1,"b":2}}',
    '{"__proto__":1,"__proto__":1}',
  )

  test('J10 is read like any other, with any limits', () => {
    fc.assert(
      fc.property(fc.oneof(soup, written, twice), fc.oneof(limits, fc.constant(wide)), (text, limits) => {
        assert.equal(JSON.stringify(parseWrittenJson(text, limits)), JSON.stringify(parseJson(text, limits)))
      }),
      { numRuns: 5000 },
    )
  })

  test('S15 nothing that somebody has put into every object passes for a member', (context) => {
    Object.defineProperty(Object.prototype, 'tenant', { value: 'evil', enumerable: true, configurable: true })
    context.after(() => Reflect.deleteProperty(Object.prototype, 'tenant'))
    const read = parseWrittenJson('{"a":1}') as { readonly tenant?: Json }
    assert.equal(read.tenant, undefined)
  })
})

describe('strict JSON against JSON.parse', () => {
  test('what JSON.stringify writes is read as the same value', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 1, '\t', ' \n\r '), (value, space) => {
        const text = JSON.stringify(value, null, space)
        assert.equal(JSON.stringify(parseJson(text, wide)), JSON.stringify(JSON.parse(text)))
      }),
      { numRuns: 500 },
    )
  })

  test('what is taken, JSON.parse takes too, and with an equal value', () => {
    const piece = fc.constantFrom(
      ...'{ } [ ] : , " \\ / . - + 0 1 9 e E t r u e null true false "a" "b" \\u0041 \\ud800 \\n é 😀'.split(' '),
      ' ',
      '\n',
      '\u00a0',
      '\u0000',
    )
    const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    const damaged = fc
      .tuple(values, fc.nat(), fc.nat({ max: 2 }), piece)
      .map(([value, at, cut, put]) => damage(JSON.stringify(value), at, cut, put))
    fc.assert(
      fc.property(fc.oneof(soup, damaged), (text) => {
        const value = parseJson(text, wide)
        if (value === undefined) return
        assert.equal(JSON.stringify(value), JSON.stringify(JSON.parse(text)))
      }),
      { numRuns: 5000 },
    )
  })

  test('what JSON.parse takes, is taken, but for what is refused by name', () => {
    const text = fc
      .tuple(values, fc.nat(), fc.nat({ max: 2 }), fc.string({ maxLength: 2 }))
      .map(([value, at, cut, put]) => damage(JSON.stringify(value), at, cut, put))
    fc.assert(
      fc.property(text, (other) => {
        let value: Json
        try {
          value = JSON.parse(other) as Json
        } catch {
          return
        }
        const same = JSON.stringify(value) === JSON.stringify(parseJson(other, wide))
        assert.ok(same || isRefusedByName(other), other)
      }),
      { numRuns: 3000 },
    )
  })

  test('every escape and every single character', () => {
    for (let unit = 0; unit <= 0xffff; unit++) {
      const plain = `"${String.fromCharCode(unit)}"`
      const escaped = `"\\u${unit.toString(16).padStart(4, '0')}"`
      const surrogate = unit >= 0xd800 && unit <= 0xdfff
      assert.equal(parseJson(escaped), surrogate ? undefined : String.fromCharCode(unit), escaped)
      const apart = surrogate || unit < 0x20 || unit === 0x22 || unit === 0x5c
      assert.equal(parseJson(plain), apart ? undefined : String.fromCharCode(unit), escaped)
    }
    for (let unit = 0; unit < 256; unit++) {
      const text = `"\\${String.fromCharCode(unit)}"`
      assert.equal(
        parseJson(text),
        '"\\/bfnrt'.includes(String.fromCharCode(unit)) ? JSON.parse(text) : undefined,
        text,
      )
    }
  })
})

describe('strict JSON: what is taken', () => {
  const taken = [
    '[]¦{}¦[[]]¦[ ]¦{ }¦ [ ] ¦\t\r\n{}\n¦null¦true¦false¦""¦ "x" ¦0¦-0¦1¦42¦-1¦0.1¦-0.1¦1.0¦1e0¦1E1¦1e+1¦1e-1¦0e0',
    '0e+1¦1.5e300¦-123.456e-7¦1e-400¦123e-10000¦1.7976931348623157e308¦-1.7976931348623157e308¦5e-324',
    '0.00000000000000000000000000000000000000000000000001¦[1,2]¦[1 , 2]¦[null,1,"1",{}]¦{"":0}¦{"a":{"b":[{}]}}',
    '{"a":1,"b":1}¦{ "a" : [ ] }¦{"a":"a"}¦"\\""¦"\\\\"¦"\\/\\b\\f\\n\\r\\t"¦"\\\\\\""¦"\\u0000"¦"\\u00e9"',
    '"\\uD83D\\uDE00"¦"\\ud83d\\ude00"¦"\u007f"¦"\u2028\u2029"¦"\ufeff"¦"\uffff"¦"\ud83d\ude00"¦"/"¦"\\uFFFE"',
    '"[]{},:"¦{"a\\"b":1}¦{"\\u0061":1}',
  ].flatMap((line) => line.split('¦'))

  for (const text of taken)
    test(`y ${JSON.stringify(text)}`, () => {
      const value = parseJson(text)
      assert.notEqual(value, undefined)
      assert.equal(JSON.stringify(value), JSON.stringify(JSON.parse(text)))
    })

  test('a member named __proto__ is a member, and no object has a prototype', () => {
    const value = parseJson('{"__proto__":{"admin":true},"constructor":1,"toString":2,"a":{}}') as Record<string, Json>
    assert.deepEqual(Object.keys(value), ['__proto__', 'constructor', 'toString', 'a'])
    assert.equal(Object.getPrototypeOf(value), null)
    assert.equal(Object.getPrototypeOf(value.a), null)
    assert.equal('admin' in value, false)
    assert.equal(({} as { admin?: boolean }).admin, undefined)
  })
})

describe('strict JSON: what is refused', () => {
  const refused = [
    '¦ ¦\n¦[¦]¦{¦}¦[}¦{]¦,¦:¦"¦\\¦x¦[1¦[1,¦{"a"¦{"a":¦{"a":1¦{"a":1,¦[,]¦[1,]¦[,1]¦[1,,2]¦[1 2]¦[1:2]¦{,}',
    '{"a":1,}¦{,"a":1}¦{"a":1,,"b":2}¦{"a" 1}¦{"a",1}¦{"a"::1}¦{1:1}¦{a:1}¦{\'a\':1}¦{null:1}¦{[]:1}',
    '{"a":1 "b":2}¦{"a":}¦{:1}¦{"a":1}}¦[]]¦[][]¦{}{}¦{} x¦[] /**/¦/**/[]¦[1]//¦#[]¦[1]\u0000¦\u0000[]¦[\u00a0]',
    '[\u000c]¦[\u000b]¦\u2028[]¦nul¦NULL¦Null¦nulll¦tru¦TRUE¦truee¦fals¦undefined¦NaN¦-NaN¦Infinity¦-Infinity',
    '[nul]¦+1¦-¦--1¦-+1¦01¦-01¦00¦1.¦.1¦-.1¦1.e1¦1e¦1e+¦1e-¦1E¦e1¦1.2.3¦1e1.5¦1e1e1¦0x1¦0b1¦1_000¦1,000¦1 000¦- 1',
    '1 .5¦1. 5¦1n¦１¦[-]¦[1.]¦[01]¦[.5]¦0.1.¦1..0¦1a¦1e309¦-1e309¦1e999999¦[1e309]',
    '"¦"\\"¦"a¦a"¦\'a\'¦"\\x41"¦"\\a"¦"\\u"¦"\\u1"¦"\\u12"¦"\\u123"¦"\\u123g"¦"\\U0041"¦"\\u 041"¦"\\u00\\u00"',
    '"\\¦"\\u004¦"\n"¦"\t"¦"\r"¦"\u0000"¦"\u001f"¦"a\nb"¦"\\\n"¦"a""b"¦"\\ud800"¦"\\udc00"¦"\\udc00\\ud800"',
    '"\\ud800\\ud800"¦"\\ud800\\u0041"¦"\\ud800a"¦"\ud800"¦"\udc00"¦"\\ud83d\ude00"¦"\ud83d\\ude00"¦{"\\ud800":1}',
    '{"\ud800":1}¦["\\ud800"]¦\ufeff¦\ufeff{}¦{}\ufeff¦[\ufeff]¦\ufffe{}',
  ].flatMap((line) => line.split('¦'))
  refused.push(`1${'0'.repeat(309)}`)

  for (const text of refused)
    test(`n ${JSON.stringify(text).slice(0, 60)}`, () => assert.equal(parseJson(text), undefined))

  test('J10 a member named twice, however it is spelt and wherever it is', () => {
    const twice = [
      '{"a":1,"a":1}',
      '{"a":1,"a":2}',
      '{"a":1,"b":2,"a":3}',
      '{"a":1,"\\u0061":1}',
      '{"":1,"":1}',
      '{"x":{"a":1,"a":1}}',
      '[{"a":1,"a":1}]',
      '{"__proto__":1,"__proto__":1}',
      '{"constructor":1,"constructor":1}',
      '{"0":1,"0":1}',
      '{"é":1,"\\u00e9":1}',
    ]
    for (const text of twice) assert.equal(parseJson(text), undefined, text)
    assert.notEqual(parseJson('{"a":{"a":{"a":1}},"b":{"a":1}}'), undefined)
    assert.notEqual(parseJson('{"\u00e9":1,"e\u0301":1,"A":1,"a":1}'), undefined)
    fc.assert(
      fc.property(fc.dictionary(fc.string(), values, { minKeys: 1 }), fc.nat(), (object, index) => {
        const names = Object.keys(object)
        const again = JSON.stringify(names[index % names.length])
        const text = `${JSON.stringify(object).slice(0, -1)},${again}:0}`
        assert.equal(parseJson(text, wide), undefined)
      }),
    )
  })
})

describe('strict JSON: bounds', () => {
  const limits: JsonLimits = { length: 20, depth: 3, values: 5 }

  test('J8 V5 length, depth and number of values, to the unit', () => {
    assert.equal(parseJson(`"${'x'.repeat(18)}"`, limits), 'x'.repeat(18))
    assert.equal(parseJson(`"${'x'.repeat(19)}"`, limits), undefined)
    assert.equal(parseJson(`${' '.repeat(20)}1`, limits), undefined)
    for (const text of ['[[[]]]', '{"a":{"b":{}}}', '[[[1],[]]]', '[{"a":[]}]'])
      assert.notEqual(parseJson(text, limits), undefined)
    for (const text of ['[[[[]]]]', '[{"a":[{}]}]', '{"a":[[{}]]}'])
      assert.equal(parseJson(text, limits), undefined, text)
    assert.notEqual(parseJson('[1,2,3,4]', limits), undefined)
    assert.equal(parseJson('[1,2,3,4,5]', limits), undefined)
    assert.equal(parseJson('[[],[],[],[],[]]', limits), undefined)
    assert.equal(parseJson('{"a":1,"b":[1,2,3]}', limits), undefined)
    assert.equal(parseJson('1', { ...limits, values: 0 }), undefined)
    assert.equal(parseJson('1', { ...limits, depth: 0 }), 1)
    assert.equal(parseJson('[]', { ...limits, depth: 0 }), undefined)
  })

  test('depth is counted again after each nesting that was closed', () => {
    assert.notEqual(parseJson('[[[]],[[]]]', limits), undefined)
    assert.equal(parseJson('[[[]],[[[]]]]', limits), undefined)
  })

  test('V5 nesting beyond any stack is refused, not thrown', () => {
    for (const open of ['[', '{"a":', '[{"a":']) {
      const text = open.repeat(1_000_000)
      assert.equal(parseJson(text), undefined)
      assert.equal(parseJson(text, { length: 1e9, depth: 100, values: 1e9 }), undefined)
    }
  })

  test('the small limits', () => {
    assert.deepEqual({ ...smallJson }, { length: 16_384, depth: 8, values: 1_000 })
    assert.ok(Object.isFrozen(smallJson))
    assert.notEqual(parseJson('['.repeat(8) + ']'.repeat(8)), undefined)
    assert.equal(parseJson('['.repeat(9) + ']'.repeat(9)), undefined)
  })
})

describe('isJson', () => {
  test('what JSON holds, and nothing else', () => {
    fc.assert(fc.property(values, (value) => assert.equal(isJson(value), true)))
    fc.assert(fc.property(values, (value) => assert.equal(isJson(parseJson(JSON.stringify(value), wide)), true)))
    const cycle: unknown[] = []
    cycle.push(cycle)
    const others: unknown[] = [
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1n,
      Symbol('x'),
      () => 0,
      new Date(0),
      new Map(),
    ]
    for (const other of [...others, /x/, new (class {})(), new Uint8Array(1), cycle, Object.create({ a: 1 })]) {
      assert.equal(isJson(other), false, String(typeof other))
      assert.equal(isJson([other]), false)
      assert.equal(isJson({ a: { b: [other] } }), false)
    }
  })

  test('as deep as it is told', () => {
    assert.equal(isJson([[1]], 2), true)
    assert.equal(isJson([[1]], 1), false)
  })
})

function damage(text: string, at: number, cut: number, put: string): string {
  const place = at % (text.length + 1)
  return text.slice(0, place) + put + text.slice(place + cut)
}

/** Members named twice, lone surrogates, numbers that no double holds. */
function isRefusedByName(text: string): boolean {
  let odd = !text.isWellFormed()
  JSON.parse(text, function check(this: unknown, name: string, value: unknown): unknown {
    odd ||= !name.isWellFormed() || (typeof value === 'string' && !value.isWellFormed())
    odd ||= typeof value === 'number' && !Number.isFinite(value)
    return value
  })
  const members = (text.match(/"(?:[^"\\]|\\.)*"\s*:/g) ?? []).length
  return odd || members > countMembers(JSON.parse(text) as Json)
}

function countMembers(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  const inside = Object.values(value).reduce<number>((sum, item) => sum + countMembers(item as Json), 0)
  return inside + (Array.isArray(value) ? 0 : Object.keys(value).length)
}
