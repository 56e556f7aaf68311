import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { after, describe, test } from 'node:test'
import type { Response } from 'express'
import { type Answer, type App, atBothDoors, type Browser, everywhere, withApp } from '../support/app.ts'
import type { Handler, Routes } from '../support/app-routes.ts'
import type { ManualClock } from '../support/manual-clock.ts'

const second = 1000
const minute = 60 * second

/** How a handler ends its response, by name. */
type Endings = Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => void | Promise<void>>>

const body = 'the body'

/** Of node:http; Express has them as well. */
const nodeEndings: Endings = {
  end: (response) => void response.end(body),
  'end alone': (response) => void response.end(),
  'write, end': (response) => {
    response.write('the ')
    response.end('body')
  },
  'writeHead with an object': (response) =>
    void response.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'public, max-age=60' }).end(body),
  'writeHead with a flat array': (response) =>
    void response
      .writeHead(200, ['Content-Type', 'text/plain', 'Set-Cookie', 'own=1', 'Set-Cookie', 'own2=2'])
      .end(body),
  'writeHead with pairs': (response) =>
    void response.writeHead(200, [['Content-Type', 'text/plain'] as never, ['Set-Cookie', 'own=1'] as never]).end(body),
  'writeHead with a message': (response) => void response.writeHead(200, 'Fine', { 'Set-Cookie': 'own=1' }).end(body),
  'writeHead, cookies in a list': (response) =>
    void response.writeHead(200, { 'set-cookie': ['own=1', 'own2=2'] }).end(body),
  'headers set before': (response) => {
    response.setHeader('Set-Cookie', 'own=1')
    response.appendHeader('Set-Cookie', 'own2=2')
    response.setHeader('Cache-Control', 'public, immutable')
    response.setHeader('Vary', 'Accept-Encoding')
    response.end(body)
  },
  'Vary: *': (response) => {
    response.setHeader('vary', '*')
    response.end(body)
  },
  pipe: (response) => void Readable.from(['the ', 'body']).pipe(response),
  pipeline: (response) => pipeline(Readable.from(['the ', 'body']), response),
  flushHeaders: (response) => {
    response.flushHeaders()
    response.end(body)
  },
  'early hints first': (response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
    response.end(body)
  },
  204: (response) => void response.writeHead(204).end(),
  304: (response) => void response.writeHead(304, { ETag: '"1"' }).end(),
  redirect: (response) => void response.writeHead(303, { Location: '/me' }).end(),
  404: (response) => {
    response.statusCode = 404
    response.end('not here')
  },
  'thrown before the head': () => {
    throw new Error('a mistake')
  },
  'rejected before the head': async () => {
    throw new Error('a mistake')
  },
  'thrown after the head': async (response) => {
    response.write('the ')
    throw new Error('a mistake')
  },
}

const folder = mkdtempSync(join(tmpdir(), 'handstamp-endings-'))
writeFileSync(join(folder, 'file.txt'), body)
after(() => rmSync(folder, { recursive: true, force: true }))

const of = (response: ServerResponse): Response => response as Response

const expressEndings: Endings = {
  send: (response) => void of(response).send(body),
  'send with an etag': (response) => void of(response).set('Cache-Control', 'public, max-age=60').send(body),
  json: (response) => void of(response).json({ body }),
  'res.redirect': (response) => void of(response).redirect('/me'),
  sendStatus: (response) => void of(response).sendStatus(204),
  'status, end': (response) => void of(response).status(418).end(),
  sendFile: (response) => of(response).sendFile(join(folder, 'file.txt')),
  cookie: (response) => void of(response).cookie('own', '1').cookie('own2', '2').send(body),
  format: (response) => void of(response).format({ text: () => response.end(body), default: () => response.end(body) }),
}

/** What happens before the ending. */
const deeds: Readonly<Record<string, Handler>> = {
  nothing: () => {},
  read: ({ session }) => void session.user,
  begin: async ({ session }) => session.set('k', 1),
  login: async ({ session }) => void (await session.login({ user: 'eve' })),
  logout: async ({ session }) => session.logout(),
}

function endingRoutes(endings: Endings): Routes {
  const routes: Record<string, Handler> = {}
  for (const [deed, act] of Object.entries(deeds)) {
    for (const [index, end] of Object.values(endings).entries()) {
      routes[`GET /${deed}/${index}`] = async (request, response) => {
        await act(request, response)
        await end(response, request)
      }
    }
  }
  return routes
}

