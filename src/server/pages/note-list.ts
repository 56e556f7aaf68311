import { html, type SafeHtml } from './html.ts'
import { timeElement } from './relative-time.ts'
import type { Words } from './words/words.ts'

/** What the page shows of a session that has ended. All instants in ms. */
export interface NoteRow {
  readonly kind: 'ended' | 'reported'
  readonly at: number
  readonly device: string
  readonly address: string | null
  /** In ms; null: not confirmed. */
  readonly refusedAfter: number | null
}

/** The latest ones, each with its receipt. */
export function notesList(notes: readonly NoteRow[], now: number, words: Words): SafeHtml {
  const { title } = words.sessions.notes
  return html`<section aria-labelledby="lately"><h2 id="lately">${title}</h2>
<ul class="notes" role="list">${notes.slice(0, mostShown).map((note) => item(note, now, words))}</ul></section>`
}

const mostShown = 5

function item({ kind, at, device, address, refusedAfter }: NoteRow, now: number, words: Words): SafeHtml {
  const { notes, from } = words.sessions
  const said = notes[kind](html`<strong><bdi>${device}</bdi></strong>`, timeElement(at, now, words))
  const place = address === null ? null : html` ${from(html`<bdi>${address}</bdi>`)}`
  return html`<li class="quiet">${said}${place} ${receipt(refusedAfter, words)}</li>`
}

function receipt(after: number | null, { locale, sessions }: Words): string {
  const length = (value: number, unit: 'millisecond' | 'second'): string =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value)
  if (after === null) return sessions.notes.refusedWithin(length(bound, 'second'))
  return sessions.notes.refusedAfter(length(Math.max(1, Math.ceil(after)), 'millisecond'))
}

/** The policy’s revocation bound, in seconds. */
const bound = 5
