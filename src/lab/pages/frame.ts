import { createHash } from 'node:crypto'
import { type HtmlValue, html, type SafeHtml } from '../../server/pages/html.ts'
import type { Reader } from '../../server/pages/reader.ts'
import { shell } from '../../server/pages/shell.ts'
import { script } from './script.ts'
import { style } from './style.ts'

/** What the pages of the lab load besides. */
export interface LabAsset {
  readonly path: string
  readonly contentType: string
  readonly body: string
}

export const labAssets: readonly LabAsset[] = [
  { path: '/lab/assets/lab.css', contentType: 'text/css; charset=utf-8', body: style },
  { path: '/lab/assets/lab.js', contentType: 'text/javascript; charset=utf-8', body: script },
]

const [css, js] = labAssets.map(
  ({ path, body }) => `${path}?v=${createHash('sha256').update(body).digest('hex').slice(0, 12)}`,
)
const head = html`<link rel="stylesheet" href="${css}"><script type="module" src="${js}"></script>`

const views = [
  ['/lab', 'Attacks'],
  ['/lab/matrix', 'Matrix'],
  ['/lab/lifecycle', 'Lifecycle'],
  ['/lab/comparison', 'Comparison'],
] as const

export interface LabView {
  readonly title: string
  /** Which of the views it belongs to. */
  readonly at: (typeof views)[number][0]
  readonly body: SafeHtml
  /** The view is a page below `at`. */
  readonly below?: true
}

/** A page of the lab. In English, like the console. */
export function labPage({ title, at, body, below }: LabView, reader: Reader): string {
  const links = views.map(([path, name]) => {
    const current = path === at ? html` aria-current="${below === true ? 'true' : 'page'}"` : null
    return html`<li><a href="${path}"${current}>${name}</a></li>`
  })
  const main = html`<div class="lab" lang="en">
<nav class="views" aria-label="The lab"><ul role="list">${links}</ul></nav>
${body}
</div>`
  return shell({ title: `${title} · The lab`, width: 'full', main, reader, head })
}

export function list(items: readonly HtmlValue[], kind: string): SafeHtml {
  return html`<ul class="${kind}" role="list">${items.map((item) => html`<li>${item}</li>`)}</ul>`
}