const endingsOf = (app: App): Endings => (app.door === 'express' ? { ...nodeEndings, ...expressEndings } : nodeEndings)
const routes = endingRoutes({ ...nodeEndings, ...expressEndings })

/** Asks for each ending, as GET, as HEAD and with a condition. */
async function forEachEnding(
  app: App,
  deed: string,
  visit: (path: string, how: { method: string; headers: Record<string, string> }) => Promise<Answer>,
  judge: (answer: Answer, name: string) => void,
): Promise<void> {
  for (const [index, name] of Object.keys(endingsOf(app)).entries()) {
    for (const method of ['GET', 'HEAD']) {
      for (const headers of [{}, { 'If-None-Match': '*', 'If-Modified-Since': new Date(9e12).toUTCString() }] as Record<
        string,
        string
      >[]) {
        const answer = await visit(`/${deed}/${index}`, { method, headers }).catch((error: NodeJS.ErrnoException) => {
          assert.equal(name, 'thrown after the head', error.message)
          return null
        })
        if (answer !== null) judge(answer, `${method} ${name} ${JSON.stringify(headers)} ${answer.status}`)
      }
    }
  }
}

function ours(answer: Answer): readonly string[] {
  return answer.cookies
    .filter(({ name }) => name.startsWith('__Host-'))
    .map(({ name, value }) => (value === '' ? `${name} gone` : name))
}

const two = ['__Host-session', '__Host-snapshot']

function assertPrivate(answer: Answer, name: string): void {
  assert.equal(answer.header('cache-control'), 'no-store', name)
  assert.match(answer.header('vary') ?? '', /^\*$|(^|, )Cookie($|,)/i, name)
}

function assertOwnKept(answer: Answer, name: string): void {
  if (/own|flat array|message|in a list|set before| cookie /.test(name) && answer.status === 200)
    assert.ok(
      answer.cookies.some(({ line }) => line.startsWith('own=1')),
      name,
    )
  if (/set before/.test(name)) assert.match(answer.header('vary') ?? '', /Accept-Encoding/)
}

describe('C10 every ending of a response: the cookies leave, once, and nothing is kept by caches', () => {
  atBothDoors(
    'renewed in passing, also where the handler does not look at the session',
    async (app) => {
      const browser = await app.signIn('ada')
      await forEachEnding(
        app,
        'nothing',
        async (path, { method, headers }) => {
          app.clock.advance(6 * minute)
          return browser.send({ method, path, headers })
        },
        (answer, name) => {
          assert.deepEqual(ours(answer), two, name)
          assertPrivate(answer, name)
          assertOwnKept(answer, name)
        },
      )
      assert.equal((await browser.get('/me')).json().user, 'ada')
      assert.ok(!app.events.some(({ kind }) => kind === 'session.reuse'))
    },
    { routes, policy: { absolute: 40 * 24 * 60 * minute } },
  )

  for (const deed of ['begin', 'login'] as const) {
    atBothDoors(
      `after ${deed}`,
      async (app) => {
        await forEachEnding(
          app,
          deed,
          (path, { method, headers }) => app.browser().send({ method, path, headers }),
          (answer, name) => {
            assert.deepEqual(ours(answer), two, name)
            assertPrivate(answer, name)
            assertOwnKept(answer, name)
          },
        )
      },
      { routes },
    )
  }

  atBothDoors(
    'after logout',
    async (app) => {
      await forEachEnding(
        app,
        'logout',
        async (path, { method, headers }) => (await app.signIn('ada')).send({ method, path, headers }),
        (answer, name) => {
          assert.deepEqual(
            ours(answer),
            two.map((one) => `${one} gone`),
            name,
          )
          assert.equal(answer.header('clear-site-data'), '"storage"', name)
          assertPrivate(answer, name)
        },
      )
      assert.deepEqual(await app.auth.list('ada'), [])
    },
    { routes },
  )

  atBothDoors(
    'read only: no cookies, and still not kept',
    async (app) => {
      const browser = await app.signIn('ada')
      await forEachEnding(
        app,
        'read',
        (path, { method, headers }) => browser.send({ method, path, headers }),
        (answer, name) => {
          assert.deepEqual(ours(answer), [], name)
          assertPrivate(answer, name)
        },
      )
    },
    { routes },
  )

  atBothDoors(
    'where the session plays no part, the application says what may be kept',
    async (app) => {
      const browser = await app.signIn('ada')
      await forEachEnding(
        app,
        'nothing',
        (path, { method, headers }) => browser.send({ method, path, headers }),
        (answer, name) => {
          assert.deepEqual(ours(answer), [], name)
          assert.notEqual(answer.header('cache-control'), 'no-store', name)
        },
      )
    },
    { routes },
  )
})

