import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { adapters } from './adapters.ts'
import { advice } from './advice.ts'
import { bruteForce } from './brute-force.ts'
import { consoleFigure } from './console.ts'
import { cookies } from './cookies.ts'
import { crash } from './crash.ts'
import { csrf } from './csrf.ts'
import { engineRacesFigure } from './engine-races.ts'
import { engines } from './engines.ts'
import { examples } from './examples.ts'
import { faults } from './faults.ts'
import type { Figure, Finding } from './figure.ts'
import { hostileInput } from './hostile.ts'
import { install } from './install.ts'
import { lab } from './lab.ts'
import { loginTiming } from './login-timing.ts'
import { logout } from './logout.ts'
import { migrate } from './migrate.ts'
import { nodesFigure } from './nodes.ts'
import { behaviour, memory, speed, steps } from './performance.ts'
import { races } from './races.ts'
import { refresh } from './refresh.ts'
import { rotation } from './rotation.ts'
import { sweep } from './sweep.ts'
import { vectors } from './vectors.ts'
import { verify } from './verify.ts'

/** `npm run evidence [NAME… | all]`: the full figures behind the documents, written to evidence/NAME.json. */
const figures: readonly Figure[] = [
  logout,
  races,
  rotation,
  refresh,
  crash,
  hostileInput,
  vectors,
  examples,
  install,
  csrf,
  cookies,
  adapters,
  nodesFigure,
  faults,
  engineRacesFigure,
  engines,
  migrate,
  bruteForce,
  consoleFigure,
  loginTiming,
  advice,
  lab,
  sweep,
  verify,
  speed,
  behaviour,
  steps,
  memory,
]

async function main(names: readonly string[]): Promise<number> {
  const wanted = names.includes('all') ? figures : figures.filter(({ name }) => names.includes(name))
  const unknown = names.filter((name) => name !== 'all' && !figures.some((figure) => figure.name === name))
  if (wanted.length === 0 || unknown.length > 0) {
    for (const name of unknown) console.error(`There is no figure ${name}.`)
    for (const { name, shows } of figures) console.log(`${name.padEnd(10)}${shows}`)
    return names.length === 0 ? 0 : 2
  }
  let failed = 0
  for (const figure of wanted) if (!(await make(figure))) failed++
  return failed === 0 ? 0 : 1
}

async function make(figure: Figure): Promise<boolean> {
  const seed = Number(process.env.SEED ?? 20260101)
  const startedAt = Date.now()
  const progress = (line: string): void => console.error(`${figure.name}: ${line}`)
  const finding = await figure.run(progress, seed)
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  write(figure, finding, { seed, seconds })
  console.log(`${finding.passed ? 'held' : 'BROKEN'}  ${figure.name}: ${figure.shows} (n = ${finding.n}, ${seconds} s)`)
  for (const [name, value] of Object.entries(finding.result))
    console.log(`        ${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
  return finding.passed
}

function write(figure: Figure, finding: Finding, made: { readonly seed: number; readonly seconds: number }): void {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? '',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: process.platform,
  }
  const versions = {
    handstamp: version,
    node: process.versions.node,
    sqlite: process.versions.sqlite,
    openssl: process.versions.openssl,
  }
  // Where nothing was seen in n tries, the rate is below 3/n with 95 % confidence.
  const bound = finding.passed && figure.counts !== 'measurements' ? 3 / finding.n : null
  const file = {
    name: figure.name,
    shows: figure.shows,
    at: new Date().toISOString(),
    machine,
    versions,
    ...made,
    ...finding,
    bound,
  }
  writeFileSync(new URL(`${figure.name}.json`, import.meta.url), `${JSON.stringify(file, null, 2)}\n`)
}

process.exitCode = await main(process.argv.slice(2))
