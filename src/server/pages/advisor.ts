import type { Advice } from '../../advisor/advice.ts'
import { type Answers, type QuestionName, questionNames, questions } from '../../advisor/questions.ts'
import { html, type SafeHtml } from './html.ts'
import type { Reader } from './reader.ts'
import { shell } from './shell.ts'

export interface AdvisorView {
  readonly answers: Answers
  readonly advice: Advice
}

/** The page at `GET /advisor`: the questions, and what follows from the answers. Works without script: the answers stand in the address. In English, like the console. */
export function advisorPage({ answers, advice }: AdvisorView, reader: Reader): string {
  const main = html`<div class="advisor" lang="en">
<h1>Cookies or tokens?</h1>
<p class="lede">Answer as it is at yours. What you get runs.</p>
<form class="fields sheet questions" method="get" action="/advisor">
${questionNames.map((name) => question(name, answers))}
<p><button class="button button-main" type="submit">Advise me</button></p>
</form>
${outcome(advice)}
</div>`
  return shell({ title: 'Cookies or tokens?', width: 'wide', main, reader })
}

function question(name: QuestionName, answers: Answers): SafeHtml {
  const options = Object.entries<string>(questions[name].answers).map(
    ([value, label]) =>
      html`<option value="${value}"${value === answers[name] ? html` selected` : null}>${label}</option>`,
  )
  return html`<p class="field"><label for="${name}">${questions[name].ask}</label>
<select id="${name}" name="${name}">${options}</select></p>`
}

function outcome({ headline, reasons, alternatives, files }: Advice): SafeHtml {
  return html`<section aria-labelledby="advice"><h2 id="advice">${headline}</h2>
<dl class="reasons">${reasons.map(({ topic, text }) => html`<dt>${topic}</dt><dd>${text}</dd>\n`)}</dl></section>
<section aria-labelledby="otherwise"><h2 id="otherwise">What the other ways would cost</h2>
<dl class="reasons">${alternatives.map(({ present, cost }) => html`<dt>${names[present]}</dt><dd>${cost}</dd>\n`)}</dl></section>
<section aria-labelledby="files"><h2 id="files">A configuration that runs</h2>
<p class="quiet">Three files in an empty folder, then: npm install &amp;&amp; npm start</p>
${files.map(({ path, text }) => html`<h3 id="file-${path}">${path}</h3><pre class="sheet" tabindex="0" aria-labelledby="file-${path}">${text}</pre>`)}</section>`
}

const names: Readonly<Record<Advice['choice']['present'], string>> = {
  cookie: 'Cookies alone',
  token: 'Tokens alone',
  both: 'Both',
}
