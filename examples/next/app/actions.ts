// region readme
'use server'

import { inAction } from 'handstamp/next'
import { redirect } from 'next/navigation'
import { auth } from '../lib/auth'
import { checkPassword } from '../lib/password'

export async function login(form: FormData): Promise<void> {
  const user = checkPassword(form.get('username'), form.get('password')) // yours
  if (user === null) redirect('/?wrong')
  await inAction(auth, (session) => session.login({ user }))
  redirect('/')
}

export async function logout(): Promise<void> {
  await inAction(auth, (session) => session.logout())
}
// endregion
