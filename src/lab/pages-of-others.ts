import type { BrowserContext, Page } from 'playwright-core'
import type { Deed, Stage, Target } from './stage.ts'

/** A web server of somebody who means harm. It answers under every name that leads here. */
export interface Site {
  /** Puts a page there, under this name of a host; gives its address. */
  page(host: string, html: string): string
}

export async function openSite(stage: Stage): Promise<Site> {
  const pages = new Map<string, string>()
  const port = await stage.serve('attacker', (request, response) => {
    const html = pages.get(request.url ?? '')
    response.writeHead(html === undefined ? 404 : 200, { 'Content-Type': 'text/html; charset=utf-8' }).end(html)
  })
  return {
    page: (host, html) => {
      const path = `/page-${pages.size + 1}`
      pages.set(path, `<!doctype html><title>A harmless page</title>${html}`)
      return `http://${host}:${port}${path}`
    },
  }
}

/** A form that sends itself. */
export function form(action: string, fields: Readonly<Record<string, string>>, encoding?: string): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  )
  const type = encoding === undefined ? '' : ` enctype="${encoding}"`
  return `<form method="post" action="${action}"${type}>${inputs.join('')}</form><script>document.forms[0].submit()</script>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
}

/** The victim, signed in, with the application open. */
export async function signedIn(victim: BrowserContext, target: Target): Promise<Page> {
  const page = await victim.newPage()
  await page.goto(target.origin)
  await post(page, target.asked.login('ada'))
  if ((await whoInBrowser(page, target)) !== 'ada') throw new Error('the victim could not sign in')
  return page
}

/** The application's own page asks for something. @returns the status */
export function post(page: Page, { path, fields }: Deed): Promise<number> {
  return page.evaluate(
    async ([to, body]) => {
      const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }
      return (await fetch(to, init)).status
    },
    [path, JSON.stringify(fields)] as const,
  )
}

export async function whoInBrowser(page: Page, target: Target): Promise<string | null> {
  return page.evaluate(async (path) => {
    const answer = await fetch(path)
    if (answer.status === 500) throw new Error('the application broke')
    return answer.ok ? (((await answer.json()) as { readonly user?: string | null }).user ?? null) : null
  }, target.asked.me)
}

/** The victim opens a page of the attacker's, and it has sent what it sends. */
export async function fallFor(victim: BrowserContext, address: string, target: Target, path: string): Promise<void> {
  const page = await victim.newPage()
  const ours = (request: { url(): string }): boolean => request.url().startsWith(target.origin + path)
  const settled = Promise.race([
    page.waitForEvent('requestfinished', { predicate: ours }),
    page.waitForEvent('requestfailed', { predicate: ours }),
  ])
  await Promise.all([settled, page.goto(address, { waitUntil: 'commit' })])
  await page.close()
}
