import { isIP } from 'node:net'
import type { Json } from '../base/json.ts'
import { defaultPolicy } from '../model/policy.ts'
import type { Presentation } from '../model/session.ts'
import { type LogLevel, logLevels } from './operations/log.ts'

/** One thing that can be configured: by a flag, by a variable of the environment, by a member of the configuration file. */
export interface Setting<T> {
  /** In the configuration file. */
  readonly name: string
  /** Without the dashes. */
  readonly flag: string
  readonly env: string
  readonly isSwitch: boolean
  readonly fallback: T
  /** What is accepted, after "must be". */
  readonly expects: string
  /** For the help, without a full stop. */
  readonly about: string
  /** Flags and variables come as text, members of the file as any JSON. Undefined for anything else than what is expected. */
  read(value: Json): T | undefined
}

/** Algorithms whose keys the server makes by itself: HS256 needs a shared secret, which only the library's `keys` takes. */
export type ServerAlg = 'ES256' | 'EdDSA' | 'RS256'

const originForm = 'an origin like https://app.example.com, with nothing behind it'
const seconds = 'a whole number of seconds, at least 1'
const toSeconds = (name: 'idle' | 'absolute' | 'access'): number => defaultPolicy[name] / 1000

/** Every setting but the secrets, with its default. */
export const settings = {
  port: setting('port', 'PORT', 8080, wholeNumber(0, 65_535), {
    expects: 'a whole number from 0 to 65535',
    about: 'port to listen on; 0 takes a free one',
  }),
  host: setting('host', 'HOST', '127.0.0.1', text(/^[A-Za-z0-9.:_-]{1,253}$/), {
    expects: 'a host name or an address',
    about: 'address to listen on; 0.0.0.0 for all',
  }),
  data: setting('data', 'HANDSTAMP_DATA', './data', text(/^[^\0]{1,4096}$/), {
    expects: 'the path of a folder',
    about: 'folder that holds the sessions, the accounts and, in development, the secret',
  }),
  origin: setting<string | null>('origin', 'HANDSTAMP_ORIGIN', null, readOrigin, {
    expects: originForm,
    about: 'where browsers reach the server',
  }),
  trustedOrigins: setting('trusted-origins', 'HANDSTAMP_TRUSTED_ORIGINS', [], listOf(readOrigin), {
    name: 'trustedOrigins',
    expects: `a list of origins, each ${originForm}`,
    about: 'other origins of yours whose pages may act with a session, separated by commas',
  }),
  trustedProxies: setting('trusted-proxies', 'HANDSTAMP_TRUSTED_PROXIES', [], listOf(readNetwork), {
    name: 'trustedProxies',
    expects: 'a list of addresses, networks like 10.0.0.0/8, or loopback',
    about: 'proxies whose forwarding headers are believed, separated by commas',
  }),
  present: setting<Presentation>('present', 'HANDSTAMP_PRESENT', 'cookie', oneOf('cookie', 'token'), {
    expects: 'cookie or token',
    about: 'how a login that does not say is answered: cookie or token',
  }),
  idle: setting('idle', 'HANDSTAMP_IDLE', toSeconds('idle'), wholeNumber(1), {
    expects: seconds,
    about: 'seconds without use after which a session ends',
  }),
  absolute: setting('absolute', 'HANDSTAMP_ABSOLUTE', toSeconds('absolute'), wholeNumber(1), {
    expects: seconds,
    about: 'seconds after which a session ends whatever happens',
  }),
  access: setting('access', 'HANDSTAMP_ACCESS', toSeconds('access'), wholeNumber(1), {
    expects: seconds,
    about: 'seconds that an access token or a snapshot lives',
  }),
  signingAlg: setting<ServerAlg>('alg', 'HANDSTAMP_ALG', 'ES256', oneOf('ES256', 'EdDSA', 'RS256'), {
    name: 'signingAlg',
    expects: 'ES256, EdDSA or RS256',
    about: 'algorithm of the keys that sign access tokens: ES256, EdDSA or RS256',
  }),
  logLevel: setting<LogLevel | null>('log-level', 'HANDSTAMP_LOG_LEVEL', null, oneOf(...logLevels), {
    name: 'logLevel',
    expects: 'debug, info, warn, error or silent',
    about: 'what is logged to standard error, as JSON (info in production, otherwise warn)',
  }),
  managementPort: setting<number | null>('management-port', 'HANDSTAMP_MANAGEMENT_PORT', null, wholeNumber(0, 65_535), {
    name: 'managementPort',
    expects: 'a whole number from 0 to 65535',
    about:
      'port of its own for /healthz, /readyz and /metrics; without it /metrics is on the main one in development, for this machine',
  }),
  managementHost: setting(
    'management-host',
    'HANDSTAMP_MANAGEMENT_HOST',
    '127.0.0.1',
    text(/^[A-Za-z0-9.:_-]{1,253}$/),
    {
      name: 'managementHost',
      expects: 'a host name or an address',
      about: 'address of the management port',
    },
  ),
  drainDelay: setting('drain-delay', 'HANDSTAMP_DRAIN_DELAY', 0, wholeNumber(0, 600), {
    name: 'drainDelay',
    expects: 'a whole number of seconds, at most 600',
    about: 'seconds between SIGTERM, when /readyz says 503, and no longer taking connections',
  }),
  migrate: setting<string | null>('migrate', 'HANDSTAMP_MIGRATE', null, text(/^[^\0]{1,4096}$/), {
    expects: 'the path of a module',
    about: 'module with sessions of another product, which are taken over as they come: handstamp migrate new',
  }),
  insecureHttp: setting('insecure-http', 'HANDSTAMP_INSECURE_HTTP', false, readSwitch, {
    name: 'insecureHttp',
    isSwitch: true,
    expects: 'true or false',
    about: 'allows sessions over plain http beyond this machine: anybody on the way can take them over',
  }),
} as const

