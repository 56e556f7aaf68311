import { html, type SafeHtml } from './html.ts'

/** What has happened to the stamp: it is there, it lands now, it fades now, or its place is still empty. */
export type StampState = 'on' | 'landing' | 'fading' | 'blank'

/** An open hand, drawn as one palm and five strokes, in a square of 120. */
const hand = html`<g fill="none" stroke="currentColor" stroke-width="7.4" stroke-linecap="round">
<path d="M50 42v26M59.2 36v32M68.4 38.6v30M77.4 46.5v22M51.4 76.5L39.2 63.2"/></g>
<path fill="currentColor" d="M46.3 64h34.8v9.5c0 9-6.4 14.5-15.6 14.5-8.8 0-13.2-3.2-16.3-8.6l-4.6-8z"/>`

/** Where the pad was dry: holes in the ink, the only thing that is not exact here. */
const dry = [
  [24, 38, 1.6],
  [31, 27, 0.9],
  [88, 22, 1.3],
  [101, 49, 1.9],
  [96, 86, 1.1],
  [71, 106, 1.7],
  [37, 98, 1.2],
  [17, 71, 1.5],
  [62, 78, 1.3],
  [72, 62, 0.9],
  [52, 57, 0.8],
  [66, 45, 0.7],
  [55, 12, 1.1],
] as const

/** What a letter takes along the lower edge. */
const lowerLetter = 9.3

/** The large stamp, an ornament: screen readers pass over it. At most one on a page. @param words around its lower edge, 8 to 11 capitals */
export function stamp(state: StampState, words: string): SafeHtml {
  const holes = dry.map(([x, y, r]) => html`<circle cx="${x}" cy="${y}" r="${r}"/>`)
  return html`<svg class="stamp stamp-${state}" viewBox="0 0 120 120" aria-hidden="true" focusable="false">
<defs><path id="stamp-over" d="M16.5 60a43.5 43.5 0 0 1 87 0"/><path id="stamp-under" d="M9.8 60a50.2 50.2 0 0 0 100.4 0"/>
<mask id="stamp-ink"><path fill="#fff" d="M0 0h120v120H0z"/><g fill="#000">${holes}</g></mask></defs>
<g mask="url(#stamp-ink)"><circle class="stamp-edge" cx="60" cy="60" r="56.5" fill="none" stroke="currentColor" stroke-width="3"/>
<g class="stamp-face"><circle cx="60" cy="60" r="37" fill="none" stroke="currentColor" stroke-width="1.5"/>
<g class="stamp-words" fill="currentColor"><text textLength="96" lengthAdjust="spacing"><textPath href="#stamp-over" startOffset="50%"
 text-anchor="middle" textLength="96">HANDSTAMP</textPath></text><text><textPath href="#stamp-under" startOffset="50%"
 text-anchor="middle" textLength="${words.length * lowerLetter}">${words}</textPath></text></g>
<circle cx="13.5" cy="64" r="1.8" fill="currentColor"/><circle cx="106.5" cy="64" r="1.8" fill="currentColor"/>
<g transform="translate(60 60) scale(.88) translate(-60.5 -61.5)">${hand}</g></g></g></svg>`
}

/** The small mark beside the name. */
export const mark: SafeHtml = html`<svg class="mark" viewBox="0 0 120 120" aria-hidden="true" focusable="false">
<circle cx="60" cy="60" r="54" fill="none" stroke="currentColor" stroke-width="8"/>
<g transform="translate(60 60) scale(1.12) translate(-60.5 -61.5)">${hand}</g></svg>`

/** The same mark as a file: an ink that stands on light and on dark. */
export const icon: SafeHtml = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120" color="#6b6fd8">
<circle cx="60" cy="60" r="54" fill="none" stroke="currentColor" stroke-width="9"/>
<g transform="translate(60 60) scale(1.12) translate(-60.5 -61.5)">${hand}</g></svg>`
