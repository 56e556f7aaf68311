import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loginPage as draw, type LoginView } from '../../../src/server/pages/login.ts'
import { english } from '../../../src/server/pages/words/english.ts'
import { endings } from '../../../src/server/pages/words/words.ts'
import { firstVisit, hostile, reader, readerOf } from './states.ts'

const loginErrors = english.login
const loginPage = (view: LoginView): string => draw(view, reader)

function mainOf(page: string): string {
  return page.slice(page.indexOf('<main'), page.indexOf('</main>'))
}

describe('login page', () => {
  test('is a plain form that password managers understand', () => {
    const page = loginPage(firstVisit)
    assert.match(page, /<form class="fields" method="post" action="\/login">/)
    assert.match(page, /name="username"[^>]* autocomplete="username"/)
    assert.match(page, /name="password" type="password" autocomplete="current-password"/)
    assert.match(page, /name="remember" type="checkbox" value="true"/)
    assert.match(page, /Until 14 days pass without use, and for 30 days at most\./)
    assert.doesNotMatch(mainOf(page), /name="next"/)
  })

  test('says the lifetimes of the policy it is given', () => {
    const day = 24 * 60 * 60 * 1000
    const page = loginPage({ ...firstVisit, remembered: { idle: 7 * day, absolute: 21 * day } })
    assert.match(page, /Until 7 days pass without use, and for 21 days at most\./)
  })

  test('keeps where to go and what was typed, never as markup', () => {
    const page = loginPage({ ...firstVisit, next: hostile, username: hostile })
    assert.match(page, /name="next" value="&quot;&gt;&lt;script&gt;/)
    assert.match(page, /name="username" type="text" value="&quot;&gt;&lt;script&gt;/)
    assert.equal(page.includes('<script>'), false)
    assert.equal(page.includes('<img'), false)
  })

  test('tells where the demo password is, and fills in the name', () => {
    const page = loginPage({ ...firstVisit, demo: { username: 'demo' } })
    assert.match(page, /The demo account’s password is in the terminal where you started the server\./)
    assert.match(page, /name="username" type="text" value="demo"/)
  })

  test('a wrong password is announced, and the password field is where to go on', () => {
    const page = loginPage({ ...firstVisit, error: loginErrors.wrong, username: 'ada' })
    assert.match(page, /role="alert" id="notice"/)
    assert.match(page, /name="password"[^>]* autofocus aria-describedby="notice"/)
    assert.match(page, /<title>Error: sign in · Handstamp<\/title>/)
  })

  test('a store that is down signs nobody out', () => {
    assert.match(loginPage({ ...firstVisit, error: loginErrors.unavailable }), /Nobody is signed out by this/)
  })

  test('asks for no password over plain http', () => {
    const page = loginPage({ ...firstVisit, insecure: true })
    assert.doesNotMatch(mainOf(page), /<form|<input/)
    assert.match(page, /HANDSTAMP_ORIGIN/)
  })

  test('says that the stamp is off, and lets it fade', () => {
    const page = loginPage({ ...firstVisit, over: 'signed out' })
    assert.match(page, /You are signed out\.[\s\S]*The stamp is off, and no copy of it opens anything\./)
    assert.match(page, /class="stamp stamp-fading"/)
  })

  test('says once why a session is over, to the reader and to whoever hears the form', () => {
    for (const over of endings) {
      const page = loginPage({ ...firstVisit, over })
      assert.ok(page.includes(`<strong>${english.login.ended[over].title}</strong>`), over)
      assert.match(page, /role="note" id="notice"[\s\S]*name="username"[^>]* autofocus aria-describedby="notice"/)
      assert.match(page, /class="stamp stamp-fading"/)
    }
  })

  test('speaks German', () => {
    const page = draw({ ...firstVisit, demo: { username: 'demo' } }, readerOf('de'))
    assert.match(page, /<html lang="de" data-theme="system">/)
    assert.match(page, /<title>Anmelden · Handstamp<\/title>/)
    assert.match(page, /Bis 14 Tage ohne Nutzung vergehen, höchstens aber 30 Tage\./)
    assert.match(page, /Der Name ist <strong><bdi>demo<\/bdi><\/strong>/)
  })
})
