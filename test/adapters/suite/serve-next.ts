import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createRequire, registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fileFolder } from './application.ts'
import { listen } from './doors/serve.ts'
import { nextApplication } from './next/application.ts'
import { offerControl } from './remote.ts'
import { createWorld } from './world.ts'

/** `node serve-next.ts MODULES FOLDER`: the app that `next build` has written, in a process of its own, as `remote.ts` wants it. */
const [modules = '', dir = ''] = process.argv.slice(2)
process.on('warning', () => {})

interface Next {
  prepare(): Promise<void>
  getRequestHandler(): RequestListener
  close(): Promise<void>
}

// The library finds Next beside the app, as where it is installed.
const home = pathToFileURL(join(modules, 'home.js')).href
registerHooks({
  resolve: (specifier, context, resolve) =>
    resolve(specifier, specifier.startsWith('next/') ? { ...context, parentURL: home } : context),
})

const world = await createWorld()
const { folder, remove } = fileFolder()
globalThis.suiteApplication = nextApplication(world, folder)

const server = createServer()
const port = await listen(server)
const create = createRequire(home)('next') as (options: object) => Next
const app = create({ dir, dev: false, hostname: '127.0.0.1', port, httpServer: server })
await app.prepare()
server.on('request', app.getRequestHandler())

const control = await offerControl(world)
console.log(JSON.stringify({ port, control: control.port }))
process.stdin.resume()
await once(process.stdin, 'end')
control.close()
server.close()
server.closeAllConnections()
await app.close()
await world.close()
remove()
process.exit()
