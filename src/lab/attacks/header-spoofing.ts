import { request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http'
import type { Attack } from '../attack.ts'
import { openServer } from '../server-target.ts'
import { standards } from '../standards.ts'
import { outcome } from '../steps.ts'

export const headerSpoofing: Attack = {
  id: 'header-spoofing',
  title: 'Identity headers from a stranger',
  aim: 'An application behind a proxy believes X-Auth-Name. The attacker sends that header to the proxy.',
  presents: ['cookie'],
  otherwise: 'Nobody is signed in here: it is the same for both.',
  defences: [
    {
      id: 'always-set',
      title: 'Identity headers are always set',
      on: 'The proxy replaces them by those of /verify, which are always there, and empty for nobody',
      off: 'The proxy lets them through, and puts its own in where somebody is signed in',
      rule: 'Every identity header is in every answer of /verify, so none of a client’s own ever arrives.',
      code: 'src/server/identity-headers.ts',
      standard: standards.proxies,
    },
  ],
  inBrowser: false,
  others: { not: 'they answer no proxies' },
  carryOut: async (stage) => {
    const { port: verify } = await openServer(stage, { people: new Map([['mallory', 'forty-two geese in a row']]) })
    const behind: RequestListener = ({ headers }, response) => {
      const user = headers['x-auth-name'] ?? ''
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ user }))
    }
    const application = await stage.serve('application', behind)
    const replaces = stage.has('always-set')
    const port = await stage.serve('application', proxy(verify, application, replaces))
    const attacker = stage.client('attacker', { origin: `http://localhost:${port}`, port })
    const spoofed = { 'x-auth-user': 'ada', 'x-auth-name': 'ada' }
    const reply = await attacker.send('GET', '/', { headers: spoofed })
    return outcome(
      reply.json.user === 'ada',
      `The application behind the proxy takes the attacker for: ${String(reply.json.user) || 'nobody'}.`,
    )
  },
}

type Answered = Pick<IncomingMessage, 'statusCode' | 'headers'> & { readonly body: string }

/** A proxy that asks before it lets a request through, as nginx and Caddy do; it lets nobody in as nobody. */
function proxy(verify: number, application: number, replaces: boolean): RequestListener {
  return async (request, response) => {
    const asked = await get(verify, '/verify/optional', request.headers)
    const identity = Object.entries(asked.headers).filter(([name]) => name.startsWith('x-auth-'))
    const put = replaces ? identity : identity.filter(([, value]) => value !== '')
    const {
      statusCode = 502,
      headers,
      body,
    } = await get(application, request.url ?? '/', {
      ...request.headers,
      ...Object.fromEntries(put),
    })
    response.writeHead(statusCode, headers).end(body)
  }
}

function get(port: number, path: string, headers: IncomingMessage['headers']): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      answer.on('end', () => resolve({ statusCode: answer.statusCode, headers: answer.headers, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}
