import type { Millis } from '../base/clock.ts'
import { Fault, isFault } from '../base/fault.ts'
import { within } from './deadline.ts'
import type { RedisDriver } from './redis-client.ts'
import { codeOf, redisFault } from './redis-errors.ts'
import { unreachable } from './unreachable.ts'

/** Version of the keys. */
const schema = 1
/** The first that trims a stream by its ids. */
const oldestServer = [6, 2] as const

export interface OpenOptions {
  readonly driver: RedisDriver
  readonly prefix: string
  readonly deadline: Millis
  /** Whether what was acknowledged has to survive a crash. */
  readonly durable: boolean
}

/**
 * Connects, and checks that the server is one that keeps what it is given. Safe to call again.
 *
 * @throws Fault `invalid_option`, `newer_schema`, `store_unavailable`, each saying what to do
 */
export async function openRedis({ driver, prefix, deadline, durable }: OpenOptions): Promise<void> {
  try {
    await within(deadline, async () => {
      await driver.open()
      refuseUnfit(infoOf(String(await driver.command(['INFO']))), durable)
      await checkSchema(driver, `${prefix}{A}schema`)
    })
  } catch (error) {
    throw openFault(error)
  }
}

function infoOf(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(/\r?\n/).flatMap((line) => {
    const end = line.indexOf(':')
    return end > 0 && !line.startsWith('#') ? [[line.slice(0, end), line.slice(end + 1)] as const] : []
  })
  return new Map(pairs)
}

function refuseUnfit(info: ReadonlyMap<string, string>, durable: boolean): void {
  const version = info.get('redis_version') ?? '0'
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < oldestServer[0] || (major === oldestServer[0] && minor < oldestServer[1]))
    throw new Fault('invalid_option', `Redis ${version} is too old: use 6.2 or newer, or Valkey.`)
  if (info.get('cluster_enabled') === '1')
    throw new Fault('invalid_option', 'Redis is a cluster here, which is not supported yet: use a single primary.')
  if (info.get('role') === 'slave')
    throw new Fault('invalid_option', 'Redis is a read-only replica here: connect to the primary.')
  const policy = info.get('maxmemory_policy') ?? 'noeviction'
  if (policy !== 'noeviction')
    throw new Fault(
      'invalid_option',
      `Redis throws away what it has no room for (maxmemory-policy ${policy}), revocations included: set it to noeviction.`,
    )
  if (durable && info.get('aof_enabled') !== '1')
    throw new Fault(
      'invalid_option',
      'Redis keeps nothing over a crash (appendonly no), so that ended sessions would come back: set appendonly yes, or say redis({ durable: false }) where they may.',
    )
}

async function checkSchema(driver: RedisDriver, key: string): Promise<void> {
  await driver.command(['SET', key, String(schema), 'NX'])
  const found = Number(await driver.command(['GET', key]))
  if (Number.isNaN(found))
    throw new Fault('invalid_option', `The key ${key} belongs to another application: choose another prefix.`)
  if (found > schema) {
    const text = `The data in Redis have schema ${found}, and this version knows ${schema}: run the newer version, or restore a backup.`
    throw new Fault('newer_schema', text)
  }
}

/** What is wrong at the start is a matter of configuration, where the server says so. */
function openFault(error: unknown): Fault {
  if (isFault(error)) return unreachable(error)
  const fault = unreachable(redisFault(error, 'read'))
  const wrong = ['NOAUTH', 'WRONGPASS', 'NOPERM', 'WRONGTYPE', 'READONLY']
  if (!wrong.includes(codeOf(error) ?? '')) return fault
  return new Fault('invalid_option', fault.message)
}
