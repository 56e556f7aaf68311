import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFault } from '../../src/base/fault.ts'
import { type Configuration, type Environment, readConfig, type Usage } from '../../src/server/config.ts'

const secret = 'dG4Yx0Tn1qJwXlOZr0oUe7a2s5VfPzQk'
const other = 'Zk8PzvQe3LmB6rT1yWcXa9oU4hNfJd0s'

interface Place {
  readonly argv?: readonly string[]
  readonly env?: Environment
  readonly files?: Readonly<Record<string, string>>
  readonly usage?: Usage
}

function read({ argv = [], env = {}, files = {}, usage = {} }: Place): Configuration {
  const readFile = (path: string): string => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return text
  }
  return readConfig(argv, env, readFile, usage)
}

function findings(place: Place): string[] {
  try {
    read(place)
  } catch (fault) {
    assert.ok(isFault(fault) && fault.kind === 'invalid_option')
    for (const hidden of [secret, other]) assert.ok(!fault.message.includes(hidden))
    return fault.message.split('\n- ').slice(1)
  }
  return []
}

function sourceOf({ settings }: Configuration, name: string): string | undefined {
  return settings.find((setting) => setting.name === name)?.source
}

describe('without anything', () => {
  test('the defaults are loopback, a folder beside, cookies, and no secret', () => {
    const { config, settings } = read({})
    const { policy, ...rest } = config
    assert.deepEqual(rest, {
      port: 8080,
      host: '127.0.0.1',
      data: './data',
      engine: { kind: 'sqlite' },
      origin: null,
      trustedOrigins: [],
      trustedProxies: [],
      present: 'cookie',
      signingAlg: 'ES256',
      migrate: null,
      insecureHttp: false,
      logLevel: 'warn',
      managementPort: null,
      managementHost: '127.0.0.1',
      drainDelay: 0,
      secrets: [],
      adminSecret: null,
      json: false,
      production: false,
    })
    assert.deepEqual([policy.idle, policy.absolute, policy.access], [3_600_000, 86_400_000, 300_000])
    assert.deepEqual([...new Set(settings.map(({ source }) => source))], ['default'])
  })
})

describe('the engine', () => {
  test('is the one whose URL is set; of its URL only host and name are shown', () => {
    const url = 'postgres://app:hunter2@db.example:5433/sessions'
    const { config, settings } = read({ env: { DATABASE_URL: url } })
    assert.deepEqual(config.engine, { kind: 'postgres', url })
    const shown = settings.find(({ name }) => name === 'engine')
    assert.deepEqual(shown, {
      name: 'engine',
      value: 'Postgres at db.example:5433/sessions',
      source: 'env DATABASE_URL',
    })
    assert.deepEqual(read({ env: { REDIS_URL: 'rediss://h/2' } }).config.engine, { kind: 'redis', url: 'rediss://h/2' })
  })
})

describe('precedence', () => {
  const argv = ['--port', '1', '--data=flag']
  const env = { PORT: '2', HANDSTAMP_DATA: 'env', HANDSTAMP_PRESENT: 'token' }
  const files = { 'conf.json': '{"port":3,"data":"file","present":"cookie","idle":60,"trustedProxies":["::1"]}' }

  test('is flag over environment over file over default, each with its source', () => {
    const all = read({ argv: [...argv, '--config', 'conf.json'], env, files })
    assert.equal(all.config.port, 1)
    assert.equal(all.config.data, 'flag')
    assert.equal(all.config.present, 'token')
    assert.equal(all.config.policy.idle, 60_000)
    assert.deepEqual(all.config.trustedProxies, ['::1'])
    assert.equal(sourceOf(all, 'port'), 'flag --port')
    assert.equal(sourceOf(all, 'present'), 'env HANDSTAMP_PRESENT')
    assert.equal(sourceOf(all, 'idle'), 'file conf.json')
    assert.equal(sourceOf(all, 'host'), 'default')
  })

  test('loses a step at a time', () => {
    const config = { HANDSTAMP_CONFIG: 'conf.json' }
    assert.equal(read({ env: { ...env, ...config }, files }).config.port, 2)
    assert.equal(read({ env: config, files }).config.port, 3)
    assert.equal(read({ env }).config.port, 2)
  })

  test('an empty variable is not set', () => {
    assert.equal(read({ env: { PORT: '', HANDSTAMP_ORIGIN: '', DATABASE_URL: '' } }).config.port, 8080)
  })

  test('a list is a list everywhere', () => {
    const proxies = ['loopback', '10.0.0.0/8', 'fd00::/8', '127.0.0.1']
    const env = { HANDSTAMP_TRUSTED_PROXIES: proxies.join(' , ') }
    assert.deepEqual(read({ env }).config.trustedProxies, proxies)
    assert.deepEqual(read({ argv: ['--trusted-proxies', proxies.join(',')] }).config.trustedProxies, proxies)
    const files = { c: JSON.stringify({ trustedProxies: proxies, trustedOrigins: 'https://a.example' }) }
    assert.deepEqual(read({ argv: ['--config', 'c'], files }).config.trustedProxies, proxies)
    assert.deepEqual(read({ argv: ['--config', 'c'], files }).config.trustedOrigins, ['https://a.example'])
  })

  test('switches: a flag alone, a word in a variable, a boolean in a file', () => {
    assert.equal(read({ argv: ['--insecure-http', '--json'] }).config.insecureHttp, true)
    assert.equal(read({ argv: ['--json'] }).config.json, true)
    assert.equal(read({ env: { HANDSTAMP_INSECURE_HTTP: '1' } }).config.insecureHttp, true)
    assert.equal(read({ env: { HANDSTAMP_INSECURE_HTTP: 'false' } }).config.insecureHttp, false)
    assert.equal(read({ argv: ['--config', 'c'], files: { c: '{"insecureHttp":true}' } }).config.insecureHttp, true)
  })

  test('production is what NODE_ENV says', () => {
    assert.equal(read({ env: { NODE_ENV: 'production' } }).config.production, true)
    assert.equal(read({ env: { NODE_ENV: 'test' } }).config.production, false)
  })
})

