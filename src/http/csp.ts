import { createHash } from 'node:crypto'
import { nearest } from '../base/nearest.ts'

/** One of the values of `csp`. */
export interface NamedSource {
  readonly kind: 'none' | 'nonce' | 'hash' | 'strict-dynamic' | 'origin' | 'inline' | 'other'
  readonly text: string
}

/** A value of `csp`, or a source as CSP writes it: `https://cdn.example`, `*.cdn.example`, `data:`. */
export type CspSource = NamedSource | string

const sourceDirectives = [
  'default-src',
  'script-src',
  'script-src-elem',
  'script-src-attr',
  'style-src',
  'style-src-elem',
  'style-src-attr',
  'img-src',
  'font-src',
  'connect-src',
  'media-src',
  'object-src',
  'frame-src',
  'child-src',
  'worker-src',
  'manifest-src',
  'base-uri',
  'form-action',
  'frame-ancestors',
] as const
const switches = ['upgrade-insecure-requests', 'require-trusted-types-for'] as const
const tokens = ['report-to', 'sandbox', 'trusted-types'] as const
const known: readonly string[] = [...sourceDirectives, ...switches, ...tokens]

type SourceDirective = (typeof sourceDirectives)[number]

/** Directives of a Content-Security-Policy. One that is given takes the place of the default one. */
export type CspOptions = { readonly [Name in SourceDirective]?: readonly CspSource[] } & {
  readonly [Name in (typeof switches)[number]]?: true
} & { readonly [Name in (typeof tokens)[number]]?: readonly string[] }

const named = (kind: NamedSource['kind'], text: string): NamedSource => Object.freeze({ kind, text })
const nonceMark = "'nonce'"

/**
 * Sources for `securityHeaders({ csp })`: `const { self, nonce } = csp`.
 *
 * - `nonce`: elements that carry the nonce of this response.
 * - `hash(text)`: the inline script or style with exactly this text between its tags.
 * - `strictDynamic`: what a script with nonce or hash loads may run as well.
 * - `origin('https://…')`: one origin, all of it.
 * - `insecureInline`, `insecureEval`: whatever text finds its way into the page runs.
 */
export const csp = Object.freeze({
  self: named('other', "'self'"),
  none: named('none', "'none'"),
  nonce: named('nonce', nonceMark),
  strictDynamic: named('strict-dynamic', "'strict-dynamic'"),
  hash: (text: string): NamedSource => named('hash', `'sha256-${createHash('sha256').update(text).digest('base64')}'`),
  origin: (text: string): NamedSource => named('origin', text),
  wasmEval: named('other', "'wasm-unsafe-eval'"),
  insecureInline: named('inline', "'unsafe-inline'"),
  insecureEval: named('other', "'unsafe-eval'"),
})

/** Scripts by nonce, everything else from the own origin, no plug-ins, no frames around it (X8; ASVS 3.4.3, 3.4.6). */
export const defaultCsp: CspOptions = Object.freeze({
  'default-src': [csp.self],
  'script-src': [csp.nonce],
  'object-src': [csp.none],
  'base-uri': [csp.none],
  'form-action': [csp.self],
  'frame-ancestors': [csp.none],
})

export interface CspDefinition {
  /** The policy for one response. */
  write(nonce: string): string
  /** What stands in `frame-ancestors`. */
  readonly ancestors: string
  /** One sentence for each directive or source that cannot be used. */
  readonly findings: readonly string[]
}

/** Lays the directives over the default ones and checks them all at once. Does not throw. */
export function defineCsp(options: CspOptions = {}): CspDefinition {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    return { write: () => '', ancestors: '', findings: [`csp must be an object like { 'script-src': [csp.nonce] }`] }
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const findings = given.flatMap(([name, value]) =>
    findDirectiveFlaws(name, value).map((flaw) => `csp['${name}'] ${flaw}`),
  )
  if (findings.length > 0) return { write: () => '', ancestors: '', findings }
  const all = new Map<string, unknown>([...Object.entries(defaultCsp), ...given])
  const parts = [...all]
    .map(([name, value]) => writeDirective(name, value))
    .join('; ')
    .split(nonceMark)
  return {
    write: (nonce) => parts.join(`'nonce-${nonce}'`),
    ancestors: (all.get('frame-ancestors') as readonly CspSource[]).map(textOf).join(' '),
    findings,
  }
}

function writeDirective(name: string, value: unknown): string {
  if (value === true) return name === 'require-trusted-types-for' ? `${name} 'script'` : name
  return [name, ...(value as readonly CspSource[]).map(textOf)].join(' ')
}

function textOf(source: CspSource): string {
  return typeof source === 'string' ? source : source.text
}

