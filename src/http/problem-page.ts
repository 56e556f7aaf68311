import { createHash } from 'node:crypto'
import type { RequestHead } from '../base/head.ts'
import { type Reason, reasons } from '../base/reasons.ts'
import type { Answer } from './problem.ts'

/** Whether a person is reading: a browser that navigates asks for HTML, scripts and clients of an API do not. */
export function wantsHtml(head: Pick<RequestHead, 'header'>): boolean {
  return head.header('accept')?.includes('text/html') === true
}

const style =
  'body{font:1.125rem/1.6 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1.5rem}h1{font-size:1.5rem;line-height:1.3}footer{opacity:.75;font-size:.875rem}'
const styleHash = createHash('sha256').update(style).digest('base64')

/** A problem document as a plain page for people, with the same status and headers: what is wrong and what to do about it. */
export function problemPage(problem: Answer, reason: Reason): Answer {
  const { status, sentence, remedy } = reasons[reason]
  const headers = new Map(problem.headers)
  headers.set('Content-Type', 'text/html; charset=utf-8')
  headers.set(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
  const body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${escaped(sentence)}</title><style>${style}</style></head>
<body><main><h1>${escaped(sentence)}</h1><p>${escaped(remedy)}</p></main><footer>${status} ${reason}</footer></body>
</html>
`
  return { status: problem.status, headers: [...headers], body }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