interface Words {
  readonly expects: string
  readonly about: string
  readonly name?: string
  readonly isSwitch?: true
}

function setting<T>(flag: string, env: string, fallback: T, read: Setting<T>['read'], words: Words): Setting<T> {
  return Object.freeze({ name: flag, isSwitch: false, ...words, flag, env, fallback, read })
}

function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (value: Json) => number | undefined {
  return (value) => {
    const number = typeof value === 'string' && /^[0-9]{1,12}$/.test(value) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isInteger(number)) return undefined
    return number >= least && number <= most ? number : undefined
  }
}

function text(form: RegExp): (value: Json) => string | undefined {
  return (value) => (typeof value === 'string' && form.test(value) ? value : undefined)
}

function oneOf<T extends string>(...words: readonly T[]): (value: Json) => T | undefined {
  return (value) => words.find((word) => word === value)
}

function readSwitch(value: Json): boolean | undefined {
  if (value === true || value === 'true' || value === '1') return true
  return value === false || value === 'false' || value === '0' ? false : undefined
}

function listOf(read: (value: Json) => string | undefined): (value: Json) => readonly string[] | undefined {
  return (value) => {
    const items = typeof value === 'string' ? splitList(value) : value
    if (!Array.isArray(items)) return undefined
    const all: readonly (string | undefined)[] = items.map(read)
    return all.every((item) => item !== undefined) ? all : undefined
  }
}

/** The items between the commas, without the spaces around them. */
export function splitList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function readOrigin(value: Json): string | undefined {
  if (typeof value !== 'string' || !/^https?:\/\//.test(value) || !URL.canParse(value)) return undefined
  return new URL(value).origin === value ? value : undefined
}

function readNetwork(value: Json): string | undefined {
  if (typeof value !== 'string') return undefined
  if (value === 'loopback') return value
  const [address = '', length, ...rest] = value.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return undefined
  if (length === undefined) return value
  return /^[0-9]{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128) ? value : undefined
}
