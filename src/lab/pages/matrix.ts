import { html, type SafeHtml } from '../../server/pages/html.ts'
import type { Reader } from '../../server/pages/reader.ts'
import { attackById } from '../attacks/index.ts'
import type { Column, Row } from '../matrix.ts'
import { labPage } from './frame.ts'

export interface MatrixView {
  readonly rows: readonly Row[]
  readonly columns: readonly Column[]
  readonly notices: readonly string[]
  /** Null: it was run just now. */
  readonly recordedAt: string | null
  readonly seconds: number
}

/** Attack × defence × presentation, from a run; and other products under the same attacks. */
export function matrixPage(view: MatrixView, reader: Reader): string {
  const { rows, columns, notices, recordedAt, seconds } = view
  const when = recordedAt === null ? `Run just now, in ${seconds} s.` : `Recorded on ${recordedAt}, in ${seconds} s.`
  const unlike = rows.filter(({ expected, observed }) => expected !== observed).length
  const body = html`<header><h1>The matrix</h1>
<p class="lede">Every attack without its defences, and with each of them alone, in both presentations where both apply. ${rows.length} runs; ${unlike === 0 ? 'each as expected' : `${unlike} not as expected`}. ${when}</p></header>
<div class="next"><form class="all" method="post" action="/lab/matrix"><button class="button button-main" type="submit">Run all of it now</button> <output></output></form>
<a class="button" href="/lab/matrix.json">As JSON</a><a class="button" href="/lab/matrix.csv">As CSV</a></div>
${notices.map((notice) => html`<p class="quiet">${notice}</p>`)}
<div class="wide-table" tabindex="0" role="region" aria-labelledby="ours"><table><caption id="ours">Handstamp: what happened, by attack, presentation and defence</caption>
<thead><tr><th scope="col">Attack</th><th scope="col">Presentation</th><th scope="col">No defence</th><th scope="col">With one defence</th></tr></thead>
<tbody>${grouped(rows).map(rowOf)}</tbody></table></div>
${columns.length === 0 ? null : comparison(rows, columns)}`
  return labPage({ title: 'Matrix', at: '/lab/matrix', body }, reader)
}

interface Group {
  readonly attack: string
  readonly presentation: string
  readonly open: Row | undefined
  readonly shut: readonly Row[]
}

function grouped(rows: readonly Row[]): readonly Group[] {
  const keys = [...new Set(rows.map(({ attack, presentation }) => `${attack} ${presentation}`))]
  return keys.map((key) => {
    const [attack = '', presentation = ''] = key.split(' ')
    const own = rows.filter((row) => row.attack === attack && row.presentation === presentation)
    return {
      ...{ attack, presentation },
      open: own.find(({ defence }) => defence === null),
      shut: own.filter(({ defence }) => defence !== null),
    }
  })
}

function rowOf({ attack, presentation, open, shut }: Group): SafeHtml {
  return html`<tr><th scope="row"><a href="${`/lab/${attack}?present=${presentation}`}">${titleOf(attack)}</a></th><td>${presentation}</td>
<td>${open === undefined ? null : cell(open)}</td>
<td>${shut.map((row) => html`<p>${defenceTitle(attack, row.defence)}: ${verdict(row)}</p><p class="quiet">${row.evidence}</p>`)}</td></tr>\n`
}

function cell(row: Row): SafeHtml {
  return html`<p>${verdict(row)}</p><p class="quiet">${row.evidence}</p>`
}

function verdict({ observed, expected }: Pick<Row, 'observed' | 'expected'>): SafeHtml {
  const unlike = expected !== null && expected !== observed ? ' (not expected)' : ''
  return html`<span class="cell-${observed}">${observed}${unlike}</span>`
}

function titleOf(id: string): string {
  return attackById(id)?.title ?? id
}

function defenceTitle(attack: string, id: string | null): string {
  return attackById(attack)?.defences.find((one) => one.id === id)?.title ?? ''
}

/** The same attacks on other products. */
function comparison(rows: readonly Row[], columns: readonly Column[]): SafeHtml {
  const tried = [...new Set(rows.map(({ attack }) => attack))].filter((id) =>
    columns.some((column) => column.rows.some(({ attack }) => attack === id)),
  )
  const own = (id: string): Pick<Row, 'observed' | 'expected'> => {
    const shut = rows.filter(({ attack, defence }) => attack === id && defence !== null)
    return shut.find(({ observed }) => observed !== 'fails') ?? (shut[0] as Row)
  }
  const line = (id: string): SafeHtml => {
    const cells = columns.map((column) => {
      const row = column.rows.find(({ attack }) => attack === id)
      return row === undefined
        ? html`<td class="cell-none">not tried</td>`
        : html`<td title="${row.evidence}">${verdict(row)}</td>`
    })
    return html`<tr><th scope="row">${titleOf(id)}</th><td>${verdict(own(id))}</td>${cells}</tr>\n`
  }
  return html`<section aria-labelledby="others"><h2 id="others">The same attacks on other products</h2>
<p class="quiet">Each as its documentation sets it up, with nothing taken away and nothing added; Handstamp with its defaults. “Not tried” is where the attack has nothing to try there, or where a clock would have to be moved that cannot be.</p>
<div class="wide-table" tabindex="0" role="region" aria-labelledby="compared"><table><caption id="compared">What the attack does</caption>
<thead><tr><th scope="col">Attack</th><th scope="col">Handstamp</th>${columns.map(({ product, version }) => html`<th scope="col">${product} ${version}</th>`)}</tr></thead>
<tbody>${tried.map(line)}</tbody></table></div></section>`
}
