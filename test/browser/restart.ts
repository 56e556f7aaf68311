import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { launchWithProfile } from '../support/browser.ts'
import { serve } from './server-process.ts'
import { signIn, words } from './steps.ts'

/** A browser that is closed and opened again with the same profile. */
export function restartTests(): void {
  describe('the browser is closed and opened again', { concurrency: 1 }, () => {
    test('whoever asked to stay signed in is, whoever did not is not', async () => {
      const profile = mkdtempSync(join(tmpdir(), 'handstamp-profile-'))
      const server = await serve()
      const remembered = server.at('localhost')
      const forgotten = server.at('127.0.0.1')
      try {
        const first = await launchWithProfile(profile)
        await signIn(first, server, { url: remembered, remember: true })
        await signIn(first, server, { url: forgotten })
        await first.leave()

        const second = await launchWithProfile(profile)
        await second.page.goto(remembered)
        assert.match(await words(second), /You are signed in as demo.*Kept signed in; ends in 14 days/)
        await second.page.goto(forgotten)
        assert.equal(second.page.url(), `${forgotten}/login`)
        await second.leave()
      } finally {
        await server.remove()
        rmSync(profile, { recursive: true, force: true })
      }
    })
  })
}
