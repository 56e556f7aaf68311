import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Advice } from '../advisor/advice.ts'
import { advise as adviceFor } from '../advisor/advise.ts'
import { type Answers, answersTo, isAnswer, questionNames, questions, usualAnswers } from '../advisor/questions.ts'
import { Fault } from '../base/fault.ts'
import { readFlags } from '../server/flags.ts'
import { exit, type Io } from './io.ts'

const flags = [
  ...questionNames.map((name) => ({ name, isSwitch: false })),
  { name: 'write', isSwitch: false },
  { name: 'json', isSwitch: true },
]

/** `handstamp advise`: cookies, tokens or both, why, and a configuration that runs. */
export async function advise(argv: readonly string[], io: Io): Promise<number> {
  const line = readFlags(argv, flags)
  const findings = [...line.findings, ...line.positionals.map((word) => `${word} is no flag`)]
  const answers = readAnswers(line.flags, findings)
  if (findings.length > 0) throw new Fault('invalid_option', `This cannot be used:\n- ${findings.join('\n- ')}`)
  const advice = adviceFor(answers)
  const folder = line.flags.get('write')
  if (typeof folder === 'string') write(folder, advice, io)
  if (line.flags.has('json')) io.out(JSON.stringify({ answers, ...advice }))
  else for (const text of linesOf(answers, advice, typeof folder === 'string')) io.out(text)
  return exit.ok
}

function readAnswers(given: ReadonlyMap<string, string | true>, findings: string[]): Answers {
  const answers: Record<string, string> = { ...usualAnswers }
  for (const name of questionNames) {
    const answer = given.get(name)
    if (answer === undefined) continue
    if (typeof answer === 'string' && isAnswer(name, answer)) answers[name] = answer
    else findings.push(`--${name} must be ${answersTo(name).join(', ')}`)
  }
  return answers as Answers
}

function write(folder: string, { files }: Advice, io: Io): void {
  mkdirSync(folder, { recursive: true })
  for (const { path, text } of files) {
    try {
      writeFileSync(join(folder, path), text, { flag: 'wx' })
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
      throw new Fault('invalid_option', `${join(folder, path)} is there already: write to another folder.`, { cause })
    }
  }
  io.note(`Written to ${folder}. There: npm install && npm start`)
}

function linesOf(answers: Answers, { headline, reasons, alternatives, files }: Advice, written: boolean): string[] {
  const asked = questionNames.map((name) => {
    const known: Readonly<Record<string, string>> = questions[name].answers
    return `${`  --${name} ${answers[name]}`.padEnd(28)}${questions[name].ask} ${known[answers[name]]}.`
  })
  return [
    headline,
    '',
    ...reasons.map(({ topic, text }) => `${topic}: ${text}`),
    '',
    'Otherwise',
    ...alternatives.map(({ present, cost }) => `  ${present}: ${cost}`),
    '',
    'Your answers; a flag changes one',
    ...asked,
    ...(written ? [] : ['', ...files.flatMap(({ path, text }) => [`— ${path}`, text])]),
  ]
}
