import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { day, hour, minute, second } from '../../src/base/clock.ts'
import { type Browser, type BrowserOptions, browser, type ManualClock, manualClock } from '../../src/testing/index.ts'

/** Sets the lines that it is asked for, and says what it was sent. */
function echo(request: Request): Response {
  const headers = new Headers({ 'X-Cookie': request.headers.get('cookie') ?? '' })
  for (const line of new URL(request.url).searchParams.getAll('set')) headers.append('Set-Cookie', line)
  return new Response(request.headers.get('cookie') ?? '', { headers })
}

const app = 'https://app.example.com'
const others = {
  'https://example.com': echo,
  'https://www.example.com': echo,
  'https://evil.example': echo,
  'http://app.example.com': echo,
  'https://10.0.0.1': echo,
  'https://shop.co.uk': echo,
}

interface Opened {
  readonly page: Browser
  readonly clock: ManualClock
}

function open(options: BrowserOptions = {}): Opened {
  const clock = manualClock()
  return { page: browser(echo, { origin: app, clock, others, publicSuffixes: ['co.uk'], ...options }), clock }
}

async function sent(page: Browser, path = '/', options = {}): Promise<string> {
  return (await page.get(path, options)).text()
}

function set(...lines: readonly string[]): string {
  return `?${new URLSearchParams(lines.map((line) => ['set', line]))}`
}

