import { html, type SafeHtml } from '../../server/pages/html.ts'
import type { Reader } from '../../server/pages/reader.ts'
import type { Comparison, ComparisonTable } from '../comparison.ts'
import { labPage } from './frame.ts'

/** The usual tables, with a column of what is measured here. */
export function comparisonPage(tables: readonly ComparisonTable[], reader: Reader): string {
  const body = html`<header><h1>Cookies, sessions, tokens: what is said, and what is measured</h1>
<p class="lede">The tables that one finds everywhere, with one column more.</p></header>
${tables.map(table)}
<p class="quiet">Figures in time and bytes: 2 cores of an AMD EPYC, Node 24, by npm run evidence; how, and with which machine: docs/performance.md.</p>`
  return labPage({ title: 'Comparison', at: '/lab/comparison', body }, reader)
}

function table({ title, heads, rows }: ComparisonTable, index: number): SafeHtml {
  return html`<section aria-labelledby="table-${index}"><h2 id="table-${index}">${title}</h2>
<div class="wide-table" tabindex="0" role="region" aria-labelledby="table-${index}"><table>
<thead><tr><th scope="col">Feature</th><th scope="col">${heads[0]}, as is said</th><th scope="col">${heads[1]}, as is said</th><th scope="col">Handstamp</th></tr></thead>
<tbody>${rows.map(row)}</tbody></table></div></section>`
}

function row({ feature, cookie, token, here, see }: Comparison): SafeHtml {
  const link = see === undefined ? null : html` <a href="${see.href}">${see.name}</a>`
  return html`<tr><th scope="row">${feature}</th><td>${cookie}</td><td>${token}</td><td>${here}${link}</td></tr>\n`
}
