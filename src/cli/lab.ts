import { Fault } from '../base/fault.ts'
import { nearest } from '../base/nearest.ts'
import { attackById, attacks } from '../lab/attacks/index.ts'
import { closeBrowser } from '../lab/browsers.ts'
import { fillMatrix, type Matrix, type Row } from '../lab/matrix.ts'
import { findOthers } from '../lab/others.ts'
import { readFlags } from '../server/flags.ts'
import { exit, type Io } from './io.ts'

const flags = [
  { name: 'json', isSwitch: true },
  { name: 'list', isSwitch: true },
  { name: 'no-browser', isSwitch: true },
  { name: 'no-others', isSwitch: true },
]

/** `handstamp lab`: carries out attacks, each without its defences and with each of them. Exit code 1 when one outcome differs from what is expected. */
export async function lab(argv: readonly string[], io: Io): Promise<number> {
  const { flags: given, positionals, findings } = readFlags(argv, flags)
  const known = attacks.map(({ id }) => id)
  const unknown = positionals.filter((id) => attackById(id) === null)
  const wrong = [...findings, ...unknown.map((id) => `there is no attack ${id}${nearest(id, known)}`)]
  if (wrong.length > 0) throw new Fault('invalid_option', `This cannot be used:\n- ${wrong.join('\n- ')}`)
  if (given.has('list')) {
    for (const { id, title } of attacks)
      io.out(given.has('json') ? JSON.stringify({ id, title }) : `${id.padEnd(22)}${title}`)
    return exit.ok
  }
  const asJson = given.has('json')
  process.once('SIGINT', () => void closeBrowser().then(() => process.exit(130)))
  const { others, notices } = given.has('no-others') ? { others: [], notices: [] } : await findOthers()
  try {
    const matrix = await fillMatrix({
      ...(positionals.length > 0 && { attacks: attacks.filter(({ id }) => positionals.includes(id)) }),
      inBrowser: !given.has('no-browser'),
      ...{ others, notices },
      progress: (row, product) => {
        if (!asJson) io.out(lineOf(row, product))
      },
    })
    if (asJson) io.out(JSON.stringify(matrix))
    else for (const line of ending(matrix)) io.note(line)
    return matrix.passed ? exit.ok : exit.failed
  } finally {
    await closeBrowser()
  }
}

function lineOf({ attack, defence, presentation, expected, observed, evidence }: Row, product: string): string {
  const verdict = expected === null || expected === observed ? '   ' : '!! '
  const against = expected === null ? product : (defence ?? 'no defence')
  return `${verdict}${attack.padEnd(21)}${presentation.padEnd(8)}${against.padEnd(27)}${observed.padEnd(10)}${evidence}`
}

function ending({ rows, columns, notices, passed }: Matrix): string[] {
  const differ = rows.filter(({ expected, observed }) => expected !== observed).length
  return [
    ...columns.map(({ product, version, rows: tried }) => {
      const open = tried.filter(({ observed }) => observed === 'succeeds').map(({ attack }) => attack)
      return `${product} ${version}, as its documentation sets it up: ${open.length} of ${tried.length} attacks succeed${open.length > 0 ? ` (${open.join(', ')})` : ''}.`
    }),
    ...notices,
    passed
      ? `${rows.length} runs, each as expected: without its defences each of these attacks succeeds, with one of them none does.`
      : rows.length === 0
        ? 'Nothing was tried.'
        : `${differ} of ${rows.length} runs were not as expected: the lines with !!.`,
  ]
}
