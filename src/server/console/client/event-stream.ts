import { useEffect, useRef, useState } from 'preact/hooks'
import type { Happened } from './answers.ts'
import { ask, messageOf } from './api.ts'

/** Rows on the page; older ones go. */
const mostShown = 100
const showEvery = 250

export interface Line {
  readonly number: number
  readonly event: Happened
}

export interface Shown {
  readonly lines: readonly Line[]
  readonly total: number
  readonly lost: number
  readonly perSecond: number
}

export interface Wanted {
  readonly paused: boolean
  readonly fits: (event: Happened) => boolean
}

/** What has come, whatever the page shows of it. */
interface Heard {
  lines: Line[]
  total: number
  lost: number
  readonly rate: { since: number; before: number; perSecond: number }
}

/** Events are collected as they come, and shown four times a second, however many they are. */
export function useEventStream(wanted: Wanted) {
  const [shown, setShown] = useState<Shown>({ lines: [], total: 0, lost: 0, perSecond: 0 })
  const [trouble, setTrouble] = useState<string | null>(null)
  const [state, setState] = useState('Connecting')
  const [attempt, setAttempt] = useState(0)
  const heard = useRef<Heard>({
    lines: [],
    total: 0,
    lost: 0,
    rate: { since: performance.now(), before: 0, perSecond: 0 },
  })
  const now = useRef(wanted)
  now.current = wanted

  useEffect(() => {
    setTrouble(null)
    return listen(heard.current, () => now.current, setState, setTrouble)
  }, [attempt])

  useEffect(() => {
    heard.current.lines = heard.current.lines.filter(({ event }) => wanted.fits(event))
  }, [wanted.fits])

  useEffect(() => {
    const timer = setInterval(() => {
      const { lines, total, lost } = heard.current
      const perSecond = rateOf(heard.current)
      setShown((before) => {
        const newest = now.current.paused ? before.lines : lines.slice(-mostShown).reverse()
        return { lines: newest, total, lost, perSecond }
      })
    }, showEvery)
    return () => clearInterval(timer)
  }, [])

  return { shown, trouble, state, again: () => setAttempt(attempt + 1) }
}

function listen(
  heard: Heard,
  wanted: () => Wanted,
  setState: (state: string) => void,
  setTrouble: (message: string) => void,
): () => void {
  const source = new EventSource('/admin/events')
  source.onopen = () => setState('Connected')
  source.onerror = () => {
    setState('Connecting')
    if (source.readyState !== EventSource.CLOSED) return
    // Whoever may no longer listen is told so here.
    ask('GET', '/admin/overview').then(
      () => setTrouble('The stream ended.'),
      (error: unknown) => setTrouble(messageOf(error)),
    )
  }
  const hear = ({ data }: MessageEvent<string>): void => {
    const number = ++heard.total
    const { paused, fits } = wanted()
    if (paused) return
    const event = JSON.parse(data) as Happened
    if (!fits(event)) return
    heard.lines.push({ number, event })
    if (heard.lines.length > 2 * mostShown) heard.lines.splice(0, heard.lines.length - mostShown)
  }
  for (const kind of kinds) source.addEventListener(kind, hear)
  source.addEventListener('lost', ({ data }: MessageEvent<string>) => {
    heard.lost += (JSON.parse(data) as { readonly count: number }).count
  })
  return () => source.close()
}

/** Of the last whole second. */
function rateOf({ total, rate }: Heard): number {
  const elapsed = performance.now() - rate.since
  if (elapsed < 1000) return rate.perSecond
  rate.perSecond = Math.round(((total - rate.before) * 1000) / elapsed)
  rate.before = total
  rate.since = performance.now()
  return rate.perSecond
}

const kinds = [
  'session.created',
  'session.renewed',
  'session.moved',
  'session.ended',
  'session.reuse',
  'session.reported',
  'sessions.ended',
  'login.judged',
  'lease.lapsed',
  'lease.renewed',
  'log.adopted',
  'engine.trouble',
] as const satisfies readonly Happened['kind'][]
