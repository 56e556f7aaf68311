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
  name: z.string().nullable().describe('of the user, as the sign-in told it'),
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

/** What sessions are looked for by; all that is given must fit. */
export const wantedFields = {
  q: z.string().trim().min(1).max(256).optional().describe('in handle, user, name, tenant, address or device'),
  user: z.string().min(1).max(255).optional().describe('id of the user, whole'),
  tenant: z.string().min(1).max(255).optional(),
  address: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .optional()
    .describe('an address, its beginning, or a network: 192.0.2.0/24'),
  device: z.string().trim().min(1).max(128).optional().describe('words of the device: firefox on linux'),
  present: z.enum(['cookie', 'token']).optional(),
}

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

export const searchQuery = z.object({
  ...wantedFields,
  limit: whole(1, 1000, 100),
  after: z.string().max(64).optional().describe('next of the page before'),
})

const count = z.int().min(0)
const millis = z.number().min(0)

export const overviewSchema = z.object({
  active: z
    .object({ active: count, cookie: count, token: count, anonymous: count, at: z.number(), took: millis })
    .nullable()
    .describe('sessions that live on all nodes, as last counted; null while the first count is under way'),
  node: z.object({ current: z.boolean(), leaseAge: millis.nullable(), lapses: count, remembered: count }).nullable(),
  samples: z
    .array(
      z.object({
        at: z.number().describe('milliseconds since the Unix epoch: ten seconds from then on'),
        logins: count,
        failures: count,
        started: count,
        renewals: count,
        ended: z.record(z.string(), count).describe('by cause'),
        alarms: count.describe('reuse of a credential, and sessions that their users do not know'),
        engineCalls: count,
        engineMedian: millis.nullable().describe('ms'),
        engineP99: millis.nullable().describe('ms'),
        leaseAge: millis.nullable().describe('ms; null where no lease is needed'),
        active: count.nullable(),
      }),
    )
    .describe('the last hour of this node'),
})

export const auditQuery = z.object({
  limit: whole(1, 1000, 100),
  after: whole(0, Number.MAX_SAFE_INTEGER, 0).describe('the last seq of the page before'),
})
