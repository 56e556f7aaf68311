import type { IncomingMessage, ServerResponse } from 'node:http'
import { meBody } from '../contestant.ts'

/** `GET /me` of everybody on node:http, whoever stands before it. */
export function answerMe(response: ServerResponse, user: string): void {
  const body = meBody(user)
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }).end(body)
}

export function answerStatus(response: ServerResponse, status: number): void {
  response.statusCode = status
  response.end()
}

export function answerJson(response: ServerResponse, value: unknown): void {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(value))
}

export function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

export function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const begin = url.indexOf('?')
  return new URLSearchParams(begin < 0 ? '' : url.slice(begin))
}
