import { favicon, moduleScript, stylesheet } from './assets.ts'
import { html, render, type SafeHtml } from './html.ts'
import { mark } from './stamp.ts'

export interface ShellView {
  /** Becomes `<title>`, before the product's name. */
  readonly title: string
  readonly width: 'narrow' | 'wide'
  readonly main: SafeHtml
}

/**
 * Gives a whole page. It has no inline style, script or handler, so it needs neither nonce nor `unsafe-inline`:
 * `default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
 * is enough. Send it with `Referrer-Policy: same-origin`: under `no-referrer` browsers post forms with `Origin: null`.
 */
export function shell(view: ShellView): string {
  return render(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${view.title} · Handstamp</title>
<link rel="icon" type="image/svg+xml" href="${favicon.href}">
<link rel="stylesheet" href="${stylesheet.href}">
<script type="module" src="${moduleScript.href}"></script>
</head>
<body class="${view.width}">
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><a class="brand" href="/">${mark}<span>Handstamp</span></a></header>
<main id="main" tabindex="-1">
${view.main}
</main>
<footer class="foot"><p>One record for each session: end it once, and it is over everywhere.</p></footer>
</body>
</html>
`)
}
