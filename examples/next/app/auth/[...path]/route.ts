// region readme
import { routes } from 'handstamp/next'
import { auth } from '../../../lib/auth'

export const { GET, POST } = routes(auth) // POST /auth/logout, /auth/token, /auth/revoke
// endregion
