import { describe, test } from 'node:test'
import { advanceLaws } from './advance-laws.ts'
import { changeLaws } from './change-laws.ts'
import { dataLaws } from './data-laws.ts'
import { followerLaws } from './follower-laws.ts'
import { insertLaws } from './insert-laws.ts'
import { likenessLaws } from './likeness-laws.ts'
import { limitLaws } from './limit-laws.ts'
import { logLaws } from './log-laws.ts'
import { reassertLaws } from './reassert-laws.ts'
import { revocationLaws } from './revocation-laws.ts'
import { scanLaws } from './scan-laws.ts'
import { documentLaws, lifeLaws, onceLaws } from './side-laws.ts'
import type { Laws, Subject } from './subject.ts'
import { sweepLaws } from './sweep-laws.ts'

const groups: Readonly<Record<string, Laws>> = {
  'a session is made': insertLaws,
  'a session is changed': changeLaws,
  'a session is renewed': advanceLaws,
  'session data': dataLaws,
  'revocation at once, and lists': revocationLaws,
  'revocation once more': reassertLaws,
  'the log': logLaws,
  'nodes that follow the log': followerLaws,
  'all sessions, page by page': scanLaws,
  'the sweep': sweepLaws,
  'what may be used once': onceLaws,
  'how often something may be tried': limitLaws,
  documents: documentLaws,
  'the life of a backend': lifeLaws,
  'the same everywhere': likenessLaws,
}

/**
 * Every law of `Backend` as a test, for any engine, yours too: call it in a test file of node:test.
 *
 *     backendContract('my engine', async () => {
 *       const clock = manualClock()
 *       return { backend: myEngine({ clock }), clock }
 *     })
 *
 * Does NOT try the engine from several processes, or when it is down.
 *
 * @param open makes an empty backend that goes by the clock, ready to use; called for each test, and the suite closes it. `reopen` closes it and opens the same data again: for durable engines
 */
export function backendContract(name: string, open: () => Promise<Subject>): void {
  describe(`${name} keeps the contract`, () => {
    for (const [group, laws] of Object.entries(groups)) {
      describe(group, () => {
        for (const [title, law] of Object.entries(laws)) {
          test(title, async () => {
            const subject = await open()
            try {
              await law(subject)
            } finally {
              await subject.backend.close()
            }
          })
        }
      })
    }
  })
}
