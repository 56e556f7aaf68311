import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type Context,
  type ContextManager,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  type TextMapPropagator,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { second } from '../../src/base/clock.ts'
import { Fault, memory } from '../../src/index.ts'
import { intercept } from '../../src/testing/intercept.ts'
import { type AccountServerOptions, passwordOf, withAccountServer } from '../support/account-server.ts'

interface Told {
  readonly name: string
  readonly attributes: Record<string, unknown>
  readonly parent: unknown
  ended: boolean
}

/** An OpenTelemetry SDK that keeps spans, and knows a trace by the header `traceparent`. */
function listenToSpans(): Told[] {
  const told: Told[] = []
  const trackOf = createContextKey('track')
  const startSpan = (name: string, options: { attributes: object }, parent: Context) => {
    const within = trace.getSpan(parent) as unknown as { readonly told: Told } | undefined
    const track = within === undefined ? parent.getValue(trackOf) : within.told.name
    const span: Told = { name, attributes: { ...options.attributes }, parent: track, ended: false }
    told.push(span)
    return {
      told: span,
      setAttribute: (key: string, value: unknown) => Object.assign(span.attributes, { [key]: value }),
      setStatus: () => {},
      end: () => Object.assign(span, { ended: true }),
    }
  }
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) } as unknown as TracerProvider)
  const extract = (own: Context, carrier: { traceparent?: string }) => own.setValue(trackOf, carrier.traceparent)
  propagation.setGlobalPropagator({ extract, inject: () => {}, fields: () => ['traceparent'] } as TextMapPropagator)
  context.setGlobalContextManager(contexts())
  return told
}

/** As an SDK keeps track of what runs within what. */
function contexts(): ContextManager {
  const running = new AsyncLocalStorage<Context>()
  const manager: ContextManager = {
    active: () => running.getStore() ?? ROOT_CONTEXT,
    with: (own, work, given, ...args) => running.run(own, () => work.call(given as never, ...args)),
    bind: (_own, target) => target,
    enable: () => manager,
    disable: () => manager,
  }
  return manager
}

