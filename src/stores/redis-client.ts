/** What is needed of a client of `redis` (node-redis). */
export interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>
  // biome-ignore lint/suspicious/noExplicitAny: their types differ with their modules and versions
  duplicate(): any
  readonly isOpen: boolean
  connect(): Promise<unknown>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  on(event: any, listener: any): unknown
}

/** What is needed of a client of `ioredis`. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  duplicate(): any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  on(event: any, listener: any): unknown
}

export type RedisClient = NodeRedisClient | IoRedisClient

/** Either client, as we use it. */
export interface RedisDriver {
  /** Opens the client where it is not. */
  open(): Promise<void>
  command(args: readonly string[]): Promise<unknown>
  /**
   * A connection of its own that hears a channel, and connects again by itself.
   *
   * @param onReady when it hears, for the first time and after each interruption
   * @returns how to stop
   */
  subscribe(channel: string, hear: (text: string) => void, onReady: () => void): () => void
}

export function driverOf(client: RedisClient): RedisDriver | null {
  if (typeof client !== 'object' || client === null || typeof client.on !== 'function') return null
  // Without a listener a connection that breaks ends the process.
  client.on('error', ignore)
  if ('sendCommand' in client && 'isOpen' in client) return nodeRedis(client)
  if ('call' in client && typeof client.call === 'function') return ioRedis(client)
  return null
}

interface NodeRedisSubscriber extends NodeRedisClient {
  subscribe(channel: string, listener: (text: string) => void): Promise<unknown>
  destroy(): void
}

function nodeRedis(client: NodeRedisClient): RedisDriver {
  return {
    open: async () => {
      if (!client.isOpen) await client.connect()
    },
    command: (args) => client.sendCommand([...args]),
    subscribe: (channel, hear, onReady) => {
      const subscriber = client.duplicate() as NodeRedisSubscriber
      subscriber.on('error', ignore)
      subscriber.on('ready', onReady)
      const running = subscriber.connect().then(() => subscriber.subscribe(channel, hear))
      running.then(onReady, ignore)
      return () => {
        try {
          subscriber.destroy()
        } catch {
          // It was not open.
        }
      }
    },
  }
}

interface IoRedisSubscriber extends IoRedisClient {
  subscribe(channel: string): Promise<unknown>
  disconnect(): void
}

function ioRedis(client: IoRedisClient): RedisDriver {
  return {
    // It connects by itself.
    open: async () => {},
    command: ([name = '', ...args]) => client.call(name, ...args),
    subscribe: (channel, hear, onReady) => {
      const subscriber = client.duplicate() as IoRedisSubscriber
      subscriber.on('error', ignore)
      subscriber.on('ready', onReady)
      subscriber.on('message', (_channel: string, text: string) => hear(text))
      subscriber.subscribe(channel).then(onReady, ignore)
      return () => subscriber.disconnect()
    },
  }
}

function ignore(): void {}
