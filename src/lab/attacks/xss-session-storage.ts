import { cookieInstead, otherwiseToken } from '../storage.ts'
import { tokenTheft } from '../token-theft.ts'

export const xssSessionStorage = tokenTheft({
  id: 'xss-session-storage',
  title: 'XSS: a token in sessionStorage',
  aim: 'The same where the token is kept for this tab: it is read while the tab is open.',
  present: 'token',
  otherwise: otherwiseToken,
  keep: `sessionStorage.setItem('token', token)`,
  find: `signedIn.then(() => sessionStorage.getItem('token'))`,
  defence: cookieInstead,
})
