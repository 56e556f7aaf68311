import { cookieInstead, otherwiseToken } from '../storage.ts'
import { tokenTheft } from '../token-theft.ts'

/** A variable that no other script can see: so the script puts itself where the token goes by. */
export const xssMemory = tokenTheft({
  id: 'xss-memory',
  title: 'XSS: a token in a variable',
  aim: 'The token is in no storage, but it has to go into requests: the script puts itself in the place of fetch, and reads the header.',
  present: 'token',
  otherwise: otherwiseToken,
  keep: `await new Promise((done) => setTimeout(done, 200)); await fetch('/me', { headers: { authorization: 'Bearer ' + token } })`,
  find: `new Promise((found) => {
    const own = window.fetch
    window.fetch = (address, init) => {
      const shown = init?.headers?.authorization
      if (shown) found(shown.slice('Bearer '.length))
      return own(address, init)
    }
    signedIn.then(() => found(''))
  })`,
  defence: cookieInstead,
})
