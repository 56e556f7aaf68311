import pino, { type Logger } from 'pino'
import type { EventHub, ServerEvent } from './event-hub.ts'

export type { Logger } from 'pino'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * Structured lines: JSON, `level`, `time`, `pid`, `msg` and what they are about. Nothing that it is given holds a credential: requests are logged by method, path and
 * status, never by headers, query or body (S4).
 */
export function createLog(level: LogLevel, write?: (line: string) => void): Logger {
  const destination = write === undefined ? pino.destination({ dest: 2, sync: true }) : { write }
  return pino({ level, base: { pid: process.pid }, formatters: { level: (name) => ({ level: name }) } }, destination)
}

/** A line for each event, and a loud one for what somebody should look at. */
export function logEvents(log: Logger, hub: EventHub): void {
  hub.listen((event) => log[levelOf(event)](event, event.kind))
}

function levelOf(event: ServerEvent): 'info' | 'warn' | 'debug' {
  switch (event.kind) {
    case 'session.reuse':
    case 'session.reported':
    case 'lease.lapsed':
    case 'log.adopted':
    case 'engine.trouble':
      return 'warn'
    case 'session.renewed':
      return 'debug'
    default:
      return 'info'
  }
}
