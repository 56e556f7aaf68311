import { html, type SafeHtml } from './html.ts'

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

/** Says how long something takes, rounded to its largest unit: `'1 hour'`, `'14 days'`. @param length in ms */
export function duration(length: number): string {
  const size = Math.abs(length)
  for (const unit of units) {
    const count = Math.round(size / unit.length)
    if (count * unit.length < unit.until) return count === 1 ? `1 ${unit.name}` : `${count} ${unit.name}s`
  }
  return 'for ever'
}

/** Says when: `'now'` (within 45 s), `'3 minutes ago'`, `'in 2 hours'`. Both instants in ms. */
export function relativeTime(at: number, now: number): string {
  const distance = at - now
  if (Math.abs(distance) < 45 * second) return 'now'
  const words = duration(Math.max(Math.abs(distance), minute))
  return distance < 0 ? `${words} ago` : `in ${words}`
}

/** Says the exact instant in UTC: `'23 November 2025, 08:53 UTC'`. */
export function exactTime(at: number): string {
  const date = new Date(at)
  const dayOfYear = date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
  return `${dayOfYear}, ${date.toISOString().slice(11, 16)} UTC`
}

/** A `<time>`: relative words (or `words`), the exact instant on hover and for machines. */
export function timeElement(at: number, now: number, words: string = relativeTime(at, now)): SafeHtml {
  return html`<time datetime="${new Date(at).toISOString()}" title="${exactTime(at)}">${words}</time>`
}
