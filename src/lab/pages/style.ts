/** What the lab adds to the stylesheet of all pages; colours and distances are its. */
export const style = `.lab { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--s5); }
.lab h1 + .lede { margin-top: var(--s2); max-width: 48rem; }
.lab section > h2 { margin-bottom: var(--s3); }
.views ul { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s4); margin: 0; padding: 0 0 var(--s2); border-bottom: 1px solid var(--line); list-style: none; }
.views a { display: inline-flex; align-items: center; min-height: var(--tap); color: var(--text); text-decoration: none; }
.views a[aria-current] { color: var(--ink); font-weight: 650; box-shadow: inset 0 -2px var(--ink); }
.views a:hover { text-decoration: underline; }

.begin { display: grid; gap: var(--s3); padding: var(--s5); justify-items: start; }
.begin p { max-width: 44rem; }
.attacks { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: var(--s3); margin: 0; padding: 0; list-style: none; }
.attacks > li { display: grid; }
.attack { display: grid; align-content: start; gap: var(--s1); padding: var(--s4); color: var(--text); text-decoration: none; }
.attack strong { color: var(--ink); text-decoration: underline; text-underline-offset: .2em; }
.attack:hover { border-color: var(--ink); }
.tag { display: inline-block; padding: 0 var(--s2); border: 1px solid var(--line); border-radius: 1rem; color: var(--quiet); font-size: var(--small); }

.bench { display: grid; grid-template-columns: minmax(0, 19rem) minmax(0, 1fr); align-items: start; gap: var(--s5); }
.trial { display: grid; gap: var(--s4); padding: var(--s4); position: sticky; top: var(--s4); }
.trial fieldset { display: grid; gap: var(--s2); min-width: 0; margin: 0; padding: 0; border: 0; }
.trial legend { padding: 0 0 var(--s2); font-weight: 650; }
.pick { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 var(--s3); align-items: center; min-height: var(--tap); cursor: pointer; }
.pick input { width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--ink); }
.pick .quiet { grid-column: 2; }
.switch input { appearance: none; position: relative; width: 2.75rem; height: 1.5rem; border: 1px solid var(--edge); border-radius: 1rem; background: var(--bad-wash); cursor: pointer; }
.switch input::before { content: ""; position: absolute; inset: .1875rem auto auto .1875rem; width: 1rem; height: 1rem; border-radius: 50%; background: var(--bad); }
.switch input:checked { background: var(--good-wash); }
.switch input:checked::before { left: 1.4375rem; background: var(--good); }

#result { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--s4); min-width: 0; }
#result[aria-busy] { opacity: .55; }
.verdict { display: grid; gap: var(--s2); padding: var(--s4); border: 1px solid currentcolor; border-radius: var(--round-large); }
.verdict h2 { font-size: 1.375rem; }
.verdict p, .verdict dl { color: var(--text); }
.verdict-bad { background: var(--bad-wash); color: var(--bad); }
.verdict-good { background: var(--good-wash); color: var(--good); }
.rule { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--s1) var(--s4); margin: 0; }
.rule dt { font-weight: 600; }
.rule dd { margin: 0; }

.lanes { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: var(--s3); color: var(--quiet); font-weight: 650; text-align: center; }
.lanes span { padding: var(--s2); border-bottom: 2px solid var(--edge); }
.lane-attacker { color: var(--bad); }
.sequence { display: flex; flex-direction: column; gap: var(--s3); margin: 0; padding: 0; list-style: none; }
.sequence > li { display: grid; gap: var(--s1); min-width: 0; padding: var(--s3); border: 1px solid var(--line); border-radius: var(--round); background: var(--sheet); }
.from-victim-to-application { margin-right: 45%; }
.from-attacker-to-application { margin-left: 45%; }
.from-victim-to-attacker, .from-attacker-to-attacker { margin-inline: 12%; }
.sequence > .from-attacker-to-application, .sequence > .from-victim-to-attacker { border-color: var(--bad); }
.sequence > .happens { border-style: dashed; background: none; color: var(--quiet); }
.at-victim { margin-right: 67%; }
.at-application { margin-inline: 33.5%; }
.at-attacker { margin-left: 67%; }
.who { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: var(--s2); font-size: var(--small); font-weight: 600; color: var(--quiet); }
.lines { margin: 0; font: var(--small)/1.5 var(--mono); overflow-wrap: anywhere; white-space: pre-wrap; }
.status { font: 600 var(--small)/1.5 var(--mono); }
.status-good { color: var(--good); }
.status-bad { color: var(--bad); }
.answer { padding-top: var(--s2); border-top: 1px solid var(--line); }

.wide-table { overflow-x: auto; border: 1px solid var(--line); border-radius: var(--round-large); background: var(--sheet); }
.wide-table table { width: 100%; min-width: 44rem; border-collapse: collapse; font-size: var(--small); }
.wide-table caption { padding: var(--s3) var(--s4); color: var(--quiet); text-align: left; }
.wide-table th, .wide-table td { padding: var(--s2) var(--s4); border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
.wide-table thead th { border-top: 0; white-space: nowrap; }
.wide-table tbody th { font-weight: 600; }
.wide-table td p + p { margin-top: var(--s1); }
.cell-succeeds { color: var(--bad); font-weight: 600; }
.cell-fails { color: var(--good); font-weight: 600; }
.cell-none { color: var(--quiet); }

.steps ol { display: flex; flex-wrap: wrap; gap: var(--s2); margin: 0; padding: 0; list-style: none; }
.steps a[aria-current] { border-color: var(--ink); background: var(--sunk); color: var(--ink); }
.sides { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: var(--s5); }
.side { display: grid; align-content: start; gap: var(--s3); min-width: 0; }
.side .sequence > li { margin: 0; }
.panel { min-width: 0; padding: var(--s4); }
.panel pre { overflow-x: auto; margin: var(--s2) 0 0; font: var(--small)/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
.next { display: flex; flex-wrap: wrap; gap: var(--s3); }

@media (max-width: 52rem) {
  .bench, .sides { grid-template-columns: minmax(0, 1fr); }
  .trial { position: static; }
  .lanes { display: none; }
  .sequence > li { margin: 0; }
}
`