describe('what a browser keeps', () => {
  const kept: Readonly<Record<string, string>> = {
    'a=1': 'a=1',
    'a=1; Path=/; Secure; HttpOnly; SameSite=Strict': 'a=1',
    ' a = 1 2 ': 'a=1 2',
    'a=b=c': 'a=b=c',
    'a=': 'a=',
    '=a': 'a',
    a: 'a',
    'a="1,2"': 'a="1,2"',
    'a=1; Path=nowhere': 'a=1',
    'a=1; Domain=': 'a=1',
    'a=1; Domain=.EXAMPLE.com': 'a=1',
    'a=1; Max-Age=1x': 'a=1',
    'a=1; Max-Age=; Expires=never': 'a=1',
    'a=1; Max-Age=60; Max-Age=x': 'a=1',
    'a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT': 'a=1',
    'a=1; SameSite=whatever': 'a=1',
    'a=1; Unknown=thing;;; =': 'a=1',
    '__Host-a=1; Secure; Path=/': '__Host-a=1',
    '__Secure-a=1; Secure; Domain=example.com; Path=/': '__Secure-a=1',
    [`a=${'x'.repeat(4095)}`]: `a=${'x'.repeat(4095)}`,
    [`a=1; Path=/${'x'.repeat(1024)}`]: 'a=1',
    [`a=1; Domain=${'x'.repeat(1025)}`]: 'a=1',
    'a=1; Partitioned; Secure; SameSite=None': 'a=1',
  }
  for (const [line, cookie] of Object.entries(kept)) {
    test(`kept: ${line.slice(0, 70)}`, async () => {
      const { page } = open()
      assert.equal(page.setCookie(line), null)
      assert.equal(await sent(page), cookie)
    })
  }

  const dropped: Readonly<Record<string, RegExp>> = {
    '': /neither a name nor a value/,
    ' = ; Path=/': /neither a name nor a value/,
    'a=\u0001': /control/,
    'a=1; Path=/\u007f': /control/,
    'a=1\nb=2': /control/,
    [`a=${'x'.repeat(4096)}`]: /4096/,
    '=__Host-a': /no name/,
    '__host-b': /no name/,
    'a=1; Domain=www.example.com': /Domain/,
    'a=1; Domain=ample.com': /Domain/,
    'a=1; Domain=evil.example': /Domain/,
    'a=1; Domain=com': /public suffix/,
    'a=1; SameSite=None': /SameSite=None/,
    'a=1; Partitioned': /Partitioned/,
    '__Host-a=1; Path=/': /Secure/,
    '__Host-a=1; Secure': /Path/,
    '__Host-a=1; Secure; Path=/a': /Path/,
    '__HOST-a=1; Secure; Path=/; Domain=app.example.com': /Domain/,
    '__Secure-a=1': /Secure/,
  }
  for (const [line, why] of Object.entries(dropped)) {
    test(`dropped: ${JSON.stringify(line.slice(0, 70))}`, async () => {
      const { page } = open()
      assert.match(page.setCookie(line) ?? 'it was kept', why)
      assert.equal(await sent(page), '')
      await page.get(`/${set(line.replaceAll('\n', ''))}`).catch(() => {})
      assert.equal(page.cookies().length, line.includes('\n') ? 1 : 0)
    })
  }

  test('over plain http no Secure cookie is set, sent or covered, but on loopback it is', async () => {
    const { page } = open()
    await page.get(`/${set('s=1; Secure', 'deep=1; Secure; Path=/deep')}`)
    const plain = page.at('http://app.example.com')
    assert.match(plain.setCookie('t=1; Secure') ?? '', /plain http/)
    assert.match(plain.setCookie('s=2') ?? '', /plain http, and there is a Secure one/)
    assert.match(plain.setCookie('s=2; Domain=example.com; Path=/x') ?? '', /there is a Secure one/)
    assert.equal(plain.setCookie('deep=2'), null, 'another path lies beside it')
    assert.equal(await sent(plain, 'http://app.example.com/deep', { mode: 'navigate' }), 'deep=2')
    assert.equal(await sent(page, '/deep/er'), 'deep=1; s=1; deep=2')

    for (const origin of ['http://localhost', 'http://127.0.0.1:3000', 'http://app.localhost'])
      assert.equal(browser(echo, { origin }).setCookie('__Host-a=1; Secure; Path=/'), null, origin)
    assert.match(browser(echo, { origin: 'http://10.0.0.1' }).setCookie('a=1; Secure') ?? '', /plain http/)
  })

  test('a cookie belongs to its host, or with Domain to those below it too', async () => {
    const { page } = open()
    await page.get(`/${set('own=1', 'all=1; Domain=example.com')}`)
    assert.equal(await sent(page), 'own=1; all=1')
    assert.equal(await sent(page, 'https://www.example.com/'), 'all=1')
    assert.equal(await sent(page, 'https://example.com/'), 'all=1')
    assert.deepEqual(
      page.cookies().map(({ domain, hostOnly }) => [domain, hostOnly]),
      [
        ['app.example.com', true],
        ['example.com', false],
      ],
    )
    const address = page.at('https://10.0.0.1')
    assert.match(address.setCookie('a=1; Domain=0.0.1') ?? '', /Domain/)
    assert.equal(address.setCookie('a=1; Domain=10.0.0.1'), null)
    assert.match(page.at('https://shop.co.uk').setCookie('a=1; Domain=co.uk') ?? '', /public suffix/)
  })

  test('C9 only the cookie of the same name, domain and path is overwritten or deleted; it keeps its place', async () => {
    const { page, clock } = open()
    for (const line of ['a=1; Path=/', 'a=2; Path=/me', 'a=3; Path=/; Domain=example.com', 'b=4; Path=/']) {
      page.setCookie(line)
      clock.advance(second)
    }
    assert.equal(await sent(page, '/me'), 'a=2; a=1; a=3; b=4')
    page.setCookie('a=5; Path=/')
    assert.equal(await sent(page, '/me'), 'a=2; a=5; a=3; b=4')
    page.setCookie('a=; Path=/; Max-Age=0')
    assert.equal(await sent(page, '/me'), 'a=2; a=3; b=4')
    page.setCookie('a=; Path=/; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT')
    assert.equal(await sent(page, '/me'), 'a=2; b=4')
    page.setCookie('a=; Path=/me; Max-Age=-1')
    assert.equal(await sent(page, '/me'), 'b=4')
    page.setCookie('b=5; Path=/; Domain=app.example.com')
    assert.equal(await sent(page), 'b=4; b=5', 'one for the host alone lies beside one with Domain')
    assert.throws(() => {
      page.setCookie('b=1; Path=/x')
      page.cookie('b')
    }, /3 cookies b/)
  })

  test('a path holds whole parts, and is that of the page where none is named', async () => {
    const { page } = open()
    page.setCookie('a=1; Path=/me')
    page.setCookie('b=1; Path=/me/')
    for (const [path, cookie] of Object.entries({ '/me': 'a=1', '/me/x': 'b=1; a=1', '/mexico': '', '/': '' }))
      assert.equal(await sent(page, path), cookie, path)
    await page.get(`/shop/cart/list${set('c=1')}`)
    assert.equal(page.cookies().at(-1)?.path, '/shop/cart')
  })
})

