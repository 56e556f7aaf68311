import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { type Attacker, attack } from './attacker.ts'
import { type Attack, attacks, createVictim, places, type Victim } from './csrf-attacks.ts'
import { type DeedName, handstampApp, openTarget, type Target } from './csrf-target.ts'

/** An application of its own with the defaults, and pages of others: X1, X4, X5. */
export function csrfTests(browser: () => Browser): void {
  describe('an application with the defaults', { concurrency: 1 }, () => {
    let target: Target
    let attacker: Attacker
    let victim: Victim

    before(async () => {
      target = await openTarget(handstampApp)
      attacker = await attack()
      victim = await createVictim(browser(), target)
      await victim.signIn()
    })
    after(async () => {
      await victim?.leave()
      await attacker?.stop()
      await target?.close()
    })

    // Every deed by every attack, from one of the two places in turn; from all four: `npm run evidence csrf`.
    const [from, turns] = [['evil.localhost', 'blog.app.localhost'], everyCase()] as const
    for (const place of places.filter(({ host }) => (from as readonly string[]).includes(host)))
      test(`X1, X4, X5 nothing is changed from ${place.host} (${place.site})`, async () => {
        let delivered = 0
        for (const [index, { one, deed }] of turns.entries()) {
          if (from[index % 2] !== place.host) continue
          const outcome = await victim.fallFor(attacker, one, deed, place)
          assert.equal(outcome.changed, false, `${one.name}: ${deed}`)
          if (outcome.delivered) delivered++
        }
        assert.ok(delivered > 10, `${delivered} requests reached the application`)
      })

    test('its own page does all of it', async () => {
      const { login, note, socket, logout } = target.deeds
      const post = (path: string, fields: object) =>
        victim.home.evaluate(
          async ([path, body]) =>
            (await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })).status,
          [path, JSON.stringify(fields)] as const,
        )
      assert.equal(await post(note.path, {}), 204)
      assert.equal(target.counts.notes, 1)
      const opened = await victim.home.evaluate(
        (path) =>
          new Promise((resolve) => {
            const socket = new WebSocket(`ws://${location.host}${path}`)
            socket.onopen = () => resolve(true)
            socket.onerror = () => resolve(false)
          }),
        socket.path,
      )
      assert.equal(opened, true)
      assert.equal(await post(login.path, login.fields), 200)
      assert.equal(await post(logout.path, {}), 204)
    })
  })
}

function everyCase(): readonly { readonly one: Attack; readonly deed: DeedName }[] {
  return attacks.flatMap((one) =>
    (one.only === undefined ? (['login', 'logout', 'note'] as const) : [one.only]).map((deed) => ({ one, deed })),
  )
}
