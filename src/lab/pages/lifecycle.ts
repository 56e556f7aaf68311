import { html, type SafeHtml } from '../../server/pages/html.ts'
import type { Reader } from '../../server/pages/reader.ts'
import { type Scene, type Step, steps } from '../lifecycle.ts'
import { labPage } from './frame.ts'
import { messages } from './sequence.ts'

export interface LifecycleView {
  readonly step: Step
  readonly cookie: readonly Scene[]
  readonly token: readonly Scene[]
}

const names: Readonly<Record<Step, string>> = {
  login: 'Login',
  storage: 'Storage',
  transmission: 'Transmission',
  validation: 'Validation',
  logout: 'Logout',
}

/** What happens in each step, for people. */
const told: Readonly<Record<Step, string>> = {
  login:
    'One record begins. The client gets a long-lived credential and a short-lived snapshot of the record: as two cookies, or as a refresh token and an access token.',
  storage:
    'The record and its data are on the server, whatever the client holds. Nothing that is stored could be used to sign in.',
  transmission: 'A browser sends the cookies by itself; a token client puts its access token into a header.',
  validation:
    'The snapshot says who it is; the view of the revocation log says whether it still counts. No look-up in either.',
  logout: 'The record is ended and the log says so, in one step. A copy is refused on every node.',
}

/** One session, side by side as cookie and as token, step by step. */
export function lifecyclePage(view: LifecycleView, reader: Reader): string {
  const { step } = view
  const at = steps.indexOf(step)
  const [before, after] = [steps[at - 1], steps[at + 1]]
  const body = html`<header><h1>The life of a session</h1>
<p class="lede">The same session twice, with real headers, on a server that was started for it.</p></header>
<nav class="steps" aria-label="Steps"><ol>${steps.map((one, index) => html`<li><a class="button" href="${hrefOf(one)}"${one === step ? html` aria-current="step"` : null}>${index + 1}. ${names[one]}</a></li>`)}</ol></nav>
<section aria-labelledby="step"><h2 id="step">${at + 1}. ${names[step]}</h2><p>${told[step]}</p></section>
<div class="sides">${side('By cookie', view.cookie, step)}${side('By token', view.token, step)}</div>
<p class="next">${before === undefined ? null : html`<a class="button" href="${hrefOf(before)}">Back: ${names[before]}</a>`} ${after === undefined ? null : html`<a class="button button-main" href="${hrefOf(after)}">Next: ${names[after]}</a>`}</p>`
  return labPage({ title: `${names[step]} · Lifecycle`, at: '/lab/lifecycle', body }, reader)
}

function side(title: string, scenes: readonly Scene[], step: Step): SafeHtml {
  const scene = scenes.find((one) => one.step === step)
  const id = title.toLowerCase().replace(' ', '-')
  return html`<section class="side" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${scene === undefined ? null : messages(scene.entries)}
${scene?.panels.map((panel) => html`<div class="panel sheet"><h3>${panel.title}</h3><pre>${panel.text}</pre></div>`)}</section>`
}

function hrefOf(step: Step): string {
  return `/lab/lifecycle?step=${step}`
}
