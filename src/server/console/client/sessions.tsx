import { useEffect, useRef, useState } from 'preact/hooks'
import type { SessionRow, SessionsPage, Whom } from './answers.ts'
import { ask, messageOf, query } from './api.ts'
import { count, many } from './format.ts'
import { Failed, Title } from './parts.tsx'
import { EndMany, EndOthers } from './revocation.tsx'
import { Row } from './session-row.tsx'
import { hrefOf, said } from './state.ts'

const perPage = 50

interface Found {
  readonly sessions: readonly SessionRow[]
  /** How many of them are on the page: a page of the API may bring more. */
  readonly shown: number
  readonly next: string | null
  readonly lookedAt: number
  readonly searching: boolean
  readonly trouble: string | null
  readonly took: number | null
}

const nothing: Found = {
  sessions: [],
  shown: perPage,
  next: null,
  lookedAt: 0,
  searching: true,
  trouble: null,
  took: null,
}

/** Search by user, address, device or handle; the words stand in the address. */
export function Sessions({ about }: { readonly about: string }) {
  const { found, more, again, drop } = useSearch(about)
  const [ending, setEnding] = useState<Whom | 'others' | null>(null)
  return (
    <>
      <Title>Sessions</Title>
      <SearchForm about={about} />
      <p class="quiet">{summary(found, about)}</p>
      {found.trouble !== null && <Failed message={found.trouble} again={again} />}
      <ul class="sheet sessions" hidden={found.sessions.length === 0}>
        {found.sessions.slice(0, found.shown).map((session) => (
          <Row key={session.id} session={session} ended={drop} />
        ))}
      </ul>
      <div class="row">
        {!found.searching && hasMore(found) && (
          <button type="button" class="button" onClick={more}>
            Show more
          </button>
        )}
        {about !== '' && found.sessions.length > 0 && (
          <button type="button" class="button" onClick={() => setEnding({ match: { q: about } })}>
            End all that fit…
          </button>
        )}
        <button type="button" class="button" onClick={() => setEnding('others')}>
          End all of a user, a tenant or everyone…
        </button>
      </div>
      {ending === 'others' && <EndOthers close={() => setEnding(null)} done={again} />}
      {ending !== null && ending !== 'others' && (
        <EndMany whom={ending} what={`that fit “${about}”`} close={() => setEnding(null)} done={again} />
      )}
    </>
  )
}

function SearchForm({ about }: { readonly about: string }) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      if (event.key !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      input.current?.select()
    }
    addEventListener('keydown', focus)
    return () => removeEventListener('keydown', focus)
  }, [])
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    event.stopPropagation()
    location.hash = hrefOf('sessions', input.current?.value.trim() ?? '')
  }
  return (
    <search>
      <form class="search" onSubmit={submit}>
        <label for="q">Find by user, address, device or handle</label>
        <div class="row">
          <input
            id="q"
            ref={input}
            type="search"
            maxLength={256}
            defaultValue={about}
            placeholder="ada, 192.0.2.0/24, firefox on linux…"
            aria-describedby="q-hint"
            autocomplete="off"
            spellcheck={false}
          />
          <button type="submit" class="button button-main">
            Find
          </button>
        </div>
        <p class="hint" id="q-hint">
          Ctrl+K comes here. Empty shows all.
        </p>
      </form>
    </search>
  )
}

/** Whether to ask for the next page: always at the beginning. */
function isShort({ sessions, shown, next, lookedAt }: Found): boolean {
  return lookedAt === 0 || (next !== null && sessions.length < shown)
}

function hasMore({ sessions, shown, next }: Found): boolean {
  return next !== null || sessions.length > shown
}

function summary(found: Found, about: string): string {
  const { sessions, shown, searching, lookedAt, took } = found
  if (searching) return `Searching… ${count(lookedAt)} looked at, ${many(sessions.length, 'session')} found.`
  const seconds = took === null ? '' : ` in ${(took / 1000).toFixed(2)} s`
  if (sessions.length === 0) return about === '' ? 'Nobody is signed in.' : `No session fits “${about}”.`
  const number = many(Math.min(shown, sessions.length), 'session')
  if (!hasMore(found))
    return about === '' ? `${number}${seconds}; that is all.` : `${number} fit “${about}”${seconds}; that is all.`
  return `The first ${number}${about === '' ? '' : ` that fit “${about}”`}${seconds}; there may be more.`
}

/** Page after page, until there is enough to show; what was found is shown meanwhile. */
function useSearch(about: string) {
  const [found, setFound] = useState<Found>(nothing)
  const running = useRef<AbortController | null>(null)

  const search = async (from: Found): Promise<void> => {
    running.current?.abort()
    running.current = new AbortController()
    const { signal } = running.current
    const since = performance.now()
    let at: Found = { ...from, searching: true, trouble: null }
    setFound(at)
    try {
      while (isShort(at)) {
        const path = `/admin/sessions${query({ q: about, limit: perPage, after: at.next })}`
        const page = await ask<SessionsPage>('GET', path, undefined, signal)
        at = {
          ...at,
          sessions: merged(at.sessions, page.sessions),
          next: page.next,
          lookedAt: at.lookedAt + page.looked_at,
        }
        setFound(at)
      }
      setFound({ ...at, searching: false, took: performance.now() - since })
      said.value = summary({ ...at, searching: false }, about)
    } catch (error) {
      if (!signal.aborted) setFound({ ...at, searching: false, trouble: messageOf(error) })
    }
  }

  useEffect(() => {
    void search(nothing)
    return () => running.current?.abort()
  }, [about])

  return {
    found,
    more: () => void search({ ...found, shown: found.shown + perPage }),
    again: () => void search(nothing),
    drop: (id: string) => setFound((at) => ({ ...at, sessions: at.sessions.filter((session) => session.id !== id) })),
  }
}

function merged(before: readonly SessionRow[], page: readonly SessionRow[]): readonly SessionRow[] {
  const known = new Set(before.map(({ id }) => id))
  return [...before, ...page.filter(({ id }) => !known.has(id))]
}
