// region readme
import { session } from 'handstamp/next'
import { auth } from '../../lib/auth'
import { checkPassword } from '../../lib/password'

export const POST = session(auth)(async (request) => {
  const { username, password } = await request.json()
  const user = checkPassword(username, password) // yours
  return user === null ? new Response(null, { status: 401 }) : Response.json(await request.session.login({ user }))
})
// endregion