describe('findings', () => {
  test('come all at once, from every source', () => {
    const place = {
      argv: ['--port', '70000', '--prot', '--host'],
      env: {
        HANDSTAMP_ORIGN: 'x',
        HANDSTAMP_IDLE: '1h',
        DATABASE_URL: 'mysql://u:hunter2@h/d',
        SESSION_SECRET: 'short',
      },
      files: { c: '{"dta":"x","secrets":["y"]}' },
    }
    const found = findings({ ...place, env: { ...place.env, HANDSTAMP_CONFIG: 'c' } })
    assert.deepEqual(found, [
      '--prot is not known: did you mean --port?',
      '--host needs a value',
      'HANDSTAMP_ORIGN is not known: did you mean HANDSTAMP_ORIGIN?',
      'dta in c is not known: did you mean data?',
      'secrets in c: keep secrets in a file of their own and name it with secretFile',
      '--port must be a whole number from 0 to 65535',
      'DATABASE_URL must be a URL like postgres://name:password@host/0',
      'HANDSTAMP_IDLE must be a whole number of seconds, at least 1',
      'SESSION_SECRET: secrets[0] is too short: at least 32 bytes, e.g. from `openssl rand -base64 32`',
    ])
  })

  const bad: Readonly<Record<string, Place>> = {
    'a port with a sign': { env: { PORT: '-1' } },
    'a port with spaces': { env: { PORT: ' 80' } },
    'a port in hexadecimal': { env: { PORT: '0x50' } },
    'a port that is text in a file with more': { argv: ['--config', 'c'], files: { c: '{"port":80.5}' } },
    'a host with a path': { env: { HOST: 'localhost/x' } },
    'an origin with a path': { env: { HANDSTAMP_ORIGIN: 'https://a.example/' } },
    'an origin in capitals': { env: { HANDSTAMP_ORIGIN: 'https://A.example' } },
    'an origin with its default port': { env: { HANDSTAMP_ORIGIN: 'https://a.example:443' } },
    'an origin with a user': { env: { HANDSTAMP_ORIGIN: 'https://a@a.example' } },
    'an origin of another scheme': { env: { HANDSTAMP_ORIGIN: 'ftp://a.example' } },
    'an origin of nobody': { env: { HANDSTAMP_ORIGIN: 'null' } },
    'one bad origin of several': { env: { HANDSTAMP_TRUSTED_ORIGINS: 'https://a.example,b.example' } },
    'a proxy by name': { env: { HANDSTAMP_TRUSTED_PROXIES: 'proxy.internal' } },
    'a network that is too long': { env: { HANDSTAMP_TRUSTED_PROXIES: '10.0.0.0/33' } },
    'a network with two lengths': { env: { HANDSTAMP_TRUSTED_PROXIES: '10.0.0.0/8/8' } },
    'both presentations': { env: { HANDSTAMP_PRESENT: 'both' } },
    'an algorithm that needs a shared secret': { env: { HANDSTAMP_ALG: 'HS256' } },
    'no algorithm': { env: { HANDSTAMP_ALG: 'none' } },
    'a switch that is maybe on': { env: { HANDSTAMP_INSECURE_HTTP: 'perhaps' } },
    'a switch with a value': { argv: ['--json=yes'] },
    'a flag twice': { argv: ['--port', '1', '--port', '2'] },
    'a flag where a value belongs': { argv: ['--data', '--json'] },
    'a short flag': { argv: ['-p'] },
    'a word too many': { argv: ['extra'] },
    'a policy that contradicts itself': { env: { HANDSTAMP_IDLE: '7200', HANDSTAMP_ABSOLUTE: '3600' } },
    'a token that lives too long': { env: { HANDSTAMP_ACCESS: '601' } },
    'a configuration file that is not there': { env: { HANDSTAMP_CONFIG: 'gone' } },
    'a configuration file that is no object': { env: { HANDSTAMP_CONFIG: 'c' }, files: { c: '[]' } },
    'a member twice': { env: { HANDSTAMP_CONFIG: 'c' }, files: { c: '{"port":1,"port":2}' } },
    'another engine': { env: { REDIS_URL: 'memcached://h' } },
    'two engines': { env: { REDIS_URL: 'redis://h', DATABASE_URL: 'postgres://h/d' } },
    'a secret file that is not there': { env: { SESSION_SECRET_FILE: 'gone' } },
    'an empty secret file': { env: { SESSION_SECRET_FILE: 's' }, files: { s: '\n\n' } },
    'a secret file by number': { argv: ['--config', 'c'], files: { c: '{"secretFile":3}' } },
    'an empty secret': { env: { SESSION_SECRET: '' } },
    'no secret in the list': { env: { SESSION_SECRETS: ' , ' } },
    'a secret that is not random': { env: { SESSION_SECRET: 'a'.repeat(40) } },
    'one short secret of several': { env: { SESSION_SECRETS: `${secret},short` } },
    'secrets in two places': { env: { SESSION_SECRET: secret, SESSION_SECRET_FILE: 's' }, files: { s: secret } },
  }
  for (const [why, place] of Object.entries(bad)) {
    test(`one for ${why}`, () => assert.equal(findings(place).length, 1, findings(place).join('\n')))
  }

  test('31 a member named __proto__ is a name like any other', () => {
    assert.match(
      findings({ env: { HANDSTAMP_CONFIG: 'c' }, files: { c: '{"__proto__":{"port":1}}' } })[0] ?? '',
      /not known/,
    )
    assert.match(findings({ argv: ['--__proto__'] })[0] ?? '', /not known/)
    assert.equal(({} as { port?: unknown }).port, undefined)
  })
})

