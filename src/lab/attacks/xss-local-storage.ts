import { cookieInstead, otherwiseToken } from '../storage.ts'
import { tokenTheft } from '../token-theft.ts'

export const xssLocalStorage = tokenTheft({
  id: 'xss-local-storage',
  title: 'XSS: a token in localStorage',
  aim: 'A script that got into the page reads the token where the page keeps it, and sends it away. It is there for years.',
  present: 'token',
  otherwise: otherwiseToken,
  keep: `localStorage.setItem('token', token)`,
  find: `signedIn.then(() => localStorage.getItem('token'))`,
  defence: cookieInstead,
})
