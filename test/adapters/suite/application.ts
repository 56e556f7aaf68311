import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { type Guard, isFault, type LoginOptions, type RequestSession } from '../../../src/index.ts'
import type { World } from './world.ts'

/**
 * What the applications of all doors have in common: their words and deeds. How requests are routed, read and answered is written for each door in the idiom of its
 * framework, in `doors/`.
 *
 * - `GET`, `POST /me`: guarded. `GET /level2`, `/admin`, `/page`: guarded by level, by claim, with a sign-in page
 * - `GET /whoami`: reads the session, is not guarded. `GET`, `POST /public`: does not look at it, says what caches may do
 * - `POST /login`, `/step-up`, `/logout`, `/logout-everywhere`, `GET`, `POST`, `DELETE /data`, `POST /count`
 * - `POST /echo`: reads the body as it comes
 * - `GET /own`: cookies and Vary of its own. `/file`, `/stream`, `/endless`, `/hints`, `/not-modified`
 * - `GET /throws`: before the head. `/throws-late`: in the body. `/late-login`, `/late-set`: after the head has left
 * - `GET /ending/KIND/NAME`: every way of the framework to give that answer, see `Endings`
 * - `/sub/me`, `/sub/deep/me`: in a nested router. `/twice/me`: where the session is mounted again. `/sub/auth/…`: the endpoints once more
 * - `/auth/…`: the endpoints; everything else: the framework's own way to say 404
 */
export const guards = {
  level2: { level: 2 },
  admin: { claim: { role: 'admin' } },
  page: { signIn: '/sign-in' },
} as const satisfies Record<string, Guard>

export const publicHeaders = { 'Cache-Control': 'public, max-age=60', Vary: 'Accept-Encoding' } as const

export function profile({ user, level, presentation, claims }: RequestSession): Readonly<Record<string, unknown>> {
  return { user, level, presentation, role: claims.role ?? null }
}

export function loginOptions(body: unknown): LoginOptions {
  return body as LoginOptions
}

export interface Change {
  readonly key: string
  readonly value: string
}

export function counted(value: unknown): number {
  return typeof value === 'number' ? value + 1 : 1
}

const chunk = 'x'.repeat(16_384)

/** 1 MiB. */
export async function* stream(): AsyncGenerator<string> {
  for (let sent = 0; sent < 64; sent++) yield chunk
}

/** Until nobody listens any more. */
export async function* endless(world: World): AsyncGenerator<string> {
  const over = world.begin()
  try {
    for (;;) yield chunk
  } finally {
    over()
  }
}

export async function* broken(): AsyncGenerator<string> {
  yield 'half of it'
  await new Promise(setImmediate)
  throw new Error('The handler fails in the middle.')
}

/** A body in which somebody signs in, which is too late. */
export async function* lateLogin(session: RequestSession): AsyncGenerator<string> {
  yield 'late: '
  await new Promise(setImmediate)
  yield await session.login({ user: 'late' }).then(() => 'signed in', kindOf)
}

/** A body in which something is stored, for which it is never too late where there is a session. */
export async function* lateSet(session: RequestSession): AsyncGenerator<string> {
  yield 'late: '
  await new Promise(setImmediate)
  yield await session.set('late', 'value').then(() => 'stored', kindOf)
}

function kindOf(error: unknown): string {
  if (!isFault(error)) throw error
  return error.kind
}

/** Counts what comes until it ends or breaks. */
export async function countBytes(world: World, body: AsyncIterable<Uint8Array> | null): Promise<number> {
  const over = world.begin()
  let length = 0
  try {
    for await (const bytes of body ?? []) length += bytes.length
    return length
  } finally {
    over()
  }
}

/** A folder with `file.txt` in it. */
export function fileFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'handstamp-suite-'))
  writeFileSync(join(folder, 'file.txt'), 'a file')
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/**
 * Answers that a framework can give in several ways, each of which must be the same on the wire:
 *
 * - `text`: 200, `text/plain`, `body`. `json`: 200, `{"a":1}`. `empty`: 204. `redirect`: 303 to `/elsewhere`
 * - `cookies`: as `text`, with `Set-Cookie: a=1` and `b=2`, `Cache-Control: public`, `Vary: Accept-Language`
 * - `missing`: 404, `text/plain`, `none`. `down`: 503, `Retry-After: 7`, `text/plain`, `down`
 */
export type Endings<Ending> = Readonly<Record<EndingKind, Readonly<Record<string, Ending>>>>
export type EndingKind = (typeof endingKinds)[number]
export const endingKinds = ['text', 'json', 'empty', 'redirect', 'cookies', 'missing', 'down'] as const

export type EndingNames = Readonly<Record<EndingKind, readonly string[]>>

export function endingNames<Ending>(endings: Endings<Ending>): EndingNames {
  const names = {} as Record<EndingKind, readonly string[]>
  for (const kind of endingKinds) names[kind] = Object.keys(endings[kind])
  return names
}

/** Chunks as a web stream of bytes. */
export function encoded(chunks: Iterable<string> | AsyncIterable<string>): ReadableStream<Uint8Array> {
  return NodeReadableStream.from(chunks).pipeThrough(new TextEncoderStream() as never) as ReadableStream<Uint8Array>
}
