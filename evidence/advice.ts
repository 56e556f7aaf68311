import { everyChoice } from '../test/advisor/choices.ts'
import { journey } from '../test/advisor/journey.ts'
import type { Figure } from './figure.ts'
import { withSharedEngines } from './shared-engines.ts'

/** Every set of files that the advisor can print, started, and used in each presentation that it has. */
export const advice: Figure = {
  name: 'advice',
  shows: 'every configuration that the advisor can print starts, and passes a sign-in, a renewal and a sign-out',
  run: (progress) =>
    withSharedEngines(async (engines) => {
      const urls = Object.fromEntries(engines.map(({ variable }) => variable))
      const failed: string[] = []
      for (const [index, { choice, advice }] of everyChoice.entries()) {
        if (index % 20 === 0) progress(`${index} of ${everyChoice.length}`)
        await journey(choice, advice.files, urls).catch((error: unknown) => {
          failed.push(`${JSON.stringify(choice)}: ${error instanceof Error ? error.message : error}`)
        })
      }
      return { n: everyChoice.length, passed: failed.length === 0, result: { failed } }
    }),
}
