import { html, type SafeHtml } from './html.ts'
import type { Words } from './words/words.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** From here on the calendar units: an average month is near enough for a sentence. */
const units = [
  { name: 'second', length: second, until: minute },
  { name: 'minute', length: minute, until: hour },
  { name: 'hour', length: hour, until: 2 * day },
  { name: 'day', length: day, until: 60 * day },
  { name: 'month', length: 30.44 * day, until: 730 * day },
  { name: 'year', length: 365.25 * day, until: Number.POSITIVE_INFINITY },
] as const

/** What of the dictionary says times. */
export type TimeWords = Pick<Words, 'locale' | 'time'>

interface Rounded {
  readonly count: number
  readonly unit: (typeof units)[number]['name']
}

/** Rounded to its largest unit. */
function rounded(length: number): Rounded {
  const size = Math.abs(length)
  for (const { name, length, until } of units) {
    const count = Math.round(size / length)
    if (count * length < until) return { count, unit: name }
  }
  return { count: Math.round(size / units[5].length), unit: 'year' }
}

/** Says how long something takes: `'1 hour'`, `'14 days'`. @param length in ms */
export function duration(length: number, { locale }: TimeWords): string {
  const { count, unit } = rounded(length)
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
}

/** A wait may be said too long, never too short. */
export function roundedUp(length: number): number {
  const unit = length <= minute ? second : minute
  return Math.max(Math.ceil(length / unit), 1) * unit
}

/** Says when: `'now'` (within 45 s), `'3 minutes ago'`, `'in 2 hours'`. Both instants in ms. */
export function relativeTime(at: number, now: number, { locale, time }: TimeWords): string {
  const distance = at - now
  if (Math.abs(distance) < 45 * second) return time.now
  const { count, unit } = rounded(Math.max(Math.abs(distance), minute))
  return new Intl.RelativeTimeFormat(locale).format(distance < 0 ? -count : count, unit)
}

/** Says the exact instant in UTC: `'23 November 2025, 08:53 UTC'`. */
export function exactTime(at: number, { locale }: TimeWords): string {
  const date = new Date(at)
  const calendarDay = date.toLocaleDateString(locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
  return `${calendarDay}, ${date.toISOString().slice(11, 16)} UTC`
}

/** A `<time>`: relative words (or `said`), the exact instant on hover and for machines. */
export function timeElement(
  at: number,
  now: number,
  words: TimeWords,
  said: string = relativeTime(at, now, words),
): SafeHtml {
  return html`<time datetime="${new Date(at).toISOString()}" title="${exactTime(at, words)}">${said}</time>`
}
