import { aborts } from './cases/aborts.ts'
import { connections } from './cases/connections.ts'
import { nested } from './cases/nested.ts'
import { problems } from './cases/problems.ts'
import { renewal } from './cases/renewal.ts'
import { sessions } from './cases/sessions.ts'
import { upgrades } from './cases/upgrades.ts'
import type { Case } from './talk.ts'

export const cases: readonly Case[] = [
  ...sessions,
  ...renewal,
  ...problems,
  ...nested,
  ...connections,
  ...aborts,
  ...upgrades,
]