const token = /^[A-Za-z0-9_-]{1,100}$/

function findDirectiveFlaws(name: string, value: unknown): string[] {
  if (!known.includes(name)) return [`is not a directive${nearest(name, known)}`]
  if ((switches as readonly string[]).includes(name))
    return value === true ? [] : ['is a switch: write true, or leave it out']
  if (!Array.isArray(value)) return ['must be a list']
  if ((tokens as readonly string[]).includes(name))
    return value
      .filter((item) => typeof item !== 'string' || !token.test(item))
      .map((item) => `: ${show(item)} is not a name`)
  if (value.length === 0) return ['is empty: write [csp.none] where nothing is allowed']
  const flaws = value.map((source) => findSourceFlaw(name, source)).filter((flaw) => flaw !== undefined)
  return flaws.length > 0 ? flaws : findContradictions(name, value as readonly CspSource[])
}

/** Where a source stands for code that runs with the rights of the page. */
const ofCode = ['default-src', 'script-src', 'script-src-elem', 'script-src-attr', 'object-src', 'base-uri']
const ofInline = [...ofCode.slice(0, 4), 'style-src', 'style-src-elem', 'style-src-attr']
const everybody = ['*', 'http:', 'https:', 'data:', 'blob:', 'filesystem:']

const scheme = /^[a-z][a-z0-9+.-]*:$/i
/** CSP 3, 2.3.1, without `;`, `,` and white space, which would begin another directive, policy or source. */
const host =
  /^(?:(?:https?|wss?):\/\/)?(?:\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::(?:[0-9]{1,5}|\*))?(?:\/[\w.~!$&'()*+=:@%/-]*)?$/i

function findSourceFlaw(name: string, source: unknown): string | undefined {
  if (typeof source === 'string') return findTextFlaw(name, source)
  if (!Object.values(csp).includes(source as never) && !isMade(source)) return `: ${show(source)} is not a source`
  const { kind, text } = source as NamedSource
  if (kind === 'origin' && !isOrigin(text))
    return `: ${show(text)} is not an origin; write scheme and host and nothing else, e.g. https://cdn.example`
  const inline = kind === 'nonce' || kind === 'hash' || kind === 'inline'
  if (inline && !ofInline.includes(name)) return `takes no ${text}: that is for scripts and styles`
  return undefined
}

function findTextFlaw(name: string, text: string): string | undefined {
  if (text === "'self'" || text === "'none'") return undefined
  if (text.startsWith("'"))
    return `: ${show(text)} must be written with csp, e.g. csp.nonce, csp.hash(text) or csp.insecureInline`
  if (/^(self|none|nonce|strict-dynamic|unsafe-.*)$/i.test(text))
    return `: ${show(text)} would be the name of a host; use the value of csp`
  if (text.length > 1000 || !(scheme.test(text) || host.test(text))) return `: ${show(text)} is not a source`
  if (ofCode.includes(name) && everybody.includes(text.toLowerCase()))
    return `: ${text} would let anybody's code run; name the hosts, or use csp.nonce`
  return undefined
}

/** Made by `csp.hash` or `csp.origin`; an origin is judged apart. */
function isMade(source: unknown): boolean {
  if (typeof source !== 'object' || source === null || !Object.isFrozen(source)) return false
  const { kind, text } = source as Partial<NamedSource>
  if (kind === 'origin') return true
  return typeof text === 'string' && kind === 'hash' && /^'sha256-[A-Za-z0-9+/]{43}='$/.test(text)
}

function isOrigin(text: unknown): boolean {
  if (typeof text !== 'string' || text.length > 300 || !host.test(text)) return false
  const url = URL.parse(text)
  return url !== null && /^(?:https?|wss?):$/.test(url.protocol) && `${url.protocol}//${url.host}` === text
}

function findContradictions(name: string, sources: readonly CspSource[]): string[] {
  const texts = sources.map(textOf)
  const kinds = sources.map((source) => (typeof source === 'string' ? 'other' : source.kind))
  const proven = kinds.includes('nonce') || kinds.includes('hash')
  const findings: string[] = []
  if (texts.includes("'none'") && texts.length > 1) findings.push("has 'none' beside other sources")
  if (kinds.includes('inline') && proven)
    findings.push('has insecureInline beside a nonce or a hash, where browsers ignore it')
  if (kinds.includes('strict-dynamic') && !proven)
    findings.push('has strictDynamic without a nonce or a hash, so nothing could run')
  if (kinds.includes('strict-dynamic') && !name.startsWith('script-src') && name !== 'default-src')
    findings.push('takes no strictDynamic: that is for scripts')
  return findings
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 100)
}
