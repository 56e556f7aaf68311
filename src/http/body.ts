import { fromUtf8 } from '../base/bytes.ts'
import type { RequestHead } from '../base/head.ts'
import { parseJson } from '../base/json.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'

/** Fields of a small request body: texts and switches by name. */
export type Fields = ReadonlyMap<string, string | boolean>

/** Largest body of our own endpoints, in bytes. */
export const longestBody = 16_384

/**
 * Reads the fields of a body: an object of texts and booleans in `application/json`, or `application/x-www-form-urlencoded`. A field twice is refused (RFC 6749 3.2).
 *
 * @returns or refuses: `unsupported_media_type`, `malformed_body`, `oversized_body`
 */
export function readFields(head: RequestHead, body: Uint8Array): Check<Fields> {
  if (body.length > longestBody) return refuse('oversized_body')
  const type = head.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (head.count('content-type') !== 1) return refuse('unsupported_media_type')
  if (type !== 'application/json' && type !== 'application/x-www-form-urlencoded')
    return refuse('unsupported_media_type')
  const text = fromUtf8(body)
  if (text === null) return refuse('malformed_body')
  return type === 'application/json' ? readJsonFields(text) : readFormFields(text)
}

function readJsonFields(text: string): Check<Fields> {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('malformed_body')
  const fields = new Map<string, string | boolean>()
  for (const [name, field] of Object.entries(value)) {
    if (field === null) continue
    if (typeof field !== 'string' && typeof field !== 'boolean') return refuse('malformed_body')
    fields.set(name, field)
  }
  return accept(fields)
}

function readFormFields(text: string): Check<Fields> {
  const fields = new Map<string, string | boolean>()
  for (const [name, field] of new URLSearchParams(text)) {
    if (fields.has(name)) return refuse('malformed_body')
    fields.set(name, field)
  }
  return accept(fields)
}

/** A text field; undefined when it is missing or no text. */
export function textField(fields: Fields, name: string): string | undefined {
  const value = fields.get(name)
  return typeof value === 'string' ? value : undefined
}
