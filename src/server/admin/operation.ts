import type { z } from 'zod'
import type { Check } from '../../base/reasons.ts'
import type { Here } from '../respond.ts'
import type { Administrator } from './access.ts'

/** What an operation is given, judged by its schemas. */
export interface Call<Query, Body> {
  readonly here: Here
  readonly by: Administrator
  /** From the path. */
  readonly id: string
  readonly query: Query
  readonly body: Body
}

/** One operation of the admin API: what it does, and what `/openapi.json` says of it. */
export interface Operation {
  readonly method: 'get' | 'post' | 'delete'
  /** As in OpenAPI: `/admin/users/{id}`. */
  readonly path: string
  readonly summary: string
  readonly query: z.ZodObject | null
  readonly body: z.ZodType | null
  /** Of the answer with status 200. */
  readonly answer: z.ZodType
  run(call: Call<never, never>): Promise<Check<unknown>>
}

interface Definition<Query extends z.ZodObject, Body extends z.ZodType> {
  readonly method: Operation['method']
  readonly path: string
  readonly summary: string
  readonly query?: Query
  readonly body?: Body
  readonly answer: z.ZodType
  run(call: Call<z.infer<Query>, z.infer<Body>>): Promise<Check<unknown>>
}

export function operation<Query extends z.ZodObject, Body extends z.ZodType>(
  definition: Definition<Query, Body>,
): Operation {
  return { ...definition, query: definition.query ?? null, body: definition.body ?? null } as Operation
}
