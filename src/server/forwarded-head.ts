import { isSafeMethod, type RequestHead } from '../base/head.ts'

/** Whose question it is: what the proxy of that kind says about the request that it holds. */
export type Asker = 'plain' | 'nginx' | 'envoy'

/** Where each kind of proxy says the method and the target of the request; envoy asks with those of the request itself. */
const told = {
  plain: { method: 'x-forwarded-method', target: 'x-forwarded-uri' },
  nginx: { method: 'x-original-method', target: 'x-original-uri' },
} as const

/** Where envoy’s questions begin; what follows is the target of the request. */
export const envoyPrefix = '/verify/envoy'

/**
 * The head of the request that a proxy holds while it asks about it: its method and target, and the headers as the client sent them. A question that names neither is
 * about itself.
 *
 * Whoever asks may name what they like, and only learns who they are themselves.
 *
 * @returns null for what no proxy says: two methods, a target that is no path
 */
export function forwardedHead(head: RequestHead, asker: Asker): RequestHead | null {
  if (asker === 'envoy') return withLine(head, head.method, head.target.slice(envoyPrefix.length) || '/')
  const names = told[asker]
  const said = { method: head.header(names.method), target: head.header(names.target) }
  // Lines are only counted where there are any.
  if (said.method !== undefined && head.count(names.method) > 1) return null
  if (said.target !== undefined && head.count(names.target) > 1) return null
  const { method = head.method, target = '/' } = said
  return /^[A-Z]{1,20}$/.test(method) ? withLine(head, method, target) : null
}

function withLine(head: RequestHead, method: string, target: string): RequestHead | null {
  return target.startsWith('/') && target.length <= 8192 ? new ForwardedHead(head, method, target) : null
}

/** A class, because there is one for each request (decision 022). */
class ForwardedHead implements RequestHead {
  readonly method: string
  readonly target: string
  readonly peer: string | null
  readonly encrypted: boolean
  readonly #head: RequestHead

  constructor(head: RequestHead, method: string, target: string) {
    this.method = method
    this.target = target
    this.peer = head.peer
    this.encrypted = head.encrypted
    this.#head = head
  }

  /** The body stays with the proxy, which may hold the request until it has arrived: an unsafe one is taken to have one (P-R4). */
  header(name: string): string | undefined {
    if (name === 'content-length') return isSafeMethod(this.method) ? undefined : '1'
    return name === 'transfer-encoding' ? undefined : this.#head.header(name)
  }

  count(name: string): number {
    return this.#head.count(name)
  }
}
