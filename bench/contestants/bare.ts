import { createServer } from 'node:net'
import type { Application, Contestant, Framework } from '../contestant.ts'
import { meBody } from '../contestant.ts'
import { answerMe } from './answers.ts'

const user = 'user0001'

/** Servers that know nobody and answer what everybody answers to `GET /me`: what the others are measured over. */
export const bareServers: readonly Contestant[] = [
  bare('node:http', async () => (_request, response) => answerMe(response, user)),
  bare('express', async () => {
    const { default: express } = await import('express')
    const app = express()
    app.get('/me', (_request, response) => {
      response.set('Content-Type', 'application/json').send(meBody(user))
    })
    return app
  }),
  bare('fastify', async () => {
    const { default: fastify } = await import('fastify')
    const app = fastify()
    app.get('/me', async (_request, reply) => reply.type('application/json').send(meBody(user)))
    await app.ready()
    return app.server
  }),
  bare('net', async () => netServer()),
]

function bare(framework: Framework, makeListener: () => Promise<Application['listener']>): Contestant {
  return {
    name: `bare ${framework}`,
    framework,
    carries: 'nothing',
    endsBy: '',
    keepsData: false,
    start: async () => ({ listener: await makeListener(), storeCalls: () => null, close: async () => {} }),
  }
}

/** The least that Node's sockets take: looks for the end of each head and answers the same bytes. */
function netServer(): Application['listener'] {
  const body = meBody(user)
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
  const answer = Buffer.from(head + body)
  const end = Buffer.from('\r\n\r\n')
  return createServer((socket) => {
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      for (let at = chunk.indexOf(end); at >= 0; at = chunk.indexOf(end, at + end.length)) socket.write(answer)
    })
  })
}