describe('C10 a cache in front gives nobody what was meant for another', () => {
  everywhere(
    'a shared cache that keeps all that RFC 9111 lets it keep',
    async (app) => {
      const cache = sharedCache(app)
      const people = await Promise.all(['ada', 'bob', 'eve'].map((user) => app.signIn(user)))
      const tokens = await Promise.all(['tom', 'una'].map((user) => app.signInForTokens(user)))
      const paths = [
        '/me',
        '/whoami',
        '/public',
        '/data?key=k',
        '/members',
        '/level2',
        '/admin',
        '/read/0',
        '/nothing/0',
        '/auth/.well-known/jwks.json',
      ]
      for (let round = 0; round < 3; round++) {
        app.clock.advance(3 * minute)
        for (const path of paths) {
          for (const [index, browser] of people.entries()) {
            const answer = await cache.ask(
              path,
              browser.cookie() === undefined ? {} : { Cookie: browser.cookie() as string },
            )
            browser.take(answer)
            assertAbout(answer, ['ada', 'bob', 'eve'][index] as string, path)
          }
          for (const [index, client] of tokens.entries()) {
            const answer = await cache.ask(path, { Authorization: `Bearer ${client.access}` })
            assertAbout(answer, ['tom', 'una'][index] as string, path)
          }
          const anonymous = await cache.ask(path, {})
          assertAbout(anonymous, null, path)
          if (['/me', '/members', '/level2', '/admin'].includes(path)) assert.equal(anonymous.status, 401, path)
        }
        for (const client of tokens) await client.refresh()
      }
      assert.ok(cache.hits() > 0, 'the cache does keep what is for everybody')
    },
    {
      present: 'both',
      routes: { ...routes, 'GET /members': { guard: {}, handle: (_request, response) => void response.end(body) } },
    },
  )
})

function assertAbout(answer: Answer, user: string | null, path: string): void {
  if (answer.status !== 200 || !['/me', '/whoami'].includes(path)) return
  assert.equal(answer.json().user, user, path)
}

function sharedCache(app: App) {
  const kept = new Map<
    string,
    { readonly answer: Answer; readonly vary: readonly string[]; readonly headers: Record<string, string> }[]
  >()
  let hits = 0
  return {
    hits: () => hits,
    ask: async (path: string, headers: Record<string, string>): Promise<Answer> => {
      const found = kept.get(path)?.find(({ vary, headers: of }) => vary.every((name) => headers[name] === of[name]))
      if (found !== undefined) {
        hits++
        assert.deepEqual(found.answer.cookies, [], 'a kept Set-Cookie')
        return found.answer
      }
      const answer = await app.get(path, headers)
      const control = answer.header('cache-control') ?? ''
      const vary = (answer.header('vary') ?? '').split(/, */).filter((name) => name !== '')
      const mayKeep =
        !/no-store|private/.test(control) && (headers.Authorization === undefined || /public|s-maxage/.test(control))
      if (mayKeep && !vary.includes('*')) kept.set(path, [...(kept.get(path) ?? []), { answer, vary, headers }])
      return answer
    },
  }
}

function laterRoutes(clock: ManualClock): Routes {
  const wait = (request: IncomingMessage): void =>
    clock.advance(Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('ms')))
  return {
    'GET /later': (request, response) => {
      wait(request)
      response.end(body)
    },
    'GET /later-login': async (request, response) => {
      await request.session.login({ user: 'eve' })
      wait(request)
      response.end(body)
    },
  }
}

