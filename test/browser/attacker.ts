import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A web server of somebody who means harm. It answers under every name that leads here. */
export interface Attacker {
  readonly port: number
  at(host: string): string
  /** Puts a page there; gives its path. */
  page(html: string): string
  stop(): Promise<void>
}

export async function attack(): Promise<Attacker> {
  const pages = new Map<string, string>()
  const server = createServer((request, response) => {
    const html = pages.get(request.url ?? '')
    response.writeHead(html === undefined ? 404 : 200, { 'Content-Type': 'text/html' })
    response.end(html)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    at: (host) => `http://${host}:${port}`,
    page: (html) => {
      const path = `/${pages.size + 1}`
      pages.set(path, `<!doctype html><title>A harmless page</title>${html}`)
      return path
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A form that sends itself. */
export function form(action: string, fields: Readonly<Record<string, string>>, encoding?: string): string {
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
  const type = encoding === undefined ? '' : ` enctype="${encoding}"`
  return `<form method="post" action="${action}"${type}>${inputs.join('')}</form><script>document.forms[0].submit()</script>`
}

/** Requests by script with the victim's cookies; their outcomes become the title of the page. */
export function calls(requests: readonly { readonly url: string; readonly init: RequestInit }[]): string {
  const list = JSON.stringify(requests).replaceAll('<', '\\u003c')
  return `<script type="module">
const outcomes = []
for (const { url, init } of ${list})
  outcomes.push(await fetch(url, { credentials: 'include', ...init }).then((answer) => answer.type, () => 'blocked'))
document.title = 'done ' + outcomes.join(' ')
</script>`
}
