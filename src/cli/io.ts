import { readFileSync } from 'node:fs'
import { fromUtf8 } from '../base/bytes.ts'
import type { Environment } from '../server/config.ts'

/** What a command sees of the process. */
export interface Io {
  readonly env: Environment
  /** One line of data, to standard output. */
  out(line: string): void
  /** One line about what goes on, to standard error. */
  note(line: string): void
  /** One line about what went wrong, to standard error. */
  fail(line: string): void
  /** All of standard input; null when it is longer than that, or no UTF-8. */
  input(longest: number): Promise<string | null>
  readFile(path: string): string
}

/** Exit codes, the same for every command. */
export const exit = Object.freeze({ ok: 0, failed: 1, usage: 2, notFound: 3 })

export function processIo(): Io {
  const { env, stdin, stdout, stderr } = process
  const inColour = stderr.isTTY === true && !env.NO_COLOR // https://no-color.org
  return {
    env,
    out: (line) => stdout.write(`${line}\n`),
    note: (line) => stderr.write(`${line}\n`),
    fail: (line) => stderr.write(inColour ? `\u001b[31m${line}\u001b[39m\n` : `${line}\n`),
    readFile: (path) => readFileSync(path, 'utf8'),
    async input(longest) {
      const chunks: Uint8Array[] = []
      let length = 0
      for await (const chunk of stdin as AsyncIterable<Uint8Array>) {
        chunks.push(chunk)
        length += chunk.length
        if (length > longest) return null
      }
      return fromUtf8(Buffer.concat(chunks))
    },
  }
}