describe('renewal in passing', () => {
  everywhere(
    'a pair that would leave later than D after the operation is dropped, like a lost reply',
    async (app) => {
      const browser = await app.signIn('ada')
      app.clock.advance(6 * minute)
      assert.deepEqual(ours(await browser.get('/later?ms=15000')), two)
      app.clock.advance(6 * minute)
      const before = browser.cookie()
      const late = await browser.get('/later?ms=15001')
      assert.equal(late.status, 200)
      assert.deepEqual(ours(late), [])
      assert.equal(browser.cookie(), before)
      const quiet = await browser.get('/me')
      assert.equal(quiet.json().user, 'ada', 'admitted in the quiet zone')
      assert.deepEqual(ours(quiet), [])
      app.clock.advance(25 * second)
      const forked = await browser.get('/me')
      assert.equal(forked.json().user, 'ada')
      assert.deepEqual(ours(forked), two, 'and given a successor after it')
      assert.deepEqual(
        app.events.flatMap((event) => (event.kind === 'session.renewed' ? [event.how] : [])),
        ['rotate', 'rotate', 'fork'],
      )
      assert.deepEqual(ours(await browser.get('/later-login?ms=600000')), two, 'a sign-in is not late')
      assert.equal((await browser.get('/me')).json().user, 'eve')
    },
    { routes: laterRoutes },
  )

  everywhere('not for a prefetch: admitted by the record, nothing set and nothing changed', async (app) => {
    const browser = await app.signIn('ada')
    app.clock.advance(6 * minute)
    for (const purpose of ['prefetch', 'prefetch;prerender', 'prefetch;anonymous-client-ip']) {
      const answer = await browser.get('/me', { 'Sec-Purpose': purpose })
      assert.equal(answer.json().user, 'ada')
      assert.deepEqual(answer.cookies, [])
    }
    assert.ok(!app.dealings.some(({ name }) => name === 'store.advance'))
    assert.deepEqual(ours(await browser.get('/me')), two)
  })

  everywhere('a replaced credential that comes back in a prefetch is reuse like any other', async (app) => {
    const browser = await app.signIn('ada')
    const copied = browser.copy()
    for (let n = 0; n < 3; n++) {
      app.clock.advance(6 * minute)
      await browser.get('/me')
    }
    app.clock.advance(minute)
    assert.equal((await copied.get('/me', { 'Sec-Purpose': 'prefetch' })).reason, 'replayed_credential')
    assert.equal((await browser.get('/me')).reason, 'revoked')
  })

  everywhere('many requests at once share one rotation and one pair', async (app) => {
    const browser = await app.signIn('ada')
    app.clock.advance(6 * minute)
    const tabs = Array.from({ length: 20 }, () => browser.copy())
    const answers = await Promise.all(
      tabs.map((tab, index) => (index % 2 === 0 ? tab.get('/me') : tab.post('/me', {}))),
    )
    for (const answer of answers) assert.equal(answer.json().user, 'ada')
    assert.equal(new Set(tabs.map((tab) => tab.jar.get('__Host-session'))).size, 1)
    assert.equal(app.events.filter(({ kind }) => kind === 'session.renewed').length, 1)
  })

  everywhere(
    'an upload that a proxy held kills nobody, sets nothing, and is let in while it may be honest',
    async (app) => {
      const browser = await app.signIn('ada')
      const older = browser.copy()
      app.clock.advance(6 * minute)
      await browser.get('/me')
      const parent = browser.copy()
      app.clock.advance(6 * minute)
      await browser.get('/me')
      // Both were sent before the last rotation: the parent's, and the one before it.
      for (const wait of [minute, 29 * minute, 30 * minute]) {
        app.clock.advance(wait)
        for (const upload of [older, parent]) {
          const late = await upload.post('/me', { file: 'x'.repeat(1000) })
          assert.equal(late.json().user, 'ada', `after ${wait}`)
          assert.deepEqual(late.cookies, [])
        }
      }
      app.clock.advance(1)
      const tooLate = await older.post('/me', { file: 'x'.repeat(1000) })
      assert.equal(tooLate.reason, 'late_credential')
      assert.deepEqual(tooLate.cookies, [])
      assert.equal((await browser.get('/me')).json().user, 'ada', 'nobody was signed out')
      assert.ok(!app.events.some(({ kind }) => kind === 'session.reuse'))
    },
    { policy: { idle: 10 * 60 * minute } },
  )

  test('a late Set-Cookie of an older request does not sign anybody out', async () => {
    await withApp({}, async (app) => {
      const browser = await app.signIn('ada')
      const older = browser.copy()
      const put = (from: Browser): void => {
        for (const [name, value] of from.jar) browser.put(name, value)
      }
      app.clock.advance(6 * minute)
      await browser.get('/me')
      put(older)
      app.clock.advance(41 * second)
      assert.equal((await browser.get('/me')).status, 200)
      app.clock.advance(41 * second)
      assert.equal((await browser.get('/me')).status, 200)
    })
  })
})