describe('how long a browser keeps it', () => {
  test('C4 Max-Age goes before Expires, and neither beyond 400 days', () => {
    const { page, clock } = open()
    const start = clock.now()
    const ends: Readonly<Record<string, number | null>> = {
      'a=1': null,
      'a=1; Max-Age=60': start + minute,
      'a=1; Expires=Wed, 15 Nov 2023 22:13:20 GMT; Max-Age=60': start + minute,
      'a=1; Expires=Wed, 15 Nov 2023 22:13:20 GMT': start + day,
      'a=1; Expires=Wednesday, 15-Nov-23 22:13:20 GMT': start + day,
      'a=1; Expires=22:13:20 15 nov 2023': start + day,
      'a=1; Max-Age=99999999999': start + 400 * day,
      'a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT': start + 400 * day,
      'a=1; Expires=Wed, 31 Feb 2024 00:00:00 GMT': null,
      'a=1; Expires=Wed, 15 Nov 1600 22:13:20 GMT': null,
      'a=1; Expires=Wed, 15 Nov 2023 24:13:20 GMT': null,
    }
    for (const [line, at] of Object.entries(ends)) {
      assert.equal(page.setCookie(line), null)
      assert.equal(page.cookies()[0]?.expiresAt, at, line)
    }
  })

  test('it ends by the clock, to the millisecond', async () => {
    const { page, clock } = open()
    page.setCookie('a=1; Max-Age=60')
    clock.advance(minute - 1)
    assert.equal(await sent(page), 'a=1')
    clock.advance(1)
    assert.equal(await sent(page), '')
    assert.deepEqual(page.cookies(), [])
  })

  test('closing the browser ends the cookies without a lifetime, in this browser only', async () => {
    const { page } = open()
    await page.get(`/${set('session=1', 'kept=1; Max-Age=3600')}`)
    const thief = page.copy()
    page.restart()
    assert.equal(await sent(page), 'kept=1')
    assert.equal(await sent(thief), 'session=1; kept=1')
    thief.setCookie('kept=2; Max-Age=3600')
    assert.equal(page.cookie('kept'), '1')
  })
})

describe('who gets to see it', () => {
  test('HttpOnly cookies are out of reach of scripts, to read and to write', async () => {
    const { page } = open()
    await page.get(`/${set('secret=1; HttpOnly', 'theme=dark')}`)
    assert.equal(page.document.cookie, 'theme=dark')
    page.document.cookie = 'theme=light; Path=/'
    page.document.cookie = 'secret=2'
    page.document.cookie = 'more=1; HttpOnly'
    assert.equal(await sent(page), 'secret=1; theme=light')
  })

  const lines = ['strict=1; SameSite=Strict', 'lax=1; SameSite=Lax', 'none=1; SameSite=None; Secure', 'default=1']

  test('SameSite says what goes with a request that another site has started', async () => {
    const { page, clock } = open()
    await page.get(`/${set(...lines)}`)
    const all = 'strict=1; lax=1; none=1; default=1'
    assert.equal(await sent(page.at('https://www.example.com')), all, 'the same site')
    const evil = page.at('https://evil.example')
    assert.equal(await sent(evil), 'none=1', 'a fetch')
    assert.equal(await sent(evil, '/', { mode: 'navigate' }), 'lax=1; none=1; default=1', 'a link')
    assert.equal(await (await evil.post('/', { form: {} })).text(), 'none=1; default=1', 'a form, at first')
    clock.advance(2 * minute)
    assert.equal(await (await evil.post('/', { form: {} })).text(), 'none=1', 'a form, later')
    assert.equal(await sent(page.at('http://app.example.com')), 'none=1', 'plain http is another site')
  })

  test('a fetch of another site sets only cookies of SameSite=None, a link sets all', async () => {
    const { page } = open()
    const evil = page.at('https://evil.example')
    await evil.get(`/${set(...lines)}`)
    assert.equal(await sent(page), 'none=1')
    await evil.get(`/${set(...lines)}`, { mode: 'navigate' })
    assert.equal(page.cookies().length, 4)
  })

  test('a Partitioned cookie is kept for each site at the top', async () => {
    const { page } = open()
    const line = (value: number) => `p=${value}; Secure; SameSite=None; Partitioned; Path=/`
    page.setCookie(line(1))
    const evil = page.at('https://evil.example')
    assert.equal(await sent(evil), '')
    await evil.get(`/${set(line(2))}`)
    assert.equal(await sent(evil), 'p=2')
    assert.equal(await sent(page), 'p=1')
    assert.equal(await sent(evil, '/', { mode: 'navigate' }), 'p=1', 'the application is at the top now')
    assert.deepEqual(
      page.cookies().map(({ partition }) => partition),
      ['https://example.com', 'https://evil.example'],
    )
  })

  test('what is deleted stays deleted when somebody sets the clock back', async () => {
    const { page, clock } = open()
    page.setCookie('a=1; Max-Age=3600')
    page.setCookie('a=; Max-Age=0')
    clock.set(clock.now() - hour)
    assert.equal(await sent(page), '')
  })
})
