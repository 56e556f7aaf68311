import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generatePassword, isGoodPassword } from '../../src/server/new-password.ts'

describe('a new password (SP 800-63B-4 3.1.1.2)', () => {
  const good = {
    '15 letters and nothing else: no rule of composition': 'plumtrainogling',
    'a sentence with spaces': 'my cat eats tulips',
    'characters of any script': 'мой кот ест тюльпаны',
    '15 code points, 30 units': '🐱🐶🐭🐹🐰🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵',
    'the name among other words': 'ada walks four dogs',
    '64 and more': `${'tulip-'.repeat(9)}a quite long and varied remainder of it`,
  }
  for (const [why, password] of Object.entries(good)) {
    test(`may be ${why}`, () => assert.equal(isGoodPassword(password, 'ada'), true))
  }

  const bad = {
    empty: '',
    'of 14': 'plumtrainoglin',
    'of 14 when composed': 'plumtrainogli' + 'e\u0301',
    'of 1025 bytes': 'tulip-and-other-flowers '.repeat(43).slice(0, 1025),
    'with a control character': 'plumtrain\u0007ogling',
    'one letter again and again': 'a'.repeat(40),
    'a word again and again': 'Secret12Secret12',
    'spaces only': ' '.repeat(20),
    'digits in a row': '123456789012345',
    'digits backwards': '098765432109876',
    'the alphabet': 'abcdefghijklmnopq',
    'a row of keys': 'qwertyuiopasdfgh',
    'a zigzag over the keys': '1qaz2wsx3edc4rfv',
    'well known': 'Correct Horse Battery Staple',
    'the name with digits': 'Ada.Lovelace-1815!!',
    'the name twice': 'adalovelaceadalovelace',
    'the product with a year': 'Handstamp-202620262026',
  }
  for (const [why, password] of Object.entries(bad)) {
    test(`is refused: ${why}`, () => {
      assert.equal(isGoodPassword(password, why === 'the name twice' ? 'adalovelace' : 'ada.lovelace'), false)
    })
  }

  test('that is generated is good, of 100 random bits, and easy to read out', () => {
    const made = Array.from({ length: 1000 }, () => generatePassword())
    assert.equal(new Set(made).size, made.length)
    for (const password of made) {
      assert.match(password, /^([a-km-np-z2-9]{5}-){3}[a-km-np-z2-9]{5}$/)
      assert.equal(isGoodPassword(password, 'ada'), true)
    }
    assert.equal(new Set(made.join('').replaceAll('-', '')).size, 32)
  })
})
