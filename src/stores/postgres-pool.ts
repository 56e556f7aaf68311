import { hash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { late } from './deadline.ts'
import { postgresFault, stateOf } from './postgres-errors.ts'

/** What is needed of a pool of `pg`, and of its clients. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  on?(event: 'error' | 'acquire', listener: EventHandler): unknown
}

/** As event emitters have it. */
export type EventHandler = Parameters<NodeJS.EventEmitter['on']>[1]

export interface PostgresClient {
  query(query: { readonly text: string; readonly values?: unknown[]; readonly name?: string }): Promise<{
    readonly rows: unknown[]
  }>
  /** With an error the connection is closed instead of used again. */
  release(error?: Error | boolean): void
  on(event: string, listener: EventHandler): unknown
  removeListener?(event: string, listener: EventHandler): unknown
}

/** Values that `pg` knows how to send. */
export type PostgresValue = string | number | boolean | Uint8Array | null | readonly (string | number | Uint8Array)[]

/** Where the server refuses a change, it is certain that nothing was changed; a read says nothing about that. */
export type Work = 'read' | 'change'

/** Queries with a deadline. Throws nothing but Faults. */
export interface Queries {
  /**
   * One statement, in a transaction of its own.
   *
   * @throws Fault `store_unavailable`, `not_stored`
   */
  run<Row>(work: Work, sql: string, values: readonly PostgresValue[]): Promise<readonly Row[]>
  /** A client for as long as it is used: LISTEN, or a transaction. */
  client(): Promise<PostgresClient>
  /** @throws Fault `store_unavailable` once it is closed */
  guard(): void
  close(): void
}

/** How often a change that met another one crosswise is carried out again; Postgres has taken it back whole. */
const mostAttempts = 5
const crosswise = new Set(['40001', '40P01'])

export interface QueryOptions {
  readonly pool: PostgresPool
  /** Name of the schema, which `hs.` stands for. */
  readonly schema: string
  readonly deadline: Millis
  /** Prepares each statement once for each connection. */
  readonly prepare: boolean
}

export function createQueries({ pool, schema, deadline, prepare }: QueryOptions): Queries {
  const statements = new Map<string, { readonly text: string; readonly name?: string }>()
  const heard = new WeakSet<PostgresClient>()
  let isClosed = false
  // Without a listener a connection that breaks while nobody uses it ends the process.
  pool.on?.('error', ignore)
  // Nor may one that breaks in the moment in which it is handed out, before whoever waits for it hears of it.
  pool.on?.('acquire', hearOut)

  /** Its errors reach whoever waits for its answers; as events they mean nothing to us. */
  function hearOut(client: PostgresClient): void {
    if (heard.has(client)) return
    heard.add(client)
    client.on('error', ignore)
  }

  function statementOf(sql: string): { readonly text: string; readonly name?: string } {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const text = inSchema(sql, schema)
    const statement = prepare ? { text, name: `handstamp_${hash('sha256', text).slice(0, 16)}` } : { text }
    statements.set(sql, statement)
    return statement
  }

  async function connect(timer: Deadline): Promise<PostgresClient> {
    const arriving = pool.connect()
    try {
      const client = await timer.limit(arriving)
      hearOut(client)
      return client
    } catch (error) {
      // Whoever comes later is let go: what it was for has been given up, and must not happen after all.
      arriving.then((client) => client.release(), ignore)
      throw error
    }
  }

  async function once<Row>(timer: Deadline, sql: string, values: readonly PostgresValue[]): Promise<readonly Row[]> {
    const client = await connect(timer)
    let failure: Error | undefined
    try {
      const answer = await timer.limit(client.query({ ...statementOf(sql), values: [...values] }))
      return answer.rows as readonly Row[]
    } catch (error) {
      // A connection whose answer did not come is of no more use.
      if (stateOf(error) === null) failure = error as Error
      throw error
    } finally {
      client.release(failure)
    }
  }

  function guard(): void {
    if (isClosed) throw new Fault('store_unavailable', 'The store was closed: make a new one.')
  }

  async function run<Row>(work: Work, sql: string, values: readonly PostgresValue[]): Promise<readonly Row[]> {
    guard()
    const timer = startDeadline(deadline)
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(timer, sql, values)
        } catch (error) {
          if (!crosswise.has(stateOf(error) ?? '') || attempt === mostAttempts) throw postgresFault(error, work)
          await pause(attempt)
        }
      }
    } finally {
      timer.stop()
    }
  }

  return {
    run,
    guard,
    client: async () => {
      const timer = startDeadline(deadline)
      try {
        return await connect(timer)
      } catch (error) {
        throw postgresFault(error, 'read')
      } finally {
        timer.stop()
      }
    },
    close: () => {
      isClosed = true
    },
  }
}

/** `hs.` is the schema. */
export function inSchema(sql: string, schema: string): string {
  return sql.replaceAll(/\bhs\./g, `"${schema}".`)
}

interface Deadline {
  limit<T>(promise: Promise<T>): Promise<T>
  stop(): void
}

/** One instant that everything of an operation has to be over by. */
function startDeadline(ms: Millis): Deadline {
  let expire: (error: Fault) => void = ignore
  const expired = new Promise<never>((_resolve, reject) => {
    expire = reject
  })
  expired.catch(ignore)
  const timer = setTimeout(() => expire(late), ms)
  return {
    limit: (promise) => Promise.race([promise, expired]),
    stop: () => clearTimeout(timer),
  }
}

function ignore(): void {}