describe('what those who run it look at', () => {
  test('each request is a span of the trace that it names', () =>
    withAccountServer({}, async (server) => {
      const told = listenToSpans()
      try {
        const ann = await server.signedIn('ann')
        await ann.get('/sessions/secret-looking?query=in-the-query', { traceparent: 'the trace' })
        const [login, last] = told.filter(({ name }) => /^[A-Z]+ /.test(name)) as [Told, Told]
        const calls = told.filter(({ name }) => name.includes('.'))
        const insert = calls.find(({ name }) => name === 'store.insert')
        assert.deepEqual(
          [insert?.parent, insert?.ended],
          ['POST /login', true],
          'an engine’s call belongs to its request',
        )
        assert.deepEqual([login.name, login.ended, login.parent], ['POST /login', true, undefined])
        assert.deepEqual([last.name, last.ended, last.parent], ['GET /sessions/:id', true, 'the trace'])
        assert.equal(last.attributes['http.response.status_code'], 404)
        assert.doesNotMatch(JSON.stringify(told), /in-the-query|secret-looking|__Host/)
      } finally {
        trace.disable()
        propagation.disable()
        context.disable()
      }
    }))

  test('metrics count what happens, and name nobody', () =>
    withAccountServer({}, async (server) => {
      const ann = await server.signedIn('ann')
      await server.browser().post('/login', { username: 'ann', password: 'wrong' })
      await ann.get('/verify')
      await ann.get('/sessions/anything')
      await ann.get('/something/else')
      await ann.post('/logout')
      const answer = await server.get('/metrics')
      assert.equal(answer.status, 200)
      assert.match(answer.header('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
      for (const line of [
        'handstamp_sessions_started_total{presentation="cookie"} 1',
        'handstamp_sessions_ended_total{cause="logout"} 1',
        'handstamp_logins_total{result="ok"} 1',
        'handstamp_logins_total{result="wrong_login"} 1',
        'handstamp_verify_total{status="200"} 1',
        'handstamp_node_current 1',
        'handstamp_http_request_seconds_count{method="POST",route="/login",status="200"} 1',
        'handstamp_http_request_seconds_count{method="GET",route="/sessions/:id",status="404"} 1',
        'handstamp_http_request_seconds_count{method="GET",route="other",status="404"} 1',
        'handstamp_engine_call_seconds_count{call="store.insert",outcome="ok"} 1',
      ])
        assert.ok(answer.body.includes(line), `${line}\n${answer.body.match(/^handstamp_.*$/gm)?.join('\n')}`)
      const id = server.people.get('ann')?.id ?? 'nobody'
      assert.ok(!answer.body.includes(id) && !answer.body.includes('127.0.0.1'))
    }))

  test('metrics are not shown through a proxy', () =>
    withAccountServer({}, async (server) => {
      assert.equal((await server.get('/metrics', { 'X-Forwarded-For': '192.0.2.1' })).status, 404)
    }))

  test('S4 each request has a line in the log, and no line holds a secret', () =>
    withAccountServer({ trustedProxies: ['loopback'] }, async (server) => {
      const ann = await server.signedIn('ann')
      const answer = await ann.get('/session?secret=in-the-query', { 'X-Request-Id': 'from-the-proxy' })
      assert.equal(answer.header('x-request-id'), 'from-the-proxy')
      const own = await ann.get('/session', { 'X-Request-Id': 'no good\u00e9' })
      assert.match(own.header('x-request-id') ?? '', /^[A-Za-z0-9_-]{12}$/)
      await server.browser().post('/login', { username: 'ann', password: 'a very secret guess' })
      const lines = server.logged.map((line) => JSON.parse(line))
      const line = lines.find(({ requestId }) => requestId === 'from-the-proxy')
      assert.deepEqual([line.method, line.path, line.status, line.level], ['GET', '/session', 200, 'info'])
      const all = server.logged.join('')
      for (const secret of ['in-the-query', 'a very secret guess', passwordOf('ann'), ...server.issued])
        assert.ok(!all.includes(secret), secret)
    }))

  test('X-Request-Id of anybody but a trusted proxy is not believed', () =>
    withAccountServer({}, async (server) => {
      const answer = await server.get('/session', { 'X-Request-Id': 'of-a-stranger' })
      assert.notEqual(answer.header('x-request-id'), 'of-a-stranger')
    }))

  test('V1 ready while the engine answers, and not when it does not', () => {
    let isBroken = false
    const options: AccountServerOptions = {
      backend: (clock) =>
        intercept(memory({ clock }), {
          call: async (call, carryOut) => {
            if (isBroken) throw new Fault('store_unavailable', 'broken by the test')
            return carryOut(call.args)
          },
        }),
    }
    return withAccountServer(options, async (server) => {
      const ready = await server.get('/readyz')
      assert.deepEqual([ready.status, ready.json().status], [200, 'ready'])
      isBroken = true
      server.clock.advance(2 * second)
      const not = await server.get('/readyz')
      assert.deepEqual([not.status, not.header('retry-after')], [503, '1'])
      assert.deepEqual(not.json().checks, { engine: 'down', lease: 'up', running: 'up' })
      assert.equal((await server.get('/healthz')).status, 200, 'it lives')
      isBroken = false
      server.clock.advance(2 * second)
      assert.equal((await server.get('/readyz')).status, 200)
      server.operations.health.drain()
      assert.equal((await server.get('/readyz')).status, 503)
      assert.equal((await server.get('/session')).status, 401, 'and requests are still answered')
    })
  })
})

const folder = mkdtempSync(join(tmpdir(), 'handstamp-operations-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('with a port of their own, health and metrics are there, and SIGTERM first says not ready', async () => {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const env = {
    PATH: process.env.PATH,
    PORT: '0',
    HANDSTAMP_DATA: folder,
    HANDSTAMP_MANAGEMENT_PORT: '0',
    HANDSTAMP_DRAIN_DELAY: '600',
    HANDSTAMP_LOG_LEVEL: 'info',
  }
  const child = spawn(process.execPath, ['--conditions=handstamp-source', main, 'serve', '--json'], { env })
  const logged: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => logged.push(text))
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const { url, management } = JSON.parse(line) as { url: string; management: string }
    const statusAt = async (at: string): Promise<number> => (await fetch(at)).status
    assert.equal(await statusAt(`${url}/metrics`), 404)
    assert.equal(await statusAt(`${url}/readyz`), 200)
    assert.equal(await statusAt(`${management}/metrics`), 200)
    assert.equal(await statusAt(`${management}/login`), 404)
    child.kill('SIGTERM')
    while ((await statusAt(`${management}/readyz`)) !== 503) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(await statusAt(`${url}/session`), 401, 'it still answers')
    assert.match(logged.join(''), /"msg":"stopping"/)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})
