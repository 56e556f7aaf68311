import { answersTo, questionNames, questions } from '../advisor/questions.ts'
import { settings } from '../server/setting.ts'

/** Every command with what it is for. */
export const commands: ReadonlyMap<string, string> = new Map([
  ['serve', 'starts the server'],
  ['users', 'adds, lists, disables and enables the accounts that may sign in; sets passwords'],
  ['sessions', 'lists, shows and ends sessions'],
  ['keys', 'lists, rotates and removes the keys that sign access tokens'],
  ['config', 'shows each setting, its value and where it comes from'],
  ['advise', 'chooses between cookies and tokens, and writes a configuration that runs'],
  ['lab', 'attacks servers of its own, with and without each defence'],
  ['migrate', 'takes over sessions of express-session, iron-session and Better Auth'],
])

const general = `handstamp: sessions for TypeScript on Node.js

Usage: handstamp COMMAND [flags]

${lines([...commands])}

  --help      this text; behind a command, its own
  --version   the version

Every command takes the settings that handstamp serve --help lists: as flags, variables or a file.
Exit codes: 0 done, 1 failed, 2 called wrongly, 3 not found.`

const serve = `handstamp serve: starts the server

${settingLines()}

A flag goes before its variable, a variable before the file, the file before the default.`

const users = `handstamp users: the accounts that may sign in

${lines([
  ['users add NAME', 'adds an account; without --password-stdin it makes a password and shows it once'],
  ['users list', 'lists the accounts in the order of their names'],
  ['users password NAME', 'sets another password, as users add does, and ends all sessions of the account'],
  ['users disable NAME', 'lets an account sign in no more and ends all its sessions'],
  ['users enable NAME', 'lets it sign in again'],
])}

${lines([
  ['--role ROLE', 'users add: its role, one word such as admin'],
  ['--password-stdin', 'users add, password: takes the password from standard input'],
  ['--json', 'answers in JSON, on one line'],
  ['--data PATH', settings.data.about],
])}`

const sessions = `handstamp sessions: who is signed in, and an end to it

${lines([
  ['sessions list NAME', 'lists the sessions of an account'],
  ['sessions show ID', 'shows one of them'],
  ['sessions revoke ID', 'ends one; returns when every node refuses it'],
  ['sessions revoke-all NAME', 'ends all of an account'],
  ['sessions revoke-everyone', 'ends all sessions of everybody'],
])}

${lines([
  ['--json', 'answers in JSON, on one line'],
  ['--data PATH', settings.data.about],
])}`

const keys = `handstamp keys: the keys that sign access tokens

${lines([
  ['keys list', 'lists those that verify'],
  ['keys rotate', 'adds a key, which signs ten seconds later; those before it still verify'],
  ['keys remove KID', 'removes one: every token that it has signed is refused'],
])}

${lines([
  ['--json', 'answers in JSON, on one line'],
  ['--data PATH', settings.data.about],
])}`

const config = `handstamp config: each setting, its value and where it comes from

Takes the flags, variables and file of handstamp serve. With --json one object by name. Secrets are only counted.`

const migrate = `handstamp migrate: people stay signed in while you move here

${lines([
  ['migrate new PRODUCT', 'writes a module to begin with: express-session, iron-session or better-auth'],
  [
    'migrate check FILE',
    'reads Cookie headers from standard input, one on each line, and says whose they are; changes nothing',
  ],
])}

Then: handstamp serve --migrate FILE. Whoever comes with a good session of the other product, and none of this one, gets one, once.`

const advise = `handstamp advise: cookies or tokens, why, and a configuration that runs

${lines([
  ...questionNames.map((name): readonly [string, string] => [
    `--${name} …`,
    `${questions[name].ask} ${answersTo(name).join(', ')}`,
  ]),
  ['--write FOLDER', 'writes the files there'],
  ['--json', 'answers in JSON, on one line'],
])}

What is not said is the first of the answers.`

const lab = `handstamp lab: attacks on servers of its own, each without its defences and with each of them

${lines([
  ['lab', 'carries out all of them, and says where an outcome differs'],
  ['lab ATTACK …', 'carries out these'],
  ['lab --list', 'lists them'],
  ['--no-browser', 'leaves out those that need a browser'],
  ['--no-others', 'leaves out other products, which are in the repository only (npm ci --prefix bench)'],
  ['--json', 'answers in JSON: attack, defence, presentation, expected, observed, evidence'],
])}

Everything happens on loopback, on servers that it starts and ends itself. Exit code 1 when one outcome is not as expected.`

const texts: ReadonlyMap<string, string> = new Map([
  ['serve', serve],
  ['users', users],
  ['sessions', sessions],
  ['keys', keys],
  ['config', config],
  ['migrate', migrate],
  ['advise', advise],
  ['lab', lab],
])

/** The help of a command, or of all of them. */
export function helpOf(command: string | undefined): string {
  return (command === undefined ? undefined : texts.get(command)) ?? general
}

function settingLines(): string {
  const all = Object.values(settings).flatMap(({ flag, isSwitch, env, fallback, about }) => [
    [isSwitch ? `--${flag}` : `--${flag} …`, env, `${about}${shown(fallback)}`],
  ])
  const secrets = [
    ['--secret-file …', 'SESSION_SECRET_FILE', 'file with the secrets, one on each line: the first signs, all verify'],
    ['', 'SESSION_SECRET', 'the secret itself, at least 32 bytes; required in production'],
    ['', 'SESSION_SECRETS', 'several, separated by commas'],
    [
      '',
      'HANDSTAMP_ADMIN_SECRET',
      'opens /admin/* in the header X-Admin-Secret, at least 32 bytes; without it administrators need two factors',
    ],
    [
      '',
      'DATABASE_URL',
      'keeps sessions and accounts in Postgres instead of the folder: postgres://name:password@host/database',
    ],
    ['', 'REDIS_URL', 'keeps them in Redis or Valkey: redis://host:6379/0'],
    ['--config …', 'HANDSTAMP_CONFIG', 'JSON file with settings'],
    ['--json', '', 'one line of JSON when the server is ready'],
  ]
  return [...all, ...secrets]
    .map(([flag = '', env = '', about = '']) => `  ${flag.padEnd(22)}${env.padEnd(27)}${about}`)
    .join('\n')
}

function shown(fallback: unknown): string {
  const isPlain = typeof fallback === 'string' || typeof fallback === 'number'
  return isPlain ? ` (${fallback})` : ''
}

function lines(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, about]) => `  ${name.padEnd(width)}   ${about}`).join('\n')
}
