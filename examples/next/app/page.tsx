// region readme
import { currentSession } from 'handstamp/next'
import { auth } from '../lib/auth'
import { login, logout } from './actions'

export default async function Page({ searchParams }: { searchParams: Promise<{ wrong?: string }> }) {
  const { user, authenticatedAt } = await currentSession(auth)
  if (user === null) return <SignIn wrong={(await searchParams).wrong !== undefined} />
  return (
    <form action={logout}>
      <h1>Hello, {user}</h1>
      <p>Signed in at {new Date(authenticatedAt ?? 0).toISOString().slice(11, 16)} UTC.</p>
      <button type="submit">Sign out</button>
    </form>
  )
}
// endregion

function SignIn({ wrong }: { wrong: boolean }) {
  return (
    <form action={login}>
      <h1>Sign in</h1>
      <p role="status">{wrong ? 'The name or the password is wrong.' : 'ada, notes on the engine'}</p>
      <label>
        Name <input name="username" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit">Sign in</button>
    </form>
  )
}
