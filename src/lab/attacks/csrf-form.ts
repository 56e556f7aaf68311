import { crossSiteAttack } from '../csrf.ts'

export const csrfForm = crossSiteAttack({
  id: 'csrf-form',
  title: 'CSRF by a form',
  aim: 'A page on a sibling name sends a form to the application; the victim’s cookies go along.',
  deed: ({ asked }) => asked.note,
  changed: ({ notes }) => notes > 0,
})
