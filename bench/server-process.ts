// One contestant as a process of its own: `node server-process.ts '{"name": …}'`. Answers the questions of `Question` over IPC.
import { createServer, Server as HttpServer } from 'node:http'
import { Server } from 'node:net'
import { createHold } from '../test/laws/race-script.ts'
import { loadContestants, pick } from './field.ts'
import type { Answered, Question, Settings } from './process-talk.ts'

const settings = JSON.parse(process.argv[2] ?? '{}') as Settings
const hold = createHold()
const contestant = pick(await loadContestants(), settings.name)
const application = await contestant.start({ ...settings, hold: hold.pause })
const { listener } = application
const server = listener instanceof Server ? listener : createServer(listener)
// Left at Node's own settings but for this: no connection of the driver is closed between two slots.
if (server instanceof HttpServer) server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ id: 0, value: typeof address === 'object' ? address?.port : null } satisfies Answered)
})

process.on('message', ({ id, ask, argument = 0 }: Question) => {
  void answer(ask, argument).then((value) => process.send?.({ id, value } satisfies Answered))
})
process.on('disconnect', () => process.exit(0))

async function answer(ask: Question['ask'], argument: number): Promise<unknown> {
  switch (ask) {
    case 'cpu': {
      const { user, system } = process.cpuUsage()
      return user + system
    }
    case 'store calls':
      return application.storeCalls()
    case 'collect':
      globalThis.gc?.()
      return null
    case 'arrived':
      return hold.arrived(argument)
    case 'release':
      return hold.release(argument)
    case 'measured':
      return application.measured?.(argument === 1)
    case 'close':
      if (server instanceof HttpServer) server.closeAllConnections()
      server.close()
      return application.close()
  }
}
