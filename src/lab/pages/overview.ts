import { html, type SafeHtml } from '../../server/pages/html.ts'
import type { Reader } from '../../server/pages/reader.ts'
import type { Attack } from '../attack.ts'
import { labPage, list } from './frame.ts'

/** The first page of the lab: where to begin, and every attack. */
export function overviewPage(attacks: readonly Attack[], reader: Reader): string {
  const [first] = attacks
  const body = html`<header><h1>The lab</h1>
<p class="lede">Real attacks, carried out on real servers that this one starts on your machine for it. Take a defence away and see the attack succeed; put it back and see it fail. Nothing leaves this machine.</p></header>
${first === undefined ? null : begin(first)}
<section aria-labelledby="attacks"><h2 id="attacks">Attacks</h2>
${list(attacks.map(card), 'attacks')}</section>`
  return labPage({ title: 'Attacks', at: '/lab', body }, reader)
}

function begin({ id, title, aim }: Attack): SafeHtml {
  return html`<section class="begin sheet" aria-labelledby="begin"><h2 id="begin">Begin with this one: ${title.toLowerCase()}</h2>
<p>${aim}</p>
<form method="post" action="/lab/${id}"><button class="button button-main" type="submit">Attack without the defence</button></form></section>`
}

function card({ id, title, aim, presents, inBrowser }: Attack): SafeHtml {
  const how = [presents.join(' and '), ...(inBrowser ? ['in a browser'] : [])].join(', ')
  return html`<a class="attack sheet" href="/lab/${id}"><strong>${title}</strong><span class="quiet">${aim}</span><span><span class="tag">${how}</span></span></a>`
}
