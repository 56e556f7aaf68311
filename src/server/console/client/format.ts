const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium' })
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const minuteClock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' })
const number = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** `3 days ago`, `in 52 minutes`, `now`. */
export function ago(at: number, now: number): string {
  const distance = at - now
  for (const [unit, length] of units)
    if (Math.abs(distance) >= length) return relative.format(Math.trunc(distance / length), unit)
  return 'now'
}

export function exactly(at: number): string {
  return exact.format(at)
}

export function atTime(at: number): string {
  return clock.format(at)
}

export function atMinute(at: number): string {
  return minuteClock.format(at)
}

export function count(value: number): string {
  return number.format(value)
}

/** `1 session`, `12,000 sessions`. */
export function many(value: number, one: string, more = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : more}`
}

/** Milliseconds with as many digits as mean something. */
export function millis(value: number | null): string {
  if (value === null) return 'none'
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`
  return `${value >= 10 ? Math.round(value) : value.toFixed(value >= 1 ? 1 : 2)} ms`
}

const causes: Readonly<Record<string, string>> = {
  logout: 'signed out',
  revoked: 'revoked',
  replaced: 'replaced by a new one',
  evicted: 'too many sessions',
  reuse: 'reuse of a credential',
  idle: 'unused for too long',
  absolute: 'longest duration reached',
  password_changed: 'password changed',
  disabled: 'account disabled',
}

export function causeOf(cause: string): string {
  return causes[cause] ?? cause
}
