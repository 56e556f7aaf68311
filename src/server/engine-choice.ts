/** Where sessions and accounts are kept. The URL holds a password: never print it, print `placeOf`. */
export type EngineChoice =
  | { readonly kind: 'sqlite' }
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'redis'; readonly url: string }

const engines = [
  { kind: 'postgres', variable: 'DATABASE_URL', schemes: ['postgres:', 'postgresql:'] },
  { kind: 'redis', variable: 'REDIS_URL', schemes: ['redis:', 'rediss:'] },
] as const

export interface ReadChoice {
  readonly choice: EngineChoice
  /** `env DATABASE_URL` or `default`. */
  readonly source: string
  readonly findings: readonly string[]
}

/** The engine that the environment names; SQLite where it names none. No value stands in a finding. */
export function readEngineChoice(env: Readonly<Record<string, string | undefined>>): ReadChoice {
  const set = engines.filter(({ variable }) => (env[variable] ?? '') !== '')
  const [first] = set
  const sqlite = { choice: { kind: 'sqlite' } as const, source: 'default' }
  if (first === undefined) return { ...sqlite, findings: [] }
  if (set.length > 1)
    return {
      ...sqlite,
      findings: ['DATABASE_URL and REDIS_URL are both set: sessions are kept in one engine, keep one'],
    }
  const url = env[first.variable] ?? ''
  const scheme = URL.canParse(url) ? new URL(url).protocol : ''
  if (!(first.schemes as readonly string[]).includes(scheme))
    return { ...sqlite, findings: [`${first.variable} must be a URL like ${first.schemes[0]}//name:password@host/0`] }
  return { choice: { kind: first.kind, url }, source: `env ${first.variable}`, findings: [] }
}

/** For people: the engine and its host, without name and password. */
export function placeOf(choice: EngineChoice, data: string): string {
  if (choice.kind === 'sqlite') return data
  const { host, pathname } = new URL(choice.url)
  return `${choice.kind === 'postgres' ? 'Postgres' : 'Redis'} at ${host || 'localhost'}${pathname === '/' ? '' : pathname}`
}
