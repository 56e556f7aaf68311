import { readFileSync } from 'node:fs'
import type { Hono } from 'hono'
import { readBody } from '../adapters/node-entry.ts'
import { fromUtf8 } from '../base/bytes.ts'
import { systemClock } from '../base/clock.ts'
import { csp } from '../http/csp.ts'
import type { Env } from '../server/desk.ts'
import { pagePolicyWith } from '../server/headers.ts'
import { failureAnswer, type Here, page } from '../server/respond.ts'
import type { Attack } from './attack.ts'
import { attackById, attacks } from './attacks/index.ts'
import { browserMissing, closeBrowser } from './browsers.ts'
import { comparisons } from './comparison.ts'
import { liveThrough, type Scene, type Step, steps } from './lifecycle.ts'
import { fillMatrix, type Matrix, type Row } from './matrix.ts'
import { findOthers } from './others.ts'
import { type AttackView, attackPage } from './pages/attack.ts'
import { comparisonPage } from './pages/comparison.ts'
import { labAssets } from './pages/frame.ts'
import { lifecyclePage } from './pages/lifecycle.ts'
import { matrixPage } from './pages/matrix.ts'
import { overviewPage } from './pages/overview.ts'
import { recordedRun, recording } from './recorded.ts'
import { carryOut, endRuns } from './run.ts'
import { createTurns } from './turns.ts'

/** Two clicks at once are two runs, one after the other; whoever comes when many wait is told to come again. */
const turns = createTurns(4)

/** The last matrix that was run by this process. */
let last: { readonly matrix: Matrix; readonly seconds: number } | null = null

/**
 * The pages of the lab, for a server in development: `serve` passes them in. Each run starts servers of its own on loopback, which are gone when it ends; the server that shows these
 * pages, its sessions and its accounts are never a target.
 */
export function addLab(app: Hono<Env>): void {
  app.get('/lab', (here) => page(here, 200, (reader) => overviewPage(attacks, reader)))
  app.get('/lab/matrix', showMatrix)
  app.post('/lab/matrix', runMatrix)
  app.get('/lab/matrix.json', (here) => here.json(exported()))
  app.get('/lab/matrix.csv', (here) =>
    here.body(toCsv(exported().rows), 200, { 'Content-Type': 'text/csv; charset=utf-8' }),
  )
  app.get('/lab/lifecycle', showLifecycle)
  app.get('/lab/comparison', showComparison)
  app.get('/lab/code/*', showCode)
  for (const { path, contentType, body } of labAssets)
    app.get(path, (here) =>
      here.body(body, 200, { 'Content-Type': contentType, 'Cache-Control': 'public, max-age=31536000, immutable' }),
    )
  app.get('/lab/:id', showAttack)
  app.post('/lab/:id', runAttack)
}

/** Ends what is under way, and begins nothing more: for a server that stops. */
export async function endLab(): Promise<void> {
  turns.end()
  await endRuns()
  await closeBrowser()
}

/** `GET /lab/ID?present=…&on=…`: as it was recorded, where it was. */
async function showAttack(here: Here): Promise<Response> {
  const attack = attackById(here.req.param('id') ?? '')
  if (attack === null) return failureAnswer(here, 'not_found')
  const view = viewOf(attack, here.req.query('present'), here.req.queries('on') ?? [])
  return recordedAnswer(here, view)
}

function recordedAnswer(here: Here, view: Asked): Promise<Response> {
  const run = recordedRun(view.attack, view.present, view.on)
  const shown = run === null ? null : { run, recordedAt: recording().at }
  return attackAnswer(here, { ...view, shown })
}

/** `POST /lab/ID`: carried out now. The fields: `present`, and `on` for each defence that is in place. */
async function runAttack(here: Here): Promise<Response> {
  const attack = attackById(here.req.param('id') ?? '')
  if (attack === null) return failureAnswer(here, 'not_found')
  const body = await readBody(here.env.incoming)
  if (!body.ok) return failureAnswer(here, body.reason)
  const form = new URLSearchParams(fromUtf8(body.value) ?? '')
  const view = viewOf(attack, form.get('present') ?? undefined, form.getAll('on'))
  if (attack.inBrowser && (await browserMissing()) !== null) return recordedAnswer(here, view)
  const turn = await turns.take(async () => {
    try {
      return { run: await carryOut(view), broke: null }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return { run: null, broke: message.split('\n', 1)[0] ?? '' }
    }
  })
  if (turn === null) return failureAnswer(here, 'too_many_attempts', 10_000)
  const shown = turn.run === null ? null : { run: turn.run, recordedAt: null }
  return attackAnswer(here, { ...view, shown, broke: turn.broke })
}

