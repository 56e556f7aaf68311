import type { Contestant } from '../contestant.ts'
import { bareServers } from './bare.ts'
import { betterAuths } from './better-auth.ts'
import { expressSessions } from './express-session.ts'
import { fastifySessions } from './fastify-session.ts'
import { handstampContestants } from './handstamp.ts'
import { handstampVerify } from './handstamp-verify.ts'
import { ironSessions } from './iron-session.ts'
import { limits } from './limits.ts'
import { tokenContestants } from './tokens.ts'

export const contestants: readonly Contestant[] = [
  ...bareServers,
  ...limits,
  ...handstampContestants,
  handstampVerify,
  ...expressSessions,
  ...fastifySessions,
  ...ironSessions,
  ...betterAuths,
  ...tokenContestants,
]
