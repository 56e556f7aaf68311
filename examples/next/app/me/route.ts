// region readme
import { requireSession, session } from 'handstamp/next'
import { auth } from '../../lib/auth'

export const GET = session(auth)(requireSession()((request) => Response.json({ user: request.session.user })))
// endregion
