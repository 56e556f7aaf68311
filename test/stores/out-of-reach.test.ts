import { describe } from 'node:test'
import { backendFaults } from '../../src/testing/contract/faults.ts'
import { nodeOn, sharedEngines } from '../support/engines.ts'
import { tcpProxy } from '../support/tcp-proxy.ts'

const engines = await sharedEngines()
const deadline = 500

describe('engines that many nodes share', { skip: engines.length === 0 && 'none is installed' }, () => {
  for (const { name, server } of engines) {
    backendFaults(`${name}, paused,`, async () => {
      const { backend, close } = nodeOn(name, server.url, deadline)
      await backend.ready()
      return { backend: { ...backend, close }, interrupt: server.pause, resume: server.resume, deadline }
    })
    backendFaults(`${name}, killed,`, async () => {
      const { backend, close } = nodeOn(name, server.url, deadline)
      await backend.ready()
      return { backend: { ...backend, close }, interrupt: server.crash, resume: server.start, deadline }
    })
    backendFaults(`${name}, behind a connection that swallows all,`, async () => {
      const proxy = await tcpProxy(server.port)
      const { backend, close } = nodeOn(name, server.url.replace(`:${server.port}`, `:${proxy.port}`), deadline)
      await backend.ready()
      const closed = async (): Promise<void> => {
        await close()
        await proxy.close()
      }
      return { backend: { ...backend, close: closed }, interrupt: proxy.swallow, resume: proxy.heal, deadline }
    })
  }
})
