import { failureAnswer, type Here } from '../respond.ts'
import { administrator } from './access.ts'

/** `GET /admin/audit/export`: the whole audit log, one JSON text for each line. */
export async function exportAudit(here: Here): Promise<Response> {
  const by = await administrator(here)
  if (!by.ok) return failureAnswer(here, by.reason)
  const { audit } = here.var.desk
  await audit.append({ ...by.value, action: 'audit.export', subject: null })
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

/** `GET /admin/events`: what happens on this node, as it happens (Server-Sent Events). */
export async function streamEvents(here: Here): Promise<Response> {
  const by = await administrator(here)
  if (!by.ok) return failureAnswer(here, by.reason)
  const { hub } = here.var.desk.operations
  const encoder = new TextEncoder()
  let stop = (): void => {}
  let lost = 0
  const events = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const send = (text: string): void => controller.enqueue(encoder.encode(text))
        send(': connected\n\n')
        const silence = hub.listen((event) => {
          if ((controller.desiredSize ?? 0) <= 0) {
            lost++
            return
          }
          if (lost > 0) send(`event: lost\ndata: {"count":${lost}}\n\n`)
          lost = 0
          send(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`)
        })
        const beat = setInterval(() => send(': still here\n\n'), 15_000)
        beat.unref()
        stop = () => {
          clearInterval(beat)
          silence()
        }
      },
      cancel: () => stop(),
    },
    { highWaterMark: mostWaiting },
  )
  const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }
  return new Response(events, { headers })
}
