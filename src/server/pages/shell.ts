import { favicon, moduleScript, stylesheet } from './assets.ts'
import { html, render, type SafeHtml } from './html.ts'
import type { Reader } from './reader.ts'
import { settingsForm } from './settings-form.ts'
import { mark } from './stamp.ts'

export interface ShellView {
  /** Becomes `<title>`, before the product's name. */
  readonly title: string
  readonly width: 'narrow' | 'wide' | 'full'
  readonly main: SafeHtml
  /** What this page loads besides. */
  readonly head?: SafeHtml
  readonly reader: Reader
}

const schemes = { system: 'light dark', light: 'light', dark: 'dark' } as const

/**
 * Gives a whole page. It has no inline style, script or handler, so it needs neither nonce nor `unsafe-inline`: see `pagePolicy`. Send it with
 * `Referrer-Policy: same-origin`: under `no-referrer` browsers post forms with `Origin: null`.
 */
export function shell({ title, width, main, reader, head }: ShellView): string {
  const { words, theme } = reader
  return render(html`<!doctype html>
<html lang="${words.language}" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${schemes[theme]}">
<meta name="robots" content="noindex">
<title>${title} · Handstamp</title>
<link rel="icon" type="image/svg+xml" href="${favicon.href}">
<link rel="stylesheet" href="${stylesheet.href}">
<script type="module" src="${moduleScript.href}"></script>
${head}
</head>
<body class="${width}">
<a class="skip" href="#main">${words.shell.skip}</a>
<header class="top"><a class="brand" href="/">${mark}<span>Handstamp</span></a></header>
<main id="main" tabindex="-1">
${main}
</main>
<footer class="foot">
${settingsForm(reader)}
<p>${words.shell.motto}</p>
</footer>
</body>
</html>
`)
}
