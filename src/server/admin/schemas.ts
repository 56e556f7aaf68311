import { z } from 'zod'

const seconds = z.int().describe('seconds since the Unix epoch')

export const accountSchema = z.object({
  id: z.string().describe('what sessions carry as user'),
  username: z.string(),
  role: z.string().nullable(),
  created_at: seconds,
  disabled: z.boolean(),
})

export const sessionSchema = z.object({
  id: z.string().describe('public handle; opens nothing'),
  user: z.string().nullable(),
  tenant: z.string().nullable(),
  current: z.boolean(),
  device: z.string(),
  address: z.string().nullable(),
  present: z.enum(['cookie', 'token']),
  level: z.int().min(1).max(3),
  methods: z.array(z.string()).describe('RFC 8176'),
  bound: z.enum(['none', 'dpop', 'dbsc']),
  remembered: z.boolean(),
  created_at: seconds,
  authenticated_at: seconds.nullable(),
  last_seen_at: seconds,
  expires_at: seconds,
  ends_at: seconds,
})

export const noteSchema = z.object({
  kind: z.enum(['ended', 'reported']),
  at: seconds,
  agent: z.string(),
  address: z.string().nullable(),
  refusedAfter: z.number().nullable().describe('milliseconds until every node refused it'),
})

export const auditSchema = z.object({
  seq: z.int().min(1),
  at: z.number().describe('milliseconds since the Unix epoch'),
  actor: z.string(),
  action: z.string(),
  subject: z.string().nullable(),
  source: z.string().nullable().describe('network of the address'),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  hash: z.string().describe('SHA-256 over the hash before and this entry, base64url'),
})

/** Numbers come as text from a query. */
function whole(least: number, most: number, fallback: number) {
  return z.coerce.number().int().min(least).max(most).default(fallback)
}

export const pageQuery = z.object({
  limit: whole(1, 1000, 100),
  after: z.string().max(256).optional().describe('the last name of the page before'),
})

export const auditQuery = z.object({
  limit: whole(1, 1000, 100),
  after: whole(0, Number.MAX_SAFE_INTEGER, 0).describe('the last seq of the page before'),
})
