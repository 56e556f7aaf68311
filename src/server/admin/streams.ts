import { second } from '../../base/clock.ts'
import type { EventHub, ServerEvent } from '../operations/event-hub.ts'
import { failureAnswer, type Here } from '../respond.ts'
import { administrator } from './access.ts'

/** `GET /admin/audit/export`: the whole audit log, one JSON text for each line. */
export async function exportAudit(here: Here): Promise<Response> {
  const by = await administrator(here)
  if (!by.ok) return failureAnswer(here, by.reason)
  const { audit } = here.var.desk
  const { actor, source } = by.value
  await audit.append({ actor, source, action: 'audit.export', subject: null })
  const encoder = new TextEncoder()
  let after = 0
  const lines = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const entries = await audit.page(after, 1000)
      const last = entries.at(-1)
      if (last === undefined) return controller.close()
      after = last.seq
      controller.enqueue(encoder.encode(entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')))
    },
  })
  const headers = { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' }
  return new Response(lines, { headers: { ...headers, 'Content-Disposition': 'attachment; filename="audit.ndjson"' } })
}

/** Waiting events of one reader; a reader who is slower loses the rest, and is told how many. */
const mostWaiting = 1000

const beatEvery = 5 * second

/** `GET /admin/events`: what happens on this node, as it happens (Server-Sent Events). */
export async function streamEvents(here: Here): Promise<Response> {
  const by = await administrator(here)
  if (!by.ok) return failureAnswer(here, by.reason)
  const { operations } = here.var.desk
  const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }
  return new Response(eventStream(operations.hub, by.value.stillMay), { headers })
}

/** @param mayHear asked every few seconds: whoever is no longer signed in, or of whom it cannot be known, hears no more */
function eventStream(hub: EventHub, mayHear: () => Promise<boolean>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let stop = (): void => {}
  let lost = 0
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const send = (text: string): void => controller.enqueue(encoder.encode(text))
    const hear = (event: ServerEvent): void => {
      if ((controller.desiredSize ?? 0) <= 0) {
        lost++
        return
      }
      if (lost > 0) send(`event: lost\ndata: {"count":${lost}}\n\n`)
      lost = 0
      send(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`)
    }
    const end = (): void => {
      stop()
      controller.close()
    }
    let over = false
    const beat = setInterval(() => {
      send(': still here\n\n')
      mayHear().then(
        (may) => may || over || end(),
        () => over || end(),
      )
    }, beatEvery)
    beat.unref()
    const silence = hub.listen(hear)
    stop = () => {
      over = true
      clearInterval(beat)
      silence()
    }
    send(': connected\n\n')
  }
  return new ReadableStream<Uint8Array>({ start, cancel: () => stop() }, { highWaterMark: mostWaiting })
}
