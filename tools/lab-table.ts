// The tables of the lab in README.md and docs/lab.md, from evidence/lab.json: node tools/lab-table.ts
import { readFileSync } from 'node:fs'
import { attacks } from '../src/lab/attacks/index.ts'
import type { Matrix, Row } from '../src/lab/matrix.ts'
import { type Marked, onDisk, update } from './markers.ts'

interface Evidence {
  readonly at: string
  readonly result: Matrix & { readonly seconds: number }
}

function evidence(): Evidence {
  return JSON.parse(readFileSync(onDisk('evidence/lab.json'), 'utf8')) as Evidence
}

/** What the README shows: a line for each group of attacks. */
function labTable(): string {
  const { result } = evidence()
  const lines = groups.map(({ name, ids }) => {
    const own = result.rows.filter(({ attack }) => ids.includes(attack))
    const others = result.columns.map(({ rows }) => {
      const tried = rows.filter(({ attack }) => ids.includes(attack))
      return tried.length === 0 ? '–' : share(tried)
    })
    const [open, shut] = [own.filter(({ defence }) => defence === null), own.filter(({ defence }) => defence !== null)]
    return `| ${[name, share(open), share(shut), ...others].join(' | ')} |`
  })
  const heads = result.columns.map(({ product, version }) => `${product} ${version}`)
  return [
    `| attacks that succeed | no defence | each defence alone | ${heads.join(' | ')} |`,
    `|${'---|'.repeat(3 + heads.length)}`,
    ...lines,
  ].join('\n')
}

function share(rows: readonly Row[]): string {
  return `${rows.filter(({ observed }) => observed === 'succeeds').length} of ${rows.length}`
}

/** A line for each attack, defence and presentation. */
function labTableLong(): string {
  const { result, at } = evidence()
  const titles = new Map(attacks.map(({ id, title }) => [id, title]))
  const lines = result.rows
    .filter(({ defence }) => defence !== null)
    .map((row) => {
      const open = result.rows.find(
        (one) => one.attack === row.attack && one.presentation === row.presentation && one.defence === null,
      )
      const defence = attacks.find(({ id }) => id === row.attack)?.defences.find(({ id }) => id === row.defence)
      return `| ${[titles.get(row.attack), row.presentation, open?.observed, defence?.title, row.observed, row.evidence].join(' | ')} |`
    })
  const others = result.columns.map(({ product, version, rows }) => {
    const done = rows.filter(({ observed }) => observed === 'succeeds').map(({ attack }) => titles.get(attack))
    return `- ${product} ${version}: ${done.length} of ${rows.length} succeed: ${done.join('; ')}.`
  })
  return [
    `${result.rows.length} runs in ${result.seconds} s on ${at.slice(0, 10)}, by \`npm run evidence lab\`.`,
    '',
    '| attack | as | without it | defence | with it | what was seen |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
    'The same attacks on others:',
    '',
    ...others,
  ].join('\n')
}

const groups: readonly { readonly name: string; readonly ids: readonly string[] }[] = [
  {
    name: 'copied credentials: replay after logout, sidejacking, replay of an old one, stale cache',
    ids: ['logout-replay', 'sidejacking', 'stolen-credential', 'stale-cache', 'revocation-lag'],
  },
  {
    name: 'other pages: CSRF, login CSRF, forced logout, cookie tossing, fixation',
    ids: ['csrf-form', 'csrf-json', 'login-csrf', 'forced-logout', 'cookie-tossing', 'fixation'],
  },
  {
    name: 'scripts in the page: tokens in storage, a variable, a cookie',
    ids: ['xss-local-storage', 'xss-session-storage', 'xss-memory', 'xss-cookie'],
  },
  { name: 'races: logout undone, lost update, two tabs', ids: ['slow-request', 'lost-update', 'two-tabs'] },
  {
    name: 'forgery: algorithm, `none`, keys, weak secret, ids, identity headers',
    ids: ['alg-confusion', 'alg-none', 'embedded-key', 'kid-injection', 'weak-secret', 'forged-id', 'header-spoofing'],
  },
  {
    name: 'many tries: passwords, stuffing, flooding',
    ids: ['brute-force', 'credential-stuffing', 'session-flooding', 'login-flooding'],
  },
]

/** Every attack stands in one line. */
export const grouped: readonly string[] = groups.flatMap(({ ids }) => ids)

/** Each document with what stands between its marks. */
export function labTables(): readonly (readonly [Marked, string])[] {
  return [
    [{ path: 'README.md', name: 'lab' }, labTable()],
    [{ path: 'docs/lab.md', name: 'lab' }, labTableLong()],
  ]
}

if (import.meta.main) for (const [marked, text] of labTables()) update(marked, text)
