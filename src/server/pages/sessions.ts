import { html, type SafeHtml } from './html.ts'
import { type NoteRow, notesList } from './note-list.ts'
import { notice } from './notice.ts'
import { type OtherAccount, otherAccounts } from './other-accounts.ts'
import type { Reader } from './reader.ts'
import { type SessionRow, sessionItem } from './session-row.ts'
import { shell } from './shell.ts'
import { stamp } from './stamp.ts'
import type { AskingWords, Explanation, Words } from './words/words.ts'

export type { NoteRow } from './note-list.ts'
export type { SessionRow } from './session-row.ts'

export interface SessionsView {
  readonly user: { readonly name: string; readonly role: string | null }
  /** Where the account is ours, its password can be changed. */
  readonly ownAccount: boolean
  /** The instant at which the rows were read, in ms. */
  readonly now: number
  readonly sessions: readonly SessionRow[]
  /** How many there are, when `sessions` is only the first part. */
  readonly total: number
  /** Who else is signed in in this browser. */
  readonly accounts?: readonly OtherAccount[]
  /** What has just been done. */
  readonly notice: null | 'ended' | 'othersEnded' | 'passwordChanged' | 'passwordChangedHere'
  /** What has ended lately, the newest first. */
  readonly notes: readonly NoteRow[]
  /** Lets the stamp land, once. */
  readonly justSignedIn: boolean
}

/** The page *my sessions*: one sentence for each session, this device first, and a way to end any of them. Works without script. */
export function sessionsPage(view: SessionsView, reader: Reader): string {
  const { words } = reader
  const { title } = words.sessions
  const here = view.sessions.find((row) => row.current)
  const others = view.sessions.filter((row) => row !== here).toSorted((a, b) => b.seenAt - a.seenAt)
  const elsewhere = Math.max(view.total - (here ? 1 : 0), others.length)
  const main = html`<header class="page-head"><div><h1>${title}</h1>
<p class="lede">${greeting(view, words)}</p></div>${stamp(view.justSignedIn ? 'landing' : 'on', words.shell.stamp)}</header>
${view.notice === null ? null : notice('good', saidOf(view.notice, words))}
${here ? thisDevice(here, view.now, words) : null}
${
  elsewhere > 0
    ? otherDevices({ others, count: elsewhere, withThis: here !== undefined, now: view.now }, words)
    : onlyThisDevice(here !== undefined, words)
}
${view.notes.length === 0 ? null : notesList(view.notes, view.now, words)}
${otherAccounts(view.accounts ?? [], words)}
${accountLinks(view.ownAccount, words)}`
  return shell({ title, width: 'wide', main, reader })
}

function saidOf(said: NonNullable<SessionsView['notice']>, { sessions, account }: Words): Explanation {
  if (said === 'passwordChanged') return account.password.changed.end
  return said === 'passwordChangedHere' ? account.password.changed.keep : sessions[said]
}

function greeting({ user, justSignedIn }: SessionsView, { sessions }: Words): SafeHtml {
  const role = user.role === null ? null : html` (<bdi>${user.role}</bdi>)`
  const who = html`<strong><bdi>${user.name}</bdi></strong>${role}`
  return justSignedIn ? sessions.welcome(who) : sessions.signedInAs(who)
}

function thisDevice(here: SessionRow, now: number, words: Words): SafeHtml {
  return html`<section aria-labelledby="here"><h2 id="here">${words.sessions.here}</h2>
<ul class="sessions sheet" role="list">${sessionItem(here, now, words)}</ul></section>`
}

function accountLinks(ownAccount: boolean, { sessions, account }: Words): SafeHtml {
  const password = html`<a class="button" href="/password">${sessions.changePassword}</a>`
  return html`<p class="links">${ownAccount ? password : null} <a class="button" href="/login?add">${account.others.add}</a></p>`
}

function onlyThisDevice(here: boolean, { sessions }: Words): SafeHtml {
  return html`<section aria-labelledby="others"><h2 id="others">${sessions.elsewhere}</h2>
<p class="empty">${here ? sessions.onlyHere : sessions.nowhere}</p></section>`
}

interface Elsewhere {
  readonly others: readonly SessionRow[]
  /** How many there are, shown or not. */
  readonly count: number
  /** This device has a session as well. */
  readonly withThis: boolean
  readonly now: number
}

function otherDevices(elsewhere: Elsewhere, words: Words): SafeHtml {
  const { others, count, now } = elsewhere
  const { sessions } = words
  const hidden = count - others.length
  return html`<section aria-labelledby="others"><h2 id="others">${sessions.elsewhere} <span class="count">${count}</span></h2>
${endMany(elsewhere, words)}
${lists(others, now, words)}
${hidden > 0 ? html`<p class="empty">${sessions.hidden(others.length, hidden)}</p>` : null}
</section>`
}

/** Devices in the order of their last use. One with several sessions gets a heading, the others stand together. */
function lists(others: readonly SessionRow[], now: number, words: Words): SafeHtml {
  const devices = [...Map.groupBy(others, ({ device }) => device).entries()]
  const parts: SafeHtml[] = []
  let single: SessionRow[] = []
  const closeSingle = (): void => {
    if (single.length > 0) parts.push(list(single, now, words))
    single = []
  }
  for (const [device, rows] of devices) {
    if (rows.length === 1) single.push(...rows)
    else {
      closeSingle()
      parts.push(html`<h3><bdi>${device}</bdi> <span class="count">${rows.length}</span></h3>${list(rows, now, words)}`)
    }
  }
  closeSingle()
  return html`${parts}`
}

function list(rows: readonly SessionRow[], now: number, words: Words): SafeHtml {
  return html`<ul class="sessions sheet" role="list">${rows.map((row) => sessionItem(row, now, words))}</ul>`
}

function endMany({ count, withThis }: Elsewhere, { sessions }: Words): SafeHtml {
  const all = withThis ? count + 1 : count
  return html`<div class="many">
${withThis ? asking(sessions.endOthers, 'others', count, withThis) : null}
${asking(sessions.endAll, 'all', all, withThis)}
</div>`
}

function asking(words: AskingWords, scope: 'others' | 'all', count: number, withThis: boolean): SafeHtml {
  return html`<details class="confirm" name="end-many"><summary class="button">${words.summary}</summary>
<div class="confirm-body"><p>${words.meaning(count, withThis)}</p>
<form method="post" action="/sessions/end"><input type="hidden" name="scope" value="${scope}">
<button class="button button-danger" type="submit">${words.submit(count, withThis)}</button></form></div></details>`
}
