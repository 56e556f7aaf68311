import { crossSiteAttack } from '../csrf.ts'

export const forcedLogout = crossSiteAttack({
  id: 'forced-logout',
  title: 'Forced logout',
  aim: 'The attacker’s page signs the victim out, again and again, or just before a login form of the attacker’s own.',
  deed: ({ asked }) => asked.logout,
  changed: ({ user }) => user === null,
})
