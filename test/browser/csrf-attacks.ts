import type { Browser, BrowserContext, Page } from 'playwright-core'
import { arrive } from '../support/browser.ts'
import { type Attacker, form } from './attacker.ts'
import type { Deed, DeedName, Target } from './csrf-target.ts'

/** Where the attacker's pages stand, and what a browser calls their requests. */
export const places = [
  { host: 'evil.localhost', site: 'cross-site' },
  { host: '127.0.0.1', site: 'cross-site' },
  { host: 'blog.app.localhost', site: 'same-site' },
  { host: 'app.localhost', site: 'same-site' },
] as const
export type Place = (typeof places)[number]

/** One way in which a page makes a browser send a request. */
export interface Attack {
  readonly name: string
  /** Tries only this. */
  readonly only?: DeedName
  page(url: string, fields: Deed['fields']): string
}

const formType = 'application/x-www-form-urlencoded'

/** Sends by script and says so in the title, whatever became of it. */
function script(work: string): string {
  return `<script type="module">await (async () => { ${work} })().catch(() => {}); document.title = 'done'</script>`
}

function send(url: string, init: RequestInit): string {
  return script(`await fetch(${text(url)}, ${text({ method: 'POST', credentials: 'include', ...init })})`)
}

function text(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

function encoded(fields: Deed['fields']): string {
  return new URLSearchParams(fields).toString()
}

function framed(html: string, sandbox: string | null): string {
  const limits = sandbox === null ? '' : ` sandbox="${sandbox}"`
  return `<iframe${limits} srcdoc="${html.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`
}

export const attacks: readonly Attack[] = [
  { name: 'form', page: (url, fields) => form(url, fields) },
  { name: 'form, multipart', page: (url, fields) => form(url, fields, 'multipart/form-data') },
  {
    // One field whose name and value are JSON together.
    name: 'form, text/plain with JSON',
    page: (url, fields) => {
      const name = JSON.stringify({ ...fields, x: '' })
        .slice(0, -2)
        .replaceAll('"', '&quot;')
      return form(url, { [name]: '&quot;}' }, 'text/plain')
    },
  },
  { name: 'form, _method', page: (url, fields) => form(`${url}?_method=DELETE`, { ...fields, _method: 'DELETE' }) },
  { name: 'form in a frame', page: (url, fields) => framed(form(url, fields), null) },
  {
    name: 'form in a sandboxed frame, to the top (Origin: null)',
    page: (url, fields) =>
      framed(
        form(url, fields).replace('<form', '<form target="_top"'),
        'allow-scripts allow-forms allow-top-navigation',
      ),
  },
  {
    name: 'fetch, no-cors',
    page: (url, fields) => send(url, { mode: 'no-cors', headers: { 'Content-Type': formType }, body: encoded(fields) }),
  },
  {
    name: 'fetch, no-cors, text/plain with JSON',
    page: (url, fields) =>
      send(url, { mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, body: text(fields) }),
  },
  {
    name: 'fetch, cors with credentials',
    page: (url, fields) => send(url, { mode: 'cors', headers: { 'Content-Type': formType }, body: encoded(fields) }),
  },
  {
    name: 'fetch, cors with credentials, JSON',
    page: (url, fields) =>
      send(url, { mode: 'cors', headers: { 'Content-Type': 'application/json' }, body: text(fields) }),
  },
  {
    name: 'fetch, X-HTTP-Method-Override',
    page: (url) =>
      script(`await fetch(${text(url)}, { credentials: 'include', headers: { 'X-HTTP-Method-Override': 'POST' } })`),
  },
  {
    name: 'sendBeacon',
    page: (url, fields) =>
      `<script>navigator.sendBeacon(${text(url)}, new URLSearchParams(${text(fields)})); document.title = 'done'</script>`,
  },
  {
    name: 'image',
    page: (url, fields) =>
      `<script>const image = new Image(); image.onerror = image.onload = () => { document.title = 'done' }; image.src = ${text(`${url}?${encoded({ ...fields, _method: 'POST' })}`)}</script>`,
  },
  {
    name: 'frame',
    page: (url, fields) => `<iframe src="${url}?${encoded(fields).replaceAll('&', '&amp;')}"></iframe>`,
  },
  {
    name: 'WebSocket',
    only: 'socket',
    page: (url) =>
      script(
        `await new Promise((done) => { const socket = new WebSocket(${text(url.replace('http:', 'ws:'))}); socket.onopen = socket.onerror = done })`,
      ),
  },
]

/** What an attack came to. */
export interface Outcome {
  /** The request reached the application. */
  readonly delivered: boolean
  /** The victim is signed in as somebody else or not at all, a note was counted, or a socket was opened. */
  readonly changed: boolean
}

/** Somebody signed in to the target, with a page of it open. */
export interface Victim {
  readonly context: BrowserContext
  readonly home: Page
  readonly target: Target
  signIn(): Promise<void>
  /** Opens the attacker's page, waits until the request has been answered or could not be sent, and looks what it has changed. */
  fallFor(attacker: Attacker, attack: Attack, deed: DeedName, place: Place): Promise<Outcome>
  leave(): Promise<void>
}

export async function createVictim(browser: Browser, target: Target): Promise<Victim> {
  const { context, page: home, leave } = await arrive(browser)
  await home.goto(target.origin)

  async function signIn(): Promise<void> {
    await context.clearCookies()
    const body = JSON.stringify(target.victim)
    const status = await home.evaluate(
      async ([path, body]) =>
        (await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })).status,
      [target.deeds.login.path, body] as const,
    )
    if (status !== 200 || (await whoami()) !== 'ada')
      throw new Error(`${target.name}: the victim cannot sign in (${status})`)
  }

  async function whoami(): Promise<string | null> {
    return home.evaluate(async () => ((await (await fetch('/whoami')).json()) as { user: string | null }).user)
  }

  async function fallFor(attacker: Attacker, attack: Attack, name: DeedName, place: Place): Promise<Outcome> {
    const { path, fields } = target.deeds[name]
    const before = { ...target.counts, arrived: target.arrived(path) }
    const page = await context.newPage()
    try {
      const url = target.origin + path
      const settled = settle(page, url)
      await page.goto(attacker.at(place.host) + attacker.page(attack.page(url, fields)), { waitUntil: 'commit' })
      await settled
      const changed =
        (await whoami()) !== 'ada' || target.counts.notes !== before.notes || target.counts.sockets !== before.sockets
      return { delivered: target.arrived(path) !== before.arrived, changed }
    } finally {
      await page.close()
    }
  }

  return { context, home, target, signIn, fallFor, leave }
}

/** Until the request to the target has ended, in whatever way; a WebSocket tells by the title of the page. */
async function settle(page: Page, url: string): Promise<void> {
  const ours = (request: { url(): string }): boolean => request.url().startsWith(url)
  if (url.endsWith('/socket')) {
    await page.waitForFunction(`document.title === 'done'`)
    return
  }
  await Promise.race([
    page.waitForEvent('requestfinished', { predicate: ours }),
    page.waitForEvent('requestfailed', { predicate: ours }),
  ])
}
