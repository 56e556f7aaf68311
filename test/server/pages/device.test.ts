import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { deviceOf as deviceIn } from '../../../src/server/pages/device.ts'
import { english } from '../../../src/server/pages/words/english.ts'
import { german } from '../../../src/server/pages/words/german.ts'

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const apple = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'
const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)'
const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)'

const known: readonly { readonly is: string; readonly says: string }[] = [
  { is: 'Firefox on Linux', says: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' },
  { is: 'Firefox on Android', says: 'Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0' },
  { is: 'Firefox on iPhone', says: `${iphone} ${apple} FxiOS/145.0 Mobile/15E148 Safari/605.1.15` },
  { is: 'Chrome on Windows', says: `${windows} ${webkit} Chrome/142.0.0.0 Safari/537.36` },
  { is: 'Chrome on iPhone', says: `${iphone} ${apple} CriOS/142.0.0.0 Mobile/15E148 Safari/604.1` },
  {
    is: 'Chrome on ChromeOS',
    says: `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webkit} Chrome/142.0.0.0 Safari/537.36`,
  },
  {
    is: 'Chrome on Android',
    says: `Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/142.0.0.0 Mobile Safari/537.36`,
  },
  { is: 'Edge on Windows', says: `${windows} ${webkit} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0` },
  { is: 'Opera on Mac', says: `${mac} ${webkit} Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0` },
  {
    is: 'Samsung Internet on Android',
    says: `Mozilla/5.0 (Linux; Android 10; K) ${webkit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
  },
  {
    is: 'An app on Android',
    says: `Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) ${webkit} Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36`,
  },
  {
    is: 'Headless Chrome on Linux',
    says: `Mozilla/5.0 (X11; Linux x86_64) ${webkit} HeadlessChrome/142.0.0.0 Safari/537.36`,
  },
  { is: 'Safari on Mac', says: `${mac} ${apple} Version/26.0 Safari/605.1.15` },
  { is: 'Safari on iPhone', says: `${iphone} ${apple} Version/26.0 Mobile/15E148 Safari/604.1` },
  { is: 'A browser on Windows', says: 'Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko' },
  { is: 'A script (curl)', says: 'curl/8.14.1' },
  { is: 'A script (Node.js)', says: 'node' },
  { is: 'A script (Python)', says: 'python-requests/2.32.5' },
  { is: 'A script (Go)', says: 'Go-http-client/2.0' },
  { is: 'An app on Android', says: 'okhttp/5.1.0' },
  { is: 'An app on an Apple device', says: 'Club/42 CFNetwork/3826.500.131 Darwin/24.5.0' },
  { is: 'An unknown device', says: '' },
  { is: 'An unknown device', says: '<script>alert(1)</script>' },
]

const deviceOf = (agent: string): string => deviceIn(agent, english.device)

const inGerman: Readonly<Record<string, string>> = {
  'Firefox on Linux': 'Firefox unter Linux',
  'Safari on iPhone': 'Safari auf dem iPhone',
  'Safari on Mac': 'Safari auf dem Mac',
  'A browser on Windows': 'Ein Browser unter Windows',
  'An app on Android': 'Eine App unter Android',
  'An app on an Apple device': 'Eine App auf einem Apple-Gerät',
  'A script (curl)': 'Ein Skript (curl)',
  'An unknown device': 'Ein unbekanntes Gerät',
}

describe('deviceOf', () => {
  for (const { is, says } of known) test(`${is}: ${says.slice(0, 60)}`, () => assert.equal(deviceOf(says), is))

  for (const { is, says } of known.filter(({ is }) => is in inGerman))
    test(`${inGerman[is]}: ${says.slice(0, 40)}`, () => assert.equal(deviceIn(says, german.device), inGerman[is]))

  test('answers in its own words only, whatever the header says', () => {
    const part = fc.constantFrom(
      'firefox/',
      'curl/',
      'Windows',
      'iPhone',
      '<b>',
      '"',
      "'",
      '\u202e',
      ' ',
      'x'.repeat(200),
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string())), (parts) => {
        assert.match(deviceOf(parts.join('')), /^[A-Za-z. -]+(\([A-Za-z.]+\))?$/)
      }),
    )
  })

  test('reads no further than 512 characters', () => {
    assert.equal(deviceOf(`${'x'.repeat(512)} Firefox/145.0 Linux`), 'An unknown device')
    assert.equal(deviceOf('('.repeat(1_000_000)), 'An unknown device')
  })
})
