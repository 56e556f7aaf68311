import { randomBytes } from '../crypto/random.ts'
import { normalPassword, passwordBytes } from './password.ts'

/**
 * Fewest characters of a password that somebody chooses: SP 800-63B-4 3.1.1.2 requires 15 where the password is the only factor (8 beside a second
 * one). Characters are code points. No rule asks for digits or symbols: the same section forbids such rules.
 */
export const shortestPassword = 15

/** Rows along which fingers run. */
const rows = [
  '1234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
]

/** Long ones that everybody knows, without their spaces. */
const wellKnown = new Set([
  'correcthorsebatterystaple',
  'thisismypassword',
  'thisisapassword',
  'thisisnotapassword',
  'mypasswordispassword',
  'passwordispassword',
  'password12345678',
  'password123456789',
  'password1234567890',
  'administrator123',
  'administrator1234',
  'letmeinletmeinplease',
  'changemechangeme',
  'changemeimmediately',
  'qwerty123456789',
  'qwerty1234567890',
  'iloveyousomuch123',
  'iloveyouforever',
  'opensesameopensesame',
  'supersecretpassword',
  'supercalifragilisticexpialidocious',
])

/** Names of the service, which people use with a number behind. */
const ourNames = ['handstamp', 'password', 'administrator']

/**
 * Whether somebody may choose this password: long enough, and not one that an attacker tries first (SP 800-63B-4 3.1.1.2: the whole password is compared
 * with a list of common and expected ones). Does not ask a collection of leaked passwords.
 *
 * @param username as typed; a password made of it is refused
 */
export function isGoodPassword(password: string, username: string): boolean {
  const text = normalPassword(password)
  if (text === null || passwordBytes(password) === null || [...text].length < shortestPassword) return false
  const plain = plainForm(text)
  return !isRepeated(plain) && !runsAlongRow(plain) && !wellKnown.has(plain) && !isMadeOf(plain, plainForm(username))
}

/** As `abcde-fghij-kmnpq-rstuv`: 100 random bits, without letters and digits that look alike. */
export function generatePassword(random: (length: number) => Uint8Array = randomBytes): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  const letters = [...random(20)].map((byte) => alphabet.charAt(byte % alphabet.length)).join('')
  return (letters.match(/.{5}/g) ?? []).join('-')
}

function plainForm(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, '')
}

/** The same few characters again and again: `aaaaaaaaaaaaaaa`, `secret12secret12`. */
function isRepeated(text: string): boolean {
  for (let unit = 1; unit <= 8; unit++) {
    if (text.slice(unit) === text.slice(0, -unit)) return true
  }
  return false
}

function runsAlongRow(text: string): boolean {
  const backwards = [...text].reverse().join('')
  return rows.some((row) => {
    const endless = row.repeat(Math.ceil(text.length / row.length) + 1)
    return endless.includes(text) || endless.includes(backwards)
  })
}

/** Nothing but a name that is expected here, with digits and punctuation around it. */
function isMadeOf(text: string, username: string): boolean {
  return [username, ...ourNames].some((name) => {
    if (name.length < 3 || !text.includes(name)) return false
    return /^[\p{N}\p{P}\p{S}]*$/u.test(text.replaceAll(name, ''))
  })
}
