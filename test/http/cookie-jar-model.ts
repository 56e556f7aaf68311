/**
 * A browser's jar by the letter of RFC 6265bis 5.6 to 5.8 and of CHIPS, step by step and as slowly as it reads. All requests are https and of the same site; the clock stands still.
 */
export interface JarModel {
  /** Takes one Set-Cookie line from an answer of this host. null: ignored. */
  receive(host: string, line: string): Kept | null
  /** The Cookie header of a request for this host and path; undefined when there is nothing to send. */
  cookie(host: string, path?: string): string | undefined
  readonly kept: readonly Kept[]
}

export interface Kept {
  readonly name: string
  readonly value: string
  readonly domain: string
  readonly hostOnly: boolean
  readonly path: string
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: string
  readonly partitioned: boolean
  /** Seconds; null: until the browser is closed. */
  readonly maxAge: number | null
  /** An attribute was left out because its value was too long. */
  readonly cut: boolean
}

type Attribute = readonly [name: string, value: string]

const suffixes = new Set(['com', 'org', 'test', 'co.uk'])
/** All answers are those of `/deep/page`. */
const defaultPath = '/deep'
const oldest = Number.NEGATIVE_INFINITY
const maxAge = 400 * 24 * 60 * 60

export function jarModel(now: number): JarModel {
  let kept: Kept[] = []

  function receive(host: string, line: string): Kept | null {
    const cookie = store(host, line, now)
    if (cookie === null) return null
    const others = kept.filter((one) => !isSame(one, cookie))
    // The creation time of the one that is replaced is kept, and with it the place.
    const at = kept.findIndex((one) => isSame(one, cookie))
    kept = at < 0 ? [...others, cookie] : kept.with(at, cookie)
    if (cookie.maxAge !== null && cookie.maxAge <= 0) kept = kept.filter((one) => one !== cookie)
    return cookie
  }

  function cookie(host: string, path = '/'): string | undefined {
    const sent = kept
      .filter((one) => (one.hostOnly ? one.domain === host : domainMatches(host, one.domain)))
      .filter((one) => pathMatches(path, one.path))
      .toSorted((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => (name === '' ? value : `${name}=${value}`))
    return sent.length === 0 ? undefined : sent.join('; ')
  }

  return {
    receive,
    cookie,
    get kept() {
      return kept
    },
  }
}

function isSame(a: Kept, b: Kept): boolean {
  return a.name === b.name && a.domain === b.domain && a.hostOnly === b.hostOnly && a.path === b.path
}

/** 5.6: a set-cookie-string becomes a name, a value and a list of attributes. */
function parse(line: string): { name: string; value: string; attributes: Attribute[]; cut: boolean } | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is control characters that a browser looks for.
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(line)) return null
  const [, pair = '', rest = ''] = /^([^;]*)(.*)$/s.exec(line) ?? []
  const [, left, right] = /^([^=]*)=(.*)$/s.exec(pair) ?? [pair, '', pair]
  const [name, value] = [strip(left ?? ''), strip(right ?? '')]
  if (name.length + value.length > 4096) return null
  const attributes: Attribute[] = []
  let cut = false
  for (let unparsed = rest; unparsed !== ''; ) {
    unparsed = unparsed.slice(1)
    const [, av = '', more = ''] = /^([^;]*)(.*)$/s.exec(unparsed) ?? []
    unparsed = more
    const [, avName = '', avValue = ''] = /^([^=]*)=(.*)$/s.exec(av) ?? [av, av, '']
    if (strip(avValue).length > 1024) cut = true
    else attributes.push([strip(avName).toLowerCase(), strip(avValue)])
  }
  return { name, value, attributes, cut }
}

function strip(text: string): string {
  return text.replace(/^[ \t]*/, '').replace(/[ \t]*$/, '')
}

/** 5.7: what is stored, or null where the steps say abort. */
function store(host: string, line: string, now: number): Kept | null {
  const parsed = parse(line)
  if (parsed === null) return null
  const { name, value, attributes, cut } = parsed
  const lastOf = (wanted: string): string | undefined => attributes.findLast(([one]) => one === wanted)?.[1]
  const has = (wanted: string): boolean => attributes.some(([one]) => one === wanted)
  if (name === '' && value === '') return null
  // Not in the letter: Chromium would send it back as if it had a name, so it takes none of them.
  if (name === '' && value.includes('=')) return null

  let domain = (lastOf('domain') ?? '').replace(/^\./, '').toLowerCase()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins there.
  if (/[^\x00-\x7f]/.test(domain)) return null
  if (suffixes.has(domain)) {
    if (domain !== host) return null
    domain = ''
  }
  if (domain !== '' && !domainMatches(host, domain)) return null
  const hostOnly = domain === ''

  const given = lastOf('path') ?? ''
  const path = given.startsWith('/') ? given : defaultPath
  const secure = has('secure')
  const httpOnly = has('httponly')
  const partitioned = has('partitioned')
  const named = lastOf('samesite')?.toLowerCase() ?? ''
  const sameSite = ['none', 'strict', 'lax'].includes(named) ? named : 'default'
  if (sameSite === 'none' && !secure) return null
  if (partitioned && !secure) return null

  const begins = (text: string, prefix: string): boolean => text.toLowerCase().startsWith(prefix)
  if (begins(name, '__secure-') && !secure) return null
  const isHost = secure && hostOnly && has('path') && path === '/'
  if (begins(name, '__host-') && !isHost) return null
  if (begins(name, '__http-') && !(secure && httpOnly)) return null
  if (begins(name, '__host-http-') && !(isHost && httpOnly)) return null
  if (name === '' && ['__secure-', '__host-', '__http-'].some((prefix) => begins(value, prefix))) return null

  const shape = { domain: hostOnly ? host : domain, hostOnly, path, secure, httpOnly, sameSite, partitioned }
  return { name, value, ...shape, maxAge: lifeOf(attributes, now), cut }
}

/** 5.6.1, 5.6.2 and 5.7: the last Max-Age that says something, else the last such Expires. */
function lifeOf(attributes: readonly Attribute[], now: number): number | null {
  const ages = attributes.filter(([name, value]) => name === 'max-age' && /^-?[0-9]+$/.test(value))
  const age = ages.at(-1)?.[1]
  if (age !== undefined) return Number(age) <= 0 ? oldest : Math.min(Number(age), maxAge)
  const times = attributes.filter(([name]) => name === 'expires').map(([, value]) => Date.parse(value))
  const time = times.filter((one) => !Number.isNaN(one)).at(-1)
  return time === undefined ? null : Math.min((time - now) / 1000, maxAge)
}

function domainMatches(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`)
}

function pathMatches(path: string, cookiePath: string): boolean {
  return (
    path === cookiePath ||
    (path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/'))
  )
}
