// The driver: one process that keeps 64 connections of a server busy, one request under way on each. Told over IPC what to send; see `DriverTask`.
import { connect, type Socket } from 'node:net'
import { percentile } from './stats.ts'

/** Told first: what requests to choose from. */
export interface LoadTask {
  readonly kind: 'load'
  readonly set: string
  /** Whole requests, as text. */
  readonly requests: readonly string[]
}

export interface RunTask {
  readonly kind: 'run'
  readonly set: string
  readonly port: number
  readonly connections: number
  /** `once`: each request of the set one time, in order. Otherwise random ones for so many milliseconds. */
  readonly for: 'once' | number
  readonly seed: number
  /** The status that every answer must have. */
  readonly status: number
  /** Whether the answers are wanted, in the order of the requests; for `once`. */
  readonly collect?: boolean
}

export interface Driven {
  readonly count: number
  readonly seconds: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** An answer with another status than it must have; null where there was none. */
  readonly wrong: string | null
  readonly answers: readonly string[]
}

const sets = new Map<string, readonly Buffer[]>()

process.on('message', (task: LoadTask | RunTask) => {
  if (task.kind === 'load') {
    sets.set(
      task.set,
      task.requests.map((text) => Buffer.from(text, 'latin1')),
    )
    process.send?.(null)
  } else void run(task).then((driven) => process.send?.(driven))
})
process.on('disconnect', () => process.exit(0))

async function run(task: RunTask): Promise<Driven> {
  const requests = sets.get(task.set) ?? []
  const latencies: number[] = []
  const answers: string[] = []
  let wrong: string | null = null
  const next = chooser(task, requests)
  const sockets = await Promise.all(Array.from({ length: task.connections }, () => open(task.port)))
  const begin = performance.now()
  let sent = 0
  await Promise.all(
    sockets.map(
      (connection) =>
        new Promise<void>((resolve) => {
          let sentAt = 0
          let place = 0
          const send = (): void => {
            place = sent++
            const request = next(performance.now() - begin)
            if (request === null || wrong !== null) {
              resolve()
              return
            }
            sentAt = performance.now()
            connection.socket.write(request)
          }
          connection.onAnswer = (status, text) => {
            latencies.push(performance.now() - sentAt)
            if (status !== task.status) wrong = text()
            if (task.collect === true) answers[place] = text()
            send()
          }
          connection.onClose = () => {
            wrong ??= 'the server closed a connection'
            resolve()
          }
          send()
        }),
    ),
  )
  const seconds = (performance.now() - begin) / 1000
  for (const { socket } of sockets) socket.destroy()
  latencies.sort((a, b) => a - b)
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)]
  return { count: latencies.length, seconds, p50, p99, wrong, answers }
}

/** Gives the next request, or null when it is over. */
function chooser(task: RunTask, requests: readonly Buffer[]): (elapsed: number) => Buffer | null {
  const { for: how } = task
  let at = 0
  if (how === 'once') return () => requests[at++] ?? null
  let state = task.seed >>> 0 || 1
  return (elapsed) => {
    if (elapsed >= how) return null
    // xorshift32: good enough for an order, and next to free.
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return requests[(state >>> 0) % requests.length] as Buffer
  }
}

interface Connection {
  readonly socket: Socket
  onAnswer: (status: number, text: () => string) => void
  onClose: () => void
}

const longestAnswer = 65_536

/** Reads answers that have a Content-Length, one after the other. An answer of the same length as the last one is not parsed again. */
function open(port: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let held = ''
    let usual = 0
    const callback = (read: number, buffer: Buffer): boolean => {
      if (held === '' && read === usual) {
        connection.onAnswer(statusIn(buffer), () => buffer.toString('latin1', 0, read))
        return true
      }
      held += buffer.toString('latin1', 0, read)
      const length = wholeLength(held)
      if (length !== null && held.length >= length) {
        const text = held
        usual = length
        held = ''
        connection.onAnswer(Number(text.slice(9, 12)), () => text)
      }
      return true
    }
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.alloc(longestAnswer),
        callback: callback as (read: number, buffer: Uint8Array) => boolean,
      },
    })
    const connection: Connection = { socket, onAnswer: () => {}, onClose: () => {} }
    socket.once('connect', () => resolve(connection))
    socket.once('error', reject)
    socket.once('close', () => connection.onClose())
  })
}

function statusIn(buffer: Buffer): number {
  const digit = (at: number): number => (buffer[at] as number) - 48
  return digit(9) * 100 + digit(10) * 10 + digit(11)
}

function wholeLength(text: string): number | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, end + 2))?.[1]
  return end + 4 + Number(length ?? 0)
}
