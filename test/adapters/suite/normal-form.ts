import { createHash } from 'node:crypto'
import { type Reason, reasons } from '../../../src/index.ts'
import { type Heard, linesOf } from './heard.ts'

/**
 * What two doors may say differently without a word: framing, the connection, the time, and what frameworks add of themselves.
 *
 * Express's `sendFile` adds Last-Modified and Accept-Ranges; Express computes weak tags; Express, Fastify and Hono name the charset of texts and JSON.
 */
const framing = [
  ...['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding', 'x-powered-by'],
  ...['last-modified', 'accept-ranges'],
]

/** Writes answers down so that the same answer reads the same at every door, on every day. */
export interface NormalForm {
  lines(heard: Heard): readonly string[]
}

export function createNormalForm(): NormalForm {
  const seen = new Map<string, string>()

  /** The first one is 1, the next other one is 2. */
  function mask(name: string, value: string): string {
    const key = `${name} ${value}`
    const held = seen.get(key)
    if (held !== undefined) return held
    const count = [...seen.keys()].filter((one) => one.startsWith(`${name} `)).length
    const masked = `<${name} ${count + 1}>`
    seen.set(key, masked)
    return masked
  }

  function field(name: string, value: string): string | null {
    if (framing.includes(name) || (name === 'etag' && value.startsWith('W/'))) return null
    if (name === 'content-type' && /^(text\/plain|application\/json); charset=utf-8$/i.test(value))
      return value.replace(/;.*/, '')
    if (name !== 'set-cookie') return value
    return value.replace(/^__Host-(\w+)=([^;]+)/, (_all, cookie, text) => `__Host-${cookie}=${mask(cookie, text)}`)
  }

  function members(key: string, value: unknown): unknown {
    if (key === 'keys' && Array.isArray(value)) return value.map((one) => Object.keys(one).sort())
    if (/^(id|access_token|refresh_token)$/.test(key) && typeof value === 'string') return mask(key, value)
    if (/At$/.test(key) && typeof value === 'number') return '<time>'
    if (key === 'agent' || key === 'address') return `<${key}>`
    return value
  }

  function body(heard: Heard): string {
    const [type = ''] = linesOf(heard, 'content-type')
    if (/^text\/html/.test(type)) return (/<title>.*<\/title>/.exec(heard.body)?.[0] ?? 'a page') + length(heard.body)
    if (/json/.test(type) && /^[{[]/.test(heard.body)) {
      const value: unknown = JSON.parse(heard.body)
      return ofTable(value) ?? JSON.stringify(value, members)
    }
    return heard.body.length > 200 ? `a text${length(heard.body)}` : heard.body
  }

  return {
    lines: (heard) => {
      const fields = varyBesideNext(heard.lines)
        .map(([name, value]) => [name.toLowerCase(), field(name.toLowerCase(), value)] as const)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => `${name}: ${value}`)
      const order = (line: string): string => line.slice(0, line.indexOf(':'))
      fields.sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0))
      const interim = heard.interim.map((status) => `${status}, `).join('')
      const shown = heard.status === 101 ? '' : body(heard)
      const end = heard.complete ? [] : ['(cut off)']
      return [`${interim}${heard.status}`, ...fields, ...(shown === '' ? [] : [shown]), ...end]
    },
  }
}

/** Next adds names of its own to Vary, and puts those of its proxy before those of its routes. */
function varyBesideNext(lines: Heard['lines']): Heard['lines'] {
  const values = linesOf({ lines }, 'vary')
  if (!values.some((value) => value.includes('next-router-'))) return lines
  const names = values.flatMap((value) => value.split(', ')).filter((name) => !/^(rsc$|next-router-)/.test(name))
  const isOurs = (name: string): boolean => name === 'Cookie' || name === 'Authorization'
  const ordered = new Set([...names.filter((name) => !isOurs(name)), ...names.filter(isOurs)])
  const others = lines.filter(([name]) => name.toLowerCase() !== 'vary')
  return ordered.size === 0 ? others : [...others, ['vary', [...ordered].join(', ')]]
}

function length(text: string): string {
  return ` (${text.length} characters, ${createHash('sha256').update(text).digest('hex').slice(0, 8)})`
}

/** A problem document or an OAuth error that is in every member what the table of reasons says, by its reason. */
function ofTable(value: unknown): string | null {
  const { reason, ...rest } = value as { readonly reason?: unknown }
  const entry = typeof reason === 'string' && Object.hasOwn(reasons, reason) ? reasons[reason as Reason] : undefined
  if (entry === undefined) return null
  const { status, sentence, remedy } = entry
  const problem = { type: `urn:handstamp:reason:${reason}`, title: sentence, status, detail: remedy }
  if (JSON.stringify(rest) === JSON.stringify(problem)) return `problem ${reason}`
  const { error, ...described } = rest as { readonly error?: unknown }
  return JSON.stringify(described) === JSON.stringify({ error_description: sentence })
    ? `error ${error}, ${reason}`
    : null
}
