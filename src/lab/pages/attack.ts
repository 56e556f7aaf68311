import { html, type SafeHtml } from '../../server/pages/html.ts'
import type { Reader } from '../../server/pages/reader.ts'
import type { Attack, Defence } from '../attack.ts'
import type { Run } from '../run.ts'
import { labPage } from './frame.ts'
import { sequence } from './sequence.ts'

export interface AttackView {
  readonly attack: Attack
  readonly present: 'cookie' | 'token'
  readonly on: ReadonlySet<string>
  /** What came of it: just now, or when it was recorded. */
  readonly shown: { readonly run: Run; readonly recordedAt: string | null } | null
  /** Why it cannot be carried out here; null where it can. */
  readonly missing: string | null
  /** It was tried and broke. */
  readonly broke: string | null
}

const presentations = { cookie: 'Cookie', token: 'Token' } as const

/** An attack with its switches, and what came of it. Works without script: the button carries it out. */
export function attackPage(view: AttackView, reader: Reader): string {
  const { attack } = view
  const body = html`<header><h1>${attack.title}</h1><p class="lede">${attack.aim}</p></header>
<div class="bench">
${switches(view)}
<div id="result" aria-live="polite">${result(view)}</div>
</div>`
  return labPage({ title: attack.title, at: '/lab', below: true, body }, reader)
}

function switches({ attack, present, on, missing }: AttackView): SafeHtml {
  return html`<form class="trial sheet" method="post" action="/lab/${attack.id}">
<fieldset><legend>Defences</legend>
${attack.defences.map((defence) => defenceSwitch(defence, on.has(defence.id)))}</fieldset>
<fieldset><legend>The session is shown as</legend>
${attack.presents.map((one) => html`<label class="pick"><input type="radio" name="present" value="${one}"${one === present ? html` checked` : null}><span>${presentations[one]}</span></label>`)}
${attack.otherwise === '' ? null : html`<p class="quiet">${attack.otherwise}</p>`}</fieldset>
<p><button class="button button-main" type="submit"${missing === null ? null : html` disabled`}>Attack</button></p>
${missing === null ? null : html`<p class="quiet">Here a recorded run is shown: ${missing}.</p>`}
</form>`
}

function defenceSwitch({ id, title, on, off }: Defence, isOn: boolean): SafeHtml {
  return html`<label class="pick switch"><input type="checkbox" role="switch" name="on" value="${id}"${isOn ? html` checked` : null} aria-describedby="about-${id}"><span>${title}</span></label>
<p class="quiet" id="about-${id}" data-state="${id}"><strong>${isOn ? 'On' : 'Off'}:</strong> ${isOn ? on : off}.</p>`
}

function result({ attack, on, shown, broke }: AttackView): SafeHtml {
  if (broke !== null) return html`<div class="verdict verdict-bad"><h2>It broke</h2><p>${broke}</p></div>`
  if (shown === null) return html`<p class="empty">Press the button: this combination is not recorded.</p>`
  const { run, recordedAt } = shown
  const { succeeded, evidence } = run.observed
  const when = recordedAt === null ? `Carried out just now, in ${run.milliseconds} ms.` : `Recorded on ${recordedAt}.`
  return html`<div class="verdict verdict-${succeeded ? 'bad' : 'good'}"><h2>${succeeded ? 'The attack succeeds' : 'The attack fails'}</h2>
<p>${evidence}</p>
${succeeded ? html`<p>Put a defence back, and try again.</p>` : attack.defences.filter(({ id }) => on.has(id)).map(ruleOf)}
<p class="quiet">${when}</p></div>
${sequence(run.entries)}`
}

function ruleOf({ rule, code, standard }: Defence): SafeHtml {
  return html`<dl class="rule"><dt>Stopped by</dt><dd>${rule}</dd>
<dt>Code</dt><dd><a href="/lab/code/${code}">${code}</a></dd>
<dt>Standard</dt><dd><a href="${standard.href}" rel="noreferrer">${standard.name}</a></dd></dl>`
}
