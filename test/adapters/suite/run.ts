import type { Door } from './door.ts'
import { type Case, transcribe } from './talk.ts'
import { http1, http2 } from './wire.ts'

/** What a door said, by case; null where it lacks something that the case needs. */
export type Transcript = ReadonlyMap<string, readonly string[] | null>

export async function runDoor(door: Door, cases: readonly Case[]): Promise<Transcript> {
  const open = await door.open()
  const wire = door.protocol === 'http1' ? http1(open.port) : http2(open.port)
  try {
    const transcript = new Map<string, readonly string[] | null>()
    for (const one of cases) {
      const lacks = one.needs?.some((need) => door.lacks[need] !== undefined) === true
      transcript.set(one.name, lacks ? null : await transcribe(one, door, open, wire))
    }
    return transcript
  } finally {
    wire.close()
    await open.close()
  }
}

/** A transcript as a text, for review: one answer in each line. */
export function toText(transcript: Transcript): string {
  const texts = [...transcript].map(([name, lines]) => {
    const joined = (lines ?? []).map((line) => (line.startsWith('  ') ? ` | ${line.slice(2)}` : `\n${line}`)).join('')
    return `## ${name}${joined.replaceAll(/(\n>.*?) \| /g, '$1\n  ')}\n`
  })
  return texts.join('\n')
}