describe('secrets', () => {
  test('come from one variable, from a list, or from a file; the first signs', () => {
    assert.deepEqual(read({ env: { SESSION_SECRET: secret } }).config.secrets, [secret])
    assert.deepEqual(read({ env: { SESSION_SECRETS: `${secret}, ${other}` } }).config.secrets, [secret, other])
    const files = { s: `${secret}\r\n\n${other}\n`, c: '{"secretFile":"s"}' }
    assert.deepEqual(read({ env: { SESSION_SECRET_FILE: 's' }, files }).config.secrets, [secret, other])
    assert.deepEqual(read({ argv: ['--config', 'c'], files }).config.secrets, [secret, other])
    const flag = read({
      argv: ['--secret-file', 's'],
      env: { SESSION_SECRET: 'ignored, though it is too short' },
      files,
    })
    assert.deepEqual(flag.config.secrets, [secret, other])
    assert.equal(sourceOf(flag, 'secrets'), 'flag --secret-file')
  })

  test('S4 are counted where settings are shown, never shown', () => {
    const configuration = read({ env: { SESSION_SECRETS: `${secret},${other}` } })
    assert.ok(!JSON.stringify(configuration.settings).includes(secret.slice(0, 8)))
    assert.deepEqual(
      configuration.settings.find(({ name }) => name === 'secrets'),
      { name: 'secrets', value: '2 secrets', source: 'env SESSION_SECRETS' },
    )
  })
})

describe('a command', () => {
  const usage = { flags: [{ name: 'role', isSwitch: false }], positionals: ['NAME'] }

  test('has flags and words of its own', () => {
    const { flags, positionals } = read({ argv: ['ada', '--role', 'admin', '--port', '1'], usage })
    assert.equal(flags.get('role'), 'admin')
    assert.deepEqual(positionals, ['ada'])
    assert.deepEqual(read({ argv: ['--', '--ada'], usage }).positionals, ['--ada'])
  })

  test('S4 is told what is missing or too much, without the words typed', () => {
    assert.deepEqual(findings({ argv: [], usage }), ['NAME is missing'])
    assert.deepEqual(findings({ argv: ['ada', 'hunter2'], usage }), ['There is a word too many after NAME'])
    assert.deepEqual(findings({ argv: ['ada', '--rol=hunter2'], usage }), ['--rol is not known: did you mean --role?'])
  })
})
