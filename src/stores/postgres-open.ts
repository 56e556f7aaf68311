import { randomBytes } from 'node:crypto'
import { Fault, isFault } from '../base/fault.ts'
import { postgresFault, stateOf } from './postgres-errors.ts'
import { inSchema, type PostgresClient } from './postgres-pool.ts'
import { migrations } from './postgres-schema.ts'

/** Oldest server whose functions we use (sha256, procedures of SQL/JSON): 13. */
const oldestServer = 130_000

/** What is found on the server before anything is made. */
interface Found {
  readonly server: number
  readonly synchronous: string
  readonly replica: boolean
  /** Tables and the like in the schema; null: there is no such schema. */
  readonly relations: number | null
  readonly marked: boolean
}

const foundSql = `SELECT current_setting('server_version_num')::int AS server,
    current_setting('synchronous_commit') AS synchronous, pg_is_in_recovery() AS replica,
    (SELECT (SELECT count(*)::int FROM pg_class WHERE relnamespace = n.oid) FROM pg_namespace n WHERE nspname = $1) AS relations,
    to_regclass($2) IS NOT NULL AS marked`

/**
 * Makes the schema that this version works with, or checks that it is there. Safe when several nodes do it at once: one does the work, in one transaction, the others find it done.
 *
 * @returns the channel of hints: a name that nobody can guess who has no rights on the schema
 * @throws Fault `invalid_option`, `newer_schema`, `store_unavailable`, each saying what to do
 */
export async function openSchema(
  client: PostgresClient,
  schema: string,
  steps: readonly string[] = migrations,
): Promise<string> {
  try {
    const found = await look(client, schema)
    refuseUnfit(found, schema)
    const version = found.marked ? await versionOf(client, schema) : 0
    refuseNewer(version, steps.length)
    if (version < steps.length) await migrate(client, schema, steps)
    return await channelOf(client, schema)
  } catch (error) {
    throw openFault(error, schema)
  }
}

async function look(client: PostgresClient, schema: string): Promise<Found> {
  const { rows } = await client.query({ text: foundSql, values: [schema, `"${schema}".meta`] })
  return rows[0] as Found
}

function refuseUnfit({ server, synchronous, replica, relations, marked }: Found, schema: string): void {
  if (server < oldestServer)
    throw new Fault('invalid_option', `Postgres ${Math.floor(server / 10_000)} is too old: use 13 or newer.`)
  if (replica)
    throw new Fault(
      'invalid_option',
      'Postgres is a read-only replica here: connect to the primary (target_session_attrs=read-write).',
    )
  if (synchronous === 'off')
    throw new Fault(
      'invalid_option',
      'Postgres acknowledges before it has stored (synchronous_commit = off), so that a crash would bring ended sessions back: set it to on for this role (ALTER ROLE … SET synchronous_commit = on).',
    )
  if (!marked && (relations ?? 0) > 0)
    throw new Fault('invalid_option', `The schema "${schema}" belongs to another application: choose another one.`)
}

async function versionOf(client: PostgresClient, schema: string): Promise<number> {
  const { rows } = await client.query({ text: inSchema('SELECT version FROM hs.meta', schema) })
  return Number((rows[0] as { version: number } | undefined)?.version)
}

function refuseNewer(version: number, newest: number): void {
  if (version <= newest) return
  const text = `The database has schema ${version}, and this version knows ${newest}: run the newer version, or restore a backup.`
  throw new Fault('newer_schema', text)
}

async function migrate(client: PostgresClient, schema: string, steps: readonly string[]): Promise<void> {
  const run = (text: string, values?: unknown[]) => client.query({ text, ...(values && { values }) })
  await run('BEGIN')
  try {
    await run('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`handstamp ${schema}`])
    const { relations, marked } = await look(client, schema)
    const version = marked ? await versionOf(client, schema) : 0
    refuseNewer(version, steps.length)
    if (version < steps.length) {
      if (relations === null) await run(`CREATE SCHEMA "${schema}"`)
      if (!marked) await run(inSchema('CREATE TABLE hs.meta (version int NOT NULL, channel text NOT NULL)', schema))
      for (const step of steps.slice(version)) await run(inSchema(step, schema))
      const channel = `handstamp_${randomBytes(16).toString('hex')}`
      if (!marked) await run(inSchema('INSERT INTO hs.meta VALUES (0, $1)', schema), [channel])
      await run(inSchema('UPDATE hs.meta SET version = $1', schema), [steps.length])
    }
    await run('COMMIT')
  } catch (error) {
    await run('ROLLBACK').catch(() => {})
    throw error
  }
}

async function channelOf(client: PostgresClient, schema: string): Promise<string> {
  const { rows } = await client.query({ text: inSchema('SELECT channel FROM hs.meta', schema) })
  return (rows[0] as { channel: string }).channel
}

/** What is wrong at the start is a matter of configuration, where the server says so. */
function openFault(error: unknown, schema: string): Fault {
  if (isFault(error)) return error
  if (stateOf(error) === '42501')
    return new Fault(
      'invalid_option',
      `Rights are missing in Postgres: let this role make the schema "${schema}" (GRANT CREATE ON DATABASE), or make the schema for it (CREATE SCHEMA "${schema}" AUTHORIZATION …).`,
    )
  return postgresFault(error, 'read')
}
