// region readme
import { type Auth, handstamp } from 'handstamp'
import { sqlite } from 'handstamp/sqlite'

// Next puts this file into several bundles, and `next dev` loads it again and again: there is one `auth` all the same.
const here = globalThis as { auth?: Auth }
here.auth ??= handstamp({
  secrets: process.env.SESSION_SECRET,
  origin: process.env.ORIGIN, // e.g. https://example.com; required in production
  backend: sqlite({ path: 'sessions.db' }),
})
export const auth = here.auth
// endregion
