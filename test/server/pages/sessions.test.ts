import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sessionsPage as draw, type SessionsView } from '../../../src/server/pages/sessions.ts'
import { here, hostile, hundred, now, reader, readerOf, row, sessions } from './states.ts'

const sessionsPage = (view: SessionsView): string => draw(view, reader)
const auf = (view: SessionsView): string => draw(view, readerOf('de'))

const minute = 60 * 1000

describe('my sessions', () => {
  test('says one sentence for each', () => {
    const words = textOf(sessionsPage(sessions({ sessions: [here] })))
    assert.match(words, /Firefox on Linux, signed in with a password 3 days ago, active now\./)
    assert.match(words, /Ends in 52 minutes if not used\. A cookie in the browser\. From 203\.0\.113\.7\./)
  })

  test('says just now, last active, and kept signed in', () => {
    const changes = { signedInAt: now - 1000, seenAt: now - 3 * minute, remembered: true, address: null }
    const words = textOf(sessionsPage(sessions({ sessions: [row(changes)] })))
    assert.match(words, /signed in with a password just now, last active 3 minutes ago\./)
    assert.match(words, /Kept signed in; ends in 52 minutes if not used\./)
    assert.doesNotMatch(words, /From/)
  })

  test('says what a token is, and what a key does', () => {
    const words = textOf(sessionsPage(sessions({ sessions: [row({ present: 'token', bound: 'dpop', level: 2 })] })))
    assert.match(words, /A token in an app\. Tied to a key of that device \(DPoP\): a copy is useless\./)
    assert.match(words, /Confirmed with a second factor \(AAL2\)\./)
  })

  test('shows this device first, then the others by last use', () => {
    const older = row({ id: 'older', seenAt: now - 900 * minute })
    const newer = row({ id: 'newer', seenAt: now - 30 * minute })
    const page = sessionsPage(sessions({ sessions: [older, here, newer] }))
    const order = ['action="/logout"', 'value="newer"', 'value="older"'].map((text) => page.indexOf(text))
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    )
    assert.ok(order[0] !== undefined && order[0] > 0)
  })

  test('ends one by its handle, many by their scope, this one by signing out', () => {
    const page = sessionsPage(sessions())
    assert.match(page, /action="\/sessions\/end"><input type="hidden" name="id" value="handle-1">/)
    assert.match(page, /This ends the 1 other session within seconds[\s\S]*name="scope" value="others"/)
    assert.match(page, /This ends all 2 sessions, this one too[\s\S]*name="scope" value="all"/)
    assert.doesNotMatch(page, /handle-here/)
  })

  test('offers nothing to end when only this device is signed in', () => {
    const page = sessionsPage(sessions({ sessions: [here] }))
    assert.match(page, /Only this device is signed in\./)
    assert.doesNotMatch(page, /\/sessions\/end/)
  })

  test('a hundred are all there, under headings, and counted', () => {
    const page = sessionsPage(sessions({ sessions: hundred, total: 240 }))
    assert.equal(page.split('action="/sessions/end"><input type="hidden" name="id"').length - 1, 99)
    assert.match(textOf(page), /Elsewhere 239/)
    assert.match(textOf(page), /Firefox on Linux 99 /)
    assert.match(textOf(page), /These are the 99 used most recently\. 140 more are not shown/)
    assert.match(page, /End the 239 other sessions/)
  })

  test('devices with several sessions have a heading, in the order of their last use', () => {
    const at = (device: string, minutes: number) =>
      row({ device, seenAt: now - minutes * 60_000, id: `${device} ${minutes}` })
    const view = sessions({ sessions: [here, at('A', 50), at('B', 5), at('A', 7), at('C', 60)] })
    const words = textOf(sessionsPage(view))
    assert.match(words, /B, signed in .*A 2\s*A, .* 7 minutes ago.* A, .* 50 minutes ago.* C, /s)
  })

  test('says how each stands, and what has ended lately with its receipt', () => {
    const ending = row({ expiresAt: now + 4 * 60_000 })
    const note = {
      kind: 'ended',
      at: now - 120_000,
      device: 'Chrome on Windows',
      address: null,
      refusedAfter: 11.2,
    } as const
    const words = textOf(
      sessionsPage(
        sessions({ sessions: [here, row(), ending], notes: [note, { ...note, kind: 'reported', refusedAfter: null }] }),
      ),
    )
    assert.match(words, /Active\. Ends in/)
    assert.match(words, /Idle\. Ends in/)
    assert.match(words, /Ends soon\. Ends in 4 minutes/)
    assert.match(
      words,
      /Ended lately Chrome on Windows: ended by you 2 minutes ago\. Every server refused it after 12 milliseconds\./,
    )
    assert.match(words, /not you, you said 2 minutes ago; it was ended\. Every server refused it within 5 seconds\./)
  })

  test('every End button says what it ends', () => {
    const page = sessionsPage(sessions({ sessions: hundred }))
    assert.equal(page.split('>End<span class="unseen"> the session on <bdi>Firefox on Linux</bdi>').length - 1, 99)
  })

  test('says the same in German, one and many', () => {
    const words = textOf(auf(sessions({ sessions: [here, row({ remembered: true })] })))
    assert.match(words, /Meine Sitzungen Angemeldet als ada\./)
    assert.match(words, /Firefox on Linux, vor 3 Tagen mit a password angemeldet, jetzt aktiv\./)
    assert.match(
      words,
      /Bleibt angemeldet; endet ohne Nutzung in 52 Minuten\. Ein Cookie im Browser\. Von 203\.0\.113\.7\./,
    )
    assert.match(words, /Die andere Sitzung endet binnen Sekunden\. Die Anmeldung hier bleibt bestehen\./)
    assert.match(words, /Alle 2 Sitzungen enden, auch diese\. /)
    const many = textOf(auf(sessions({ sessions: hundred, total: 1240 })))
    assert.match(many, /Das sind die 99 zuletzt genutzten\. 1\.140 weitere werden nicht angezeigt/)
    assert.match(many, /Die 1\.239 anderen Sitzungen beenden/)
  })

  test('one session that is not of this device is the only one', () => {
    assert.match(
      textOf(sessionsPage(sessions({ sessions: [row()] }))),
      /This ends the only session\. .* End the only session /,
    )
  })

  test('lands the stamp once, when a session begins', () => {
    assert.match(sessionsPage(sessions({ justSignedIn: true })), /Your stamp is on\.[\s\S]*stamp-landing/)
    assert.doesNotMatch(sessionsPage(sessions()), /stamp-landing/)
  })

  test('fences in what others wrote', () => {
    const page = sessionsPage(
      sessions({ user: { name: hostile, role: hostile }, sessions: [row({ device: hostile })] }),
    )
    assert.equal(page.includes('<script>'), false)
    assert.equal(page.split(/<bdi>&quot;&gt;&lt;script&gt;/).length - 1, 5)
  })
})

function textOf(page: string): string {
  const body = page.slice(page.indexOf('<main'))
  return body.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ')
}
