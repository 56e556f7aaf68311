import type { Defence } from './attack.ts'
import { standards } from './standards.ts'

/** What is kept where no script can read it. */
export const cookieInstead: Defence = {
  id: 'cookie-instead',
  title: 'The session in HttpOnly cookies',
  on: 'The page signs in for cookies (present: cookie): its scripts hold nothing that could be taken along',
  off: 'The page asks for tokens and keeps them itself',
  rule: 'What a script cannot read, a script cannot send away. (It can still act while the page is open.)',
  code: 'src/http/transports.ts',
  standard: standards.httpOnly,
}

export const httpOnly: Defence = {
  ...cookieInstead,
  id: 'http-only',
  title: 'HttpOnly',
  on: 'The cookies are set by the server, HttpOnly: document.cookie is empty',
  off: 'The page writes the cookie itself, by script',
}

export const otherwiseToken = 'Our cookies are HttpOnly; what a cookie does that is not stands in an attack of its own.'
