import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readCookies } from '../../src/http/cookie.ts'
import { readPlainPair } from '../../src/http/plain-pair.ts'

const names = ['__Host-session', '__Host-snapshot'] as const
const credential = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'
const text = 'AbC-_9'

function plainly(header: string): ReturnType<typeof readPlainPair> {
  return readPlainPair(header, ...names)
}

describe('the pair as browsers send it', () => {
  test('is found wherever it stands among others', () => {
    const pair = { credential, snapshot: text }
    const [session, snapshot] = [`${names[0]}=${credential}`, `${names[1]}=${text}`]
    for (const header of [`${session}; ${snapshot}`, `${snapshot}; ${session}`, `a=b; ${session}; c=; ${snapshot}; d`])
      assert.deepEqual(plainly(header), pair, header)
    assert.deepEqual(plainly(session), { credential, snapshot: null })
  })

  test('C7 C8 anything else is left to whoever reads by the letter', () => {
    const pair = `${names[0]}=${credential}`
    const others = [
      `${pair}; ${pair}`,
      `${pair}; ${names[1]}=a; ${names[1]}=b`,
      ` ${pair}`,
      `${pair}x`,
      `${pair} `,
      `${pair}\t; a=b`,
      `a=b;${pair}`,
      `a=b;  ${pair}`,
      `${pair}; ${names[1]}=a `,
      `${names[0]} =${credential}`,
      `${names[0].toLowerCase()}=${credential}`,
      `${names[0]}="${credential.slice(2)}"`,
      `${names[1]}=${text}`,
    ]
    for (const header of others) assert.equal(plainly(header), null, header)
  })

  test('C6 C7 C8 never says anything else than the letter does', () => {
    const bad = credential.slice(1)
    const value = fc.constantFrom(
      credential,
      bad,
      `${bad}"`,
      `${credential}x`,
      text,
      `${text} `,
      'a\0b',
      ' x',
      '"x"',
      '',
    )
    const name = fc.constantFrom(...names, '__host-session', '__Host-session ', ' __Host-snapshot', 'x', '')
    const pair = fc.tuple(name, value).map(([name, value]) => `${name}=${value}`)
    const ours = fc.constantFrom(`${names[0]}=${credential}`, `${names[1]}=${text}`)
    const part = fc.oneof({ weight: 3, arbitrary: ours }, { weight: 3, arbitrary: pair }, name)
    const odd = fc.constantFrom(';', ';  ', ' ;', '; ;', ';\t')
    const gap = fc.oneof({ weight: 6, arbitrary: fc.constant('; ') }, odd)
    const header = fc.array(fc.tuple(part, gap), { maxLength: 4 })
    let found = 0
    fc.assert(
      fc.property(header, (parts) => {
        const all = parts.flat().slice(0, -1).join('')
        const plain = plainly(all)
        if (plain === null) return
        found++
        const [session, snapshot] = readCookies(all, names)
        assert.equal(session, plain.credential)
        // A text that is no cookie value does not open, and none was found by the letter.
        if (snapshot === undefined) assert.ok(plain.snapshot === null || !/^[\w-]+$/.test(plain.snapshot))
        else assert.equal(snapshot, plain.snapshot)
      }),
      { numRuns: 20_000 },
    )
    assert.ok(found > 200, `${found} plain ones`)
  })
})