type Asked = Pick<AttackView, 'attack' | 'present' | 'on'>

function viewOf(attack: Attack, present: string | undefined, on: readonly string[]): Asked {
  const known = attack.defences.map(({ id }) => id)
  return {
    attack,
    present: attack.presents.find((one) => one === present) ?? (attack.presents[0] as AttackView['present']),
    on: new Set(known.filter((id) => on.includes(id))),
  }
}

async function attackAnswer(here: Here, view: Asked & Partial<AttackView>): Promise<Response> {
  const missing = view.attack.inBrowser ? await browserMissing() : null
  const answer = await page(here, 200, (reader) => attackPage({ shown: null, broke: null, missing, ...view }, reader))
  // Its switches ask this server.
  answer.headers.set('Content-Security-Policy', pagePolicyWith({ 'connect-src': [csp.self] }))
  return answer
}

async function showMatrix(here: Here): Promise<Response> {
  const { rows, columns, notices, seconds, at } = exported()
  return page(here, 200, (reader) => matrixPage({ rows, columns, notices, seconds, recordedAt: at }, reader))
}

async function runMatrix(here: Here): Promise<Response> {
  const begun = systemClock.monotonic()
  const matrix = await turns.take(async () => fillMatrix({ ...(await findOthers()), stopped: turns.isOver }))
  if (matrix === null) return failureAnswer(here, 'too_many_attempts', 30_000)
  last = { matrix, seconds: Math.round((systemClock.monotonic() - begun) / 1000) }
  return here.redirect('/lab/matrix', 303)
}

interface Exported extends Pick<Matrix, 'rows' | 'columns' | 'notices'> {
  /** Null: run by this process. */
  readonly at: string | null
  readonly seconds: number
}

/** What was run last, or what was recorded. */
function exported(): Exported {
  if (last !== null) return { at: null, seconds: last.seconds, ...last.matrix }
  const { at, seconds, runs, columns } = recording()
  const rows = runs.map(
    ({ attack, present, on, expected, observed, milliseconds }): Row => ({
      ...{ attack, defence: on[0] ?? null, presentation: present, milliseconds, evidence: observed.evidence },
      expected: expected === null ? null : expected ? 'succeeds' : 'fails',
      observed: observed.succeeded ? 'succeeds' : 'fails',
    }),
  )
  return { at, seconds, rows, columns, notices: [] }
}

function toCsv(rows: readonly Row[]): string {
  const head = ['attack', 'defence', 'presentation', 'expected', 'observed', 'evidence']
  const lines = rows.map((row) => [
    row.attack,
    row.defence ?? '',
    row.presentation,
    row.expected ?? '',
    row.observed,
    row.evidence,
  ])
  return `${[head, ...lines].map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n')}\r\n`
}

interface Lives {
  readonly cookie: readonly Scene[]
  readonly token: readonly Scene[]
}

/** One life for all steps that are looked at, so that they fit together. */
let lives: Promise<Lives> | null = null

function livesNow(): Promise<Lives> {
  lives ??= (async () => ({ cookie: await liveThrough('cookie'), token: await liveThrough('token') }))()
  lives.catch(() => {
    lives = null
  })
  return lives
}

async function showLifecycle(here: Here): Promise<Response> {
  const step: Step = steps.find((one) => one === here.req.query('step')) ?? steps[0]
  const { cookie, token } = await livesNow()
  return page(here, 200, (reader) => lifecyclePage({ step, cookie, token }, reader))
}

async function showComparison(here: Here): Promise<Response> {
  const { cookie, token } = await livesNow()
  const sizes = { cookies: cookie[0]?.bytes ?? 0, accessToken: token[0]?.bytes ?? 0 }
  return page(here, 200, (reader) => comparisonPage(comparisons(sizes), reader))
}

const shownFiles = new Set(attacks.flatMap(({ defences }) => defences.map(({ code }) => code)))

/** `GET /lab/code/FILE`: a file that a defence names, as it stands in the package. */
function showCode(here: Here): Response | Promise<Response> {
  const file = here.req.path.slice('/lab/code/'.length)
  if (!shownFiles.has(file)) return failureAnswer(here, 'not_found')
  return here.text(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'))
}
