/** An answer as it came over the wire. */
export interface Heard {
  /** 0: the connection ended before an answer. */
  readonly status: number
  readonly lines: readonly (readonly [name: string, value: string])[]
  /** Statuses of the interim answers before it. */
  readonly interim: readonly number[]
  readonly body: string
  /** False: the connection ended in the body. */
  readonly complete: boolean
}

export function linesOf({ lines }: Pick<Heard, 'lines'>, name: string): readonly string[] {
  return lines.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value)
}

interface Head {
  readonly status: number
  readonly lines: Heard['lines']
  /** Where the body begins. */
  readonly end: number
}

/**
 * Reads one answer of HTTP/1.1 from the bytes that have come (RFC 9112 6.3).
 *
 * @param ended whether no more will come
 * @returns null: more bytes are needed
 * @throws where the framing contradicts itself
 */
export function readHeard(
  bytes: Buffer,
  method: string,
  ended: boolean,
): { readonly heard: Heard; readonly length: number } | null {
  const interim: number[] = []
  for (let at = 0; ; ) {
    const head = readHead(bytes, at)
    if (head === null) {
      const nothing = { status: 0, lines: [], interim, body: '', complete: false }
      return ended ? { heard: nothing, length: bytes.length } : null
    }
    at = head.end
    const { status, lines } = head
    if (status < 200 && status !== 101) {
      interim.push(status)
      continue
    }
    const body = readBody(bytes.subarray(at), method, head, ended)
    if (body === null) return null
    const heard = { status, lines, interim, body: body.bytes.toString(), complete: body.complete }
    return { heard, length: at + body.length }
  }
}

function readHead(bytes: Buffer, at: number): Head | null {
  const end = bytes.indexOf('\r\n\r\n', at)
  if (end < 0) return null
  const [first = '', ...rest] = bytes.toString('latin1', at, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 ([1-5][0-9][0-9])( |$)/.exec(first)?.[1])
  if (Number.isNaN(status)) throw new Error(`not a status line: ${JSON.stringify(first)}`)
  const lines = rest.map((line) => {
    const colon = line.indexOf(':')
    if (colon < 1) throw new Error(`not a header line: ${JSON.stringify(line)}`)
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
  })
  return { status, lines, end: end + 4 }
}

interface Body {
  readonly bytes: Buffer
  /** With its framing. */
  readonly length: number
  readonly complete: boolean
}

function readBody(bytes: Buffer, method: string, { status, lines }: Head, ended: boolean): Body | null {
  if (method === 'HEAD' || status === 101 || status === 204 || status === 304)
    return { bytes: Buffer.alloc(0), length: 0, complete: true }
  const [length, ...more] = linesOf({ lines }, 'content-length')
  const [coding] = linesOf({ lines }, 'transfer-encoding')
  if (more.length > 0 || (length !== undefined && coding !== undefined)) throw new Error('two framings of one body')
  if (coding !== undefined) return readChunks(bytes, ended)
  if (length === undefined) return ended ? { bytes, length: bytes.length, complete: true } : null
  const wanted = Number(length)
  if (bytes.length >= wanted) return { bytes: bytes.subarray(0, wanted), length: wanted, complete: true }
  return ended ? { bytes, length: bytes.length, complete: false } : null
}

function readChunks(bytes: Buffer, ended: boolean): Body | null {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const next = lineEnd + 2 + size
    if (Number.isNaN(size) || bytes.length < next + 2) {
      return ended ? { bytes: Buffer.concat(chunks), length: bytes.length, complete: false } : null
    }
    chunks.push(bytes.subarray(lineEnd + 2, next))
    at = next + 2
    if (size === 0) return { bytes: Buffer.concat(chunks), length: at, complete: true }
  }
}
