/** The tokens for a dark room, said once for those who chose it and once for those whose system did. */
const dark = `
  --paper: #14151b;
  --sheet: #1c1e27;
  --sunk: #262940;
  --text: #eaeaf0;
  --quiet: #a9acba;
  --line: #32353f;
  --edge: #7b7f8f;
  --ink: #b1b6ff;
  --ink-strong: #cdd0ff;
  --on-ink: #15162e;
  --good: #86d6aa;
  --good-wash: #18271f;
  --bad: #ffa39d;
  --bad-wash: #2e1c1f;
  --on-bad: #2b0a0c;
  --shadow: none;
`

/** The one stylesheet: tokens first, then the few parts. Light and dark; system fonts; no request to anywhere. The theme is an attribute of `<html>`. */
export const style = `:root {
  color-scheme: light dark;
  --paper: #f5f5f1;
  --sheet: #ffffff;
  --sunk: #ededf6;
  --text: #1b1d26;
  --quiet: #555968;
  --line: #dddcd5;
  --edge: #858895;
  --ink: #37399b;
  --ink-strong: #292b7d;
  --on-ink: #ffffff;
  --good: #1d6540;
  --good-wash: #edf6f0;
  --bad: #a1262c;
  --bad-wash: #fcefee;
  --on-bad: #ffffff;
  --shadow: 0 1px 2px rgb(27 29 38 / .05), 0 8px 24px rgb(27 29 38 / .05);

  --small: .875rem;
  --body: 1rem;
  --large: 1.125rem;
  --title: clamp(1.625rem, 1.4rem + 1vw, 2rem);

  --s1: .25rem;
  --s2: .5rem;
  --s3: .75rem;
  --s4: 1rem;
  --s5: 1.5rem;
  --s6: 2rem;
  --s7: 3rem;
  --s8: 4.5rem;

  --round: .5rem;
  --round-large: .875rem;
  --tap: 2.75rem;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace;
}

@media (prefers-color-scheme: dark) {
  :root[data-theme="system"] { ${dark} }
}
:root[data-theme="dark"] { color-scheme: dark; ${dark} }
:root[data-theme="light"] { color-scheme: light; }

*, *::before, *::after { box-sizing: border-box; }

html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }

body {
  display: flex;
  flex-direction: column;
  min-height: 100vh;
  min-height: 100dvh;
  margin: 0;
  padding: 0 max(var(--s4), env(safe-area-inset-left));
  background: var(--paper);
  color: var(--text);
  font: var(--body)/1.55 var(--sans);
  overflow-wrap: break-word;
}

h1, h2, h3, p, ul { margin: 0; }
h1 { font-size: var(--title); font-weight: 650; line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
h2 { font-size: var(--large); font-weight: 650; line-height: 1.3; }
h3 { font-size: var(--small); font-weight: 600; color: var(--quiet); }
strong { font-weight: 650; }
code { font: .9em var(--mono); overflow-wrap: anywhere; }
a { color: var(--ink); text-underline-offset: .2em; }
time { white-space: nowrap; }

:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; border-radius: var(--round); }
main:focus { outline: none; }

.top, main, .foot { width: 100%; margin: 0 auto; }
.narrow :is(.top, main, .foot) { max-width: 27rem; }
.wide :is(.top, main, .foot) { max-width: 46rem; }
.full :is(.top, main, .foot) { max-width: 76rem; }

.top { padding: var(--s5) 0 var(--s4); }
main { flex: 1; padding-bottom: var(--s7); }
.foot { display: grid; gap: var(--s4); padding: var(--s4) 0 var(--s5); border-top: 1px solid var(--line); color: var(--quiet); font-size: var(--small); text-wrap: pretty; }

.skip { position: absolute; left: var(--s4); top: -6rem; padding: var(--s3) var(--s4); background: var(--ink); color: var(--on-ink); border-radius: var(--round); z-index: 1; }
.skip:focus { top: var(--s3); }

.brand { display: inline-flex; align-items: center; gap: var(--s2); min-height: var(--tap); color: var(--text); font-weight: 650; letter-spacing: -.005em; text-decoration: none; }
.brand:hover span { text-decoration: underline; text-decoration-thickness: 1px; }
.mark { width: 1.875rem; height: 1.875rem; color: var(--ink); transform: rotate(-9deg); }

.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.lede { color: var(--quiet); font-size: var(--large); line-height: 1.5; text-wrap: pretty; }
.lede strong { color: var(--text); }
.hint, .quiet { color: var(--quiet); font-size: var(--small); line-height: 1.5; text-wrap: pretty; }
.hint strong { color: var(--text); }
.count { margin-left: var(--s1); color: var(--quiet); font-weight: 400; font-variant-numeric: tabular-nums; }

.sheet { background: var(--sheet); border: 1px solid var(--line); border-radius: var(--round-large); box-shadow: var(--shadow); }

.state { font-weight: 600; }
.state-active { color: var(--good); }
.state-expiring { color: var(--bad); }
.notes { display: grid; gap: var(--s2); margin-top: var(--s3); padding: 0; list-style: none; }
main > .links { margin-top: var(--s5); }
.ways { display: flex; flex-wrap: wrap; justify-content: end; gap: var(--s2); }

/* Buttons */

.button {
  position: relative;
  display: inline-flex;
  align-items: center;
  justify-content: center;
  min-width: var(--tap);
  min-height: var(--tap);
  padding: var(--s2) var(--s4);
  border: 1px solid var(--edge);
  border-radius: var(--round);
  background: var(--sheet);
  color: var(--text);
  font: 600 var(--body)/1.25 var(--sans);
  text-align: center;
  text-decoration: none;
  cursor: pointer;
  -webkit-tap-highlight-color: transparent;
}
.button:hover { border-color: var(--ink); color: var(--ink); }
.button:active { transform: translateY(1px); }
.button-plain { border-color: transparent; background: none; color: var(--quiet); font-weight: 400; text-decoration: underline; text-underline-offset: .2em; }
.button-main { min-height: 3rem; border-color: var(--ink); background: var(--ink); color: var(--on-ink); }
.button-main:hover { border-color: var(--ink-strong); background: var(--ink-strong); color: var(--on-ink); }
.button-danger { border-color: var(--bad); background: var(--bad); color: var(--on-bad); }
.button-danger:hover { border-color: var(--text); color: var(--on-bad); }

/* Theme and language */

.settings { display: flex; flex-wrap: wrap; align-items: end; gap: var(--s3); }
.setting { display: grid; flex: 1 1 9.5rem; gap: var(--s1); min-width: 0; max-width: 14rem; }
.settings label { font-weight: 400; }
select, .field input, .search input, .dialog input:not([type="radio"]) {
  min-height: var(--tap);
  padding: var(--s2) var(--s3);
  border: 1px solid var(--edge);
  border-radius: var(--round);
  background: var(--sheet);
  color: var(--text);
  font: inherit;
}
.settings select, .field select, .field input { width: 100%; }
.field select, .field input { min-height: 3rem; }
.settings .button { font-size: var(--small); }

/* Messages */

.notice { padding: var(--s3) var(--s4); border: 1px solid var(--line); border-radius: var(--round); background: var(--sheet); }
.notice-good { border-color: color-mix(in srgb, var(--good) 40%, transparent); background: var(--good-wash); }
.notice-bad { border-color: color-mix(in srgb, var(--bad) 40%, transparent); background: var(--bad-wash); }
.notice-good strong { color: var(--good); }
.notice-bad strong { color: var(--bad); }

/* The stamp */

.stamp { flex: none; color: var(--ink); opacity: .9; transform: rotate(-9deg); }
.stamp-words { font: 700 10.5px var(--sans); letter-spacing: .12em; }
.stamp-blank { opacity: .38; }
.stamp-blank .stamp-face { display: none; }
.stamp-blank .stamp-edge { stroke-width: 1.5; stroke-dasharray: 4 5.1; }
.stamp-fading { opacity: .2; }

@media (prefers-reduced-motion: no-preference) {
  .stamp-landing { animation: stamp-lands .52s .18s backwards; }
  .stamp-fading { animation: stamp-fades 1.8s .3s ease-out backwards; }
}

@keyframes stamp-lands {
  0% { opacity: 0; transform: rotate(-21deg) scale(1.9); animation-timing-function: cubic-bezier(.6, 0, .9, .4); }
  46% { opacity: 1; transform: rotate(-9deg) scale(.95); animation-timing-function: ease-out; }
  72% { transform: rotate(-9deg) scale(1.015); }
  100% { opacity: .9; transform: rotate(-9deg) scale(1); }
}

@keyframes stamp-fades {
  from { opacity: .9; }
  to { opacity: .2; }
}

/* Sign in, and failures */

.login, .failure { position: relative; display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--s5); padding: clamp(1.25rem, 5vw, 2.25rem); }
.login .stamp { position: absolute; top: -1.5rem; right: clamp(.75rem, 4vw, 1.75rem); width: clamp(4.75rem, 22vw, 6.5rem); }
.login h1 { padding-right: clamp(5.25rem, 24vw, 7rem); }
.login .lede, .failure .lede { margin-top: calc(-1 * var(--s3)); }

.fields { display: grid; gap: var(--s5); }
.field { display: grid; gap: var(--s2); }
label { font-weight: 600; }
.field input:focus-visible { border-color: var(--ink); outline-offset: 0; }
.choice { position: relative; display: grid; grid-template-columns: auto 1fr; align-items: start; gap: 0 var(--s1); margin-left: -.625rem; }
.choice input { position: relative; z-index: 1; width: 1.375rem; height: 1.375rem; margin: .6875rem; accent-color: var(--ink); }
.choice label { display: block; padding: .625rem 0 .3125rem; }
.choice label::after { content: ""; position: absolute; top: 0; left: 0; width: var(--tap); height: var(--tap); }
.fields .button-main { width: 100%; }
.fields .hint#demo { margin-top: calc(-1 * var(--s3)); }

.code { color: var(--quiet); font: var(--small)/1.5 var(--mono); overflow-wrap: anywhere; }
.failure h1 { margin-top: calc(-1 * var(--s4)); font-size: 1.5rem; }
.failure h2, .login h2 { margin-bottom: calc(-1 * var(--s4)); font-size: var(--body); }
.advice { display: grid; gap: var(--s3); padding-left: 1.2em; }

/* My sessions */

.page-head { display: flex; align-items: center; justify-content: space-between; gap: var(--s4); min-height: 8rem; }
.page-head > div { min-width: 0; }
.page-head .lede { justify-content: start; margin-top: var(--s2); }
.page-head .stamp { width: clamp(5.75rem, 20vw, 8rem); }
.wide main > .notice { margin-top: var(--s4); }
main > section { margin-top: var(--s6); }
.session > p:has(+ .ways) { grid-row: 1 / span 2; }
.wide h3 { margin: var(--s5) 0 var(--s2); }

.sessions { margin-top: var(--s3); padding: 0; list-style: none; }
.session { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: center; gap: var(--s1) var(--s5); padding: var(--s4) var(--s5); }
.session > form, .session > .ways { grid-area: 1 / 2 / span 2; }
.session + .session { border-top: 1px solid var(--line); }
.session p { text-wrap: pretty; }
.session .quiet { text-wrap: wrap; }
.empty { margin-top: var(--s3); color: var(--quiet); }

.many { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); align-items: start; gap: var(--s3); margin: var(--s3) 0 var(--s4); }
.confirm .button { width: 100%; }
.confirm summary { list-style: none; }
.confirm summary::-webkit-details-marker { display: none; }
.confirm[open] summary { border-color: var(--ink); background: var(--sunk); color: var(--ink); }
.confirm-body { display: grid; gap: var(--s3); margin-top: var(--s2); padding: var(--s4); border: 1px solid var(--line); border-radius: var(--round); background: var(--sheet); }

/* Advisor */

.advisor { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--s4); }
.advisor .questions { padding: var(--s5); }
.advisor section { margin-top: var(--s5); }
.advisor pre { overflow-x: auto; margin: 0; padding: var(--s4); font: var(--small)/1.5 var(--mono); }
.reasons { display: grid; grid-template-columns: minmax(7rem, auto) minmax(0, 1fr); gap: var(--s2) var(--s4); margin: var(--s3) 0 0; }
.reasons dt { font-weight: 600; }
.reasons dd { margin: 0; }

@media (max-width: 34rem) {
  .reasons { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .reasons dd { margin-bottom: var(--s3); }
  .page-head { align-items: flex-start; min-height: 0; }
  .session { column-gap: var(--s4); padding: var(--s4); }
  .session > form { grid-area: 1 / 2; align-self: start; }
  .session > .ways { grid-area: auto / 1 / auto / -1; justify-content: start; margin-top: var(--s2); }
  .session .quiet { grid-column: 1 / -1; margin-top: var(--s1); }
  .session-here > * { grid-column: 1 / -1; }
  .session-here form { grid-area: 3 / 1; margin-top: var(--s3); }
}

@media (forced-colors: active) {
  .button { border: 1px solid; }
}

@media print {
  .stamp, form, .many, .skip { display: none; }
}
`
