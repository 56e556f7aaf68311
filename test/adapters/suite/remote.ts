import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { json } from 'node:stream/consumers'
import type { Door, OpenDoor } from './door.ts'
import { listen } from './doors/serve.ts'
import type { Control, World } from './world.ts'

/** What an application in a process of its own prints, in one line, once it can be asked: its port, and that of its control. */
export interface Announced {
  readonly port: number
  readonly control: number
}

/**
 * A door whose application runs in a process of its own, whatever serves it there: it makes its `World` by `createWorld()`, answers the routes of `application.ts`, offers
 * `offerControl(world)` and prints what is `Announced`. It is over when its standard input ends.
 */
export function remoteDoor(door: Omit<Door, 'open'>, command: string, args: readonly string[]): Door {
  return { ...door, open: () => openProcess(command, args) }
}

async function openProcess(command: string, args: readonly string[]): Promise<OpenDoor> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const announced = await announcement(createInterface({ input: child.stdout }))
  if (announced === null) throw new Error(`${command} ${args.join(' ')} ended before it could be asked.`)
  return {
    port: announced.port,
    control: controlAt(announced.control),
    close: async () => {
      child.stdin.end()
      await closed
    },
  }
}

async function announcement(lines: AsyncIterable<string>): Promise<Announced | null> {
  for await (const line of lines) if (line.startsWith('{"port":')) return JSON.parse(line) as Announced
  return null
}

const words = ['advance', 'store', 'held', 'sessionsOf', 'busy', 'idle'] as const satisfies readonly (keyof Control)[]

function controlAt(port: number): Control {
  const call = async (...said: readonly unknown[]): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: JSON.stringify(said) })
    return answer.json()
  }
  const calls = words.map((word) => [word, (...args: readonly unknown[]) => call(word, ...args)] as const)
  return Object.fromEntries(calls) as unknown as Control
}

/** Lets another process control this world, on a port of its own. */
export async function offerControl({ control }: Pick<World, 'control'>): Promise<{ port: number; close(): void }> {
  const server = createServer(async (request, response) => {
    const [word, ...args] = (await json(request)) as [keyof Control, ...unknown[]]
    const found = await (control[word] as (...args: readonly unknown[]) => Promise<unknown>)(...args)
    response.end(JSON.stringify(found ?? null))
  })
  const port = await listen(server)
  return {
    port,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
