import type { Server as HttpServer, RequestListener } from 'node:http'
import type { Server } from 'node:net'

/** What every server of the bench is built on; each has a bare twin that answers the same with nobody signed in. */
export type Framework = 'net' | 'node:http' | 'express' | 'fastify'

/** How a request shows who it is. */
export type Carries = 'cookie' | 'token' | 'nothing'

/**
 * One product in one configuration, as its own documentation sets it up.
 *
 * Its application has the routes of the race script (`test/laws/race-script.ts`):
 *
 * - `POST /login?user=NAME` answers 200: Set-Cookie lines, or `{"access_token": "…"}`
 * - `GET /me` answers 200 with `meBody(user)`, or 401
 * - `POST /logout` answers 204 (where the product can end a session at all, it ends it)
 * - `POST /slow?key=K&value=V` waits for `hold()`, then stores the value in the session's data, answers 204 (products with session data only)
 * - `GET /data?key=K…` answers 200 with the stored values as JSON, `null` for those that are not there
 */
export interface Contestant {
  readonly name: string
  readonly framework: Framework
  readonly carries: Carries
  /** How access ends by itself, in the configuration measured; for the table, e.g. `token: 5 min`. */
  readonly endsBy: string
  /** Keeps data for a session, so that two writers can be in each other's way. */
  readonly keepsData: boolean
  /** Why it is left out here, e.g. that a program is missing; null where it can run. */
  missing?(): string | null
  start(world: World): Promise<Application>
}

export interface World {
  /** At least 32 characters; other runs have others. */
  readonly secret: string
  /** For files; removed afterwards. */
  readonly folder: string
  /** What a handler of `POST /slow` waits for. */
  readonly hold: () => Promise<void>
  /** Life of access tokens and of cached session cookies, in seconds (300). */
  readonly lifetime: number
  /** Another process on the same store: 'joins' opens what 'begins' has made. */
  readonly role: 'begins' | 'joins'
}

export interface Application {
  /** A listener for `createServer` of node:http, or a server that listens by itself when told to. */
  readonly listener: RequestListener | HttpServer | Server
  /** How often a store of sessions has been asked or written so far; null where there is no store. */
  storeCalls(): number | null
  /** Told as a measurement of it begins, and as it is over: whatever goes on beside it must not go on beside the others. */
  measured?(isNow: boolean): void
  close(): Promise<void>
}

/** The answer of `GET /me` in every contestant and every bare server: 59 bytes for a user of eight characters. */
export function meBody(user: string): string {
  return `{"user":"${user}","role":"member","plan":"standard","v":1}`
}
