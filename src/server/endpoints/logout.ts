import { type Here, see, wantsPage } from '../respond.ts'

/** `POST /logout`: ends the session everywhere. 204, or the login page for a browser. */
export async function logout(here: Here): Promise<Response> {
  await here.env.incoming.session.logout()
  return wantsPage(here) ? see(here, '/login?out') : here.body(null, 204)
}
