/** What went wrong, and what to do about it. */
export class Trouble extends Error {
  readonly reason: string

  constructor(reason: string, message: string) {
    super(message)
    this.reason = reason
  }
}

type Method = 'GET' | 'POST' | 'DELETE'

/**
 * Asks the admin API. Whoever may no longer is sent to where they can let themselves in again.
 *
 * @throws Trouble
 */
export async function ask<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method, headers: { Accept: 'application/json' } }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { ...init.headers, 'Content-Type': 'application/json' }
  }
  if (signal !== undefined) init.signal = signal
  const answer = await fetch(path, init).catch((error: unknown) => {
    if (signal?.aborted === true) throw error
    throw new Trouble(
      'unreachable',
      'The server does not answer. Is it running? Nothing was changed that it did not confirm.',
    )
  })
  const said = (await answer.json().catch(() => ({}))) as { readonly reason?: string; readonly detail?: string }
  if (answer.ok) return said as T
  if (answer.status === 401 || answer.status === 403) leave()
  throw new Trouble(said.reason ?? 'failed', said.detail ?? `The server answered ${answer.status}.`)
}

/** The query of what is given. */
export function query(fields: Readonly<Record<string, string | number | null | undefined>>): string {
  const given = Object.entries(fields).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

/** The page asks for what is missing: the admin secret, a sign-in. */
export function leave(): void {
  location.replace('/console')
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
