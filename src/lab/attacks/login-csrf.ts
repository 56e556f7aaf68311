import { crossSiteAttack } from '../csrf.ts'

export const loginCsrf = crossSiteAttack({
  id: 'login-csrf',
  title: 'Login CSRF',
  aim: 'The attacker’s page signs the victim in to the attacker’s account, and reads later what the victim did there.',
  deed: ({ asked }) => asked.login('mallory'),
  changed: ({ user }) => user === 'mallory',
})
