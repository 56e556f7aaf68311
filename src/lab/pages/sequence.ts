import { html, type SafeHtml } from '../../server/pages/html.ts'
import { shortened } from '../recorded.ts'
import type { Entry, Exchange, Lane } from '../transcript.ts'

const names: Readonly<Record<Lane, string>> = { victim: 'Victim', application: 'Application', attacker: 'Attacker' }

/** The messages of a run between victim, application and attacker, in their order. */
export function sequence(entries: readonly Entry[]): SafeHtml {
  return html`<div class="lanes" aria-hidden="true"><span>Victim</span><span>Application</span><span class="lane-attacker">Attacker</span></div>
${messages(entries)}`
}

/** The same without the heads of the lanes. */
export function messages(entries: readonly Entry[]): SafeHtml {
  return html`<ol class="sequence" role="list">${shortened(entries).map((entry) => (entry.kind === 'exchange' ? message(entry) : happening(entry)))}</ol>`
}

function message({ from, to, request, status, answer }: Exchange): SafeHtml {
  const good = status > 0 && status < 400 ? 'good' : 'bad'
  return html`<li class="from-${from}-to-${to}"><div class="who"><span>${names[from]} → ${names[to]}</span><span class="status status-${good}">${status}</span></div>
<p class="lines">${request.join('\n')}</p>
${answer.length === 0 ? null : html`<p class="lines answer">${answer.join('\n')}</p>`}</li>\n`
}

function happening({ lane, text }: Exclude<Entry, Exchange>): SafeHtml {
  const who = lane === 'everybody' ? '' : `${names[lane]} `
  return html`<li class="happens at-${lane}">${who}${text}</li>\n`
}
