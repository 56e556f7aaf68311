import { clients, honestOnEngine, thievesOnEngine } from '../test/laws/schedules.ts'
import { handovers, largeCases, lawfulCases, mostHandovers, unguardedCases } from '../test/model/rotation-cases.ts'
import type { Figure } from './figure.ts'

const schedules = 1000

export const rotation: Figure = {
  name: 'rotation',
  shows:
    'the rotation table: every reachable state of honest clients and thieves, each guard removed, and random schedules played to real servers',
  run: async (progress, seed) => {
    const states: Record<string, number> = {}
    const broken: string[] = []
    for (const { name, search } of [...lawfulCases, ...largeCases()]) {
      const found = search()
      states[name] = found.states
      if (found.broken !== null) broken.push(`${name}: ${found.broken}`)
      progress(`${name}: ${found.states} states`)
    }
    const guards: Record<string, number> = {}
    for (const { name, search, breaks } of unguardedCases) {
      const found = search()
      guards[name] = found.trace?.length ?? 0
      if (found.broken !== breaks) broken.push(`${name} was not found`)
    }
    if (handovers().some((found) => found > mostHandovers)) broken.push('a thief is served more often than that')
    const served: Record<string, unknown> = {}
    for (const [name, bounds] of Object.entries(clients)) {
      const honest = await honestOnEngine(bounds, seed, schedules)
      const thieves = await thievesOnEngine(bounds, seed, schedules)
      served[name] = {
        schedules,
        renewals: honest.renewals,
        honestKilled: honest.broken.length,
        thievesFound: thieves.killed,
      }
      const different = [...honest.different, ...thieves.different]
      broken.push(
        ...different.map((one) => `${name}, seed ${one}: the server does otherwise than the table`),
        ...honest.broken.map((one) => `honest ${name}, seed ${one}`),
        ...thieves.broken.map((one) => `thief ${name}, seed ${one}`),
      )
      progress(`${name}: ${schedules} honest schedules and ${schedules} thieves at the doors`)
    }
    const n = Object.values(states).reduce((sum, count) => sum + count, 0)
    return { n, passed: broken.length === 0, result: { broken, states, stepsToBreakWithoutGuard: guards, served } }
  },
}
