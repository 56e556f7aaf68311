import type { Millis } from '../base/clock.ts'

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** RFC 6265bis 5.1.1: what may stand between the parts of a date. */
const delimiters = /[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/

/** The value of `Expires`, read as browsers do (RFC 6265bis 5.1.1): in whatever order, and lenient. null: not a date. */
export function readCookieDate(text: string): Millis | null {
  let time: readonly number[] | null = null
  let dayOfMonth: number | null = null
  let month: number | null = null
  let year: number | null = null
  for (const token of text.split(delimiters)) {
    const clock = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)/.exec(token)
    const digits = /^(\d{1,4})(?:\D|$)/.exec(token)?.[1] ?? ''
    const named = months.indexOf(token.slice(0, 3).toLowerCase())
    if (time === null && clock !== null) time = clock.slice(1, 4).map(Number)
    else if (dayOfMonth === null && (digits.length === 1 || digits.length === 2)) dayOfMonth = Number(digits)
    else if (month === null && named >= 0) month = named
    else if (year === null && digits.length >= 2) year = fullYear(Number(digits), digits.length)
  }
  if (time === null || dayOfMonth === null || month === null || year === null) return null
  return instantOf(year, month, dayOfMonth, time)
}

function fullYear(year: number, digits: number): number {
  if (digits !== 2 && year > 99) return year
  return year >= 70 && year <= 99 ? year + 1900 : year < 70 ? year + 2000 : year
}

function instantOf(year: number, month: number, dayOfMonth: number, time: readonly number[]): Millis | null {
  const [hours = 0, minutes = 0, seconds = 0] = time
  if (year < 1601 || hours > 23 || minutes > 59 || seconds > 59) return null
  const at = Date.UTC(year, month, dayOfMonth, hours, minutes, seconds)
  const exists = new Date(at).getUTCDate() === dayOfMonth && new Date(at).getUTCMonth() === month
  return exists ? at : null
}
