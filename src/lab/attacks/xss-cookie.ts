import { httpOnly } from '../storage.ts'
import { tokenTheft } from '../token-theft.ts'

export const xssCookie = tokenTheft({
  id: 'xss-cookie',
  title: 'XSS: a cookie that scripts can read',
  aim: 'The page has put its token into a cookie, so that it goes along by itself. A script that got into the page reads document.cookie.',
  present: 'cookie',
  otherwise: 'This is about cookies; tokens in storage and in variables have attacks of their own.',
  keep: `document.cookie = 'token=' + token + '; path=/; samesite=lax'`,
  find: `signedIn.then(() => document.cookie.replace(/^token=/, ''))`,
  defence: httpOnly,
})
