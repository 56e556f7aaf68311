import { z } from 'zod'
import { adminSecretHeader } from './access.ts'
import type { Operation } from './operation.ts'

/** The admin API as OpenAPI 3.1, from the schemas that judge its requests. */
export function openApi(operations: readonly Operation[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const one of operations) {
    paths[one.path] ??= {}
    Object.assign(paths[one.path] as object, { [one.method]: described(one) })
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Handstamp: administration', version: '1' },
    paths,
    components: {
      securitySchemes: {
        adminSecret: { type: 'apiKey', in: 'header', name: adminSecretHeader },
        accessToken: { type: 'http', scheme: 'bearer', description: 'of an administrator, level 2' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-session', description: 'of an administrator, level 2' },
      },
      responses: {
        problem: { description: 'a refusal', content: { 'application/problem+json': { schema: problem } } },
      },
    },
    security: [{ adminSecret: [] }, { accessToken: [] }, { session: [] }],
  }
}

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'reason'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    reason: { type: 'string', description: 'from docs/reasons.md' },
  },
}

function described({ summary, path, query, body, answer }: Operation): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const refused = { $ref: '#/components/responses/problem' }
  return {
    summary,
    parameters: [...inPath, ...queryParameters(query)],
    ...(body === null ? {} : { requestBody: { required: true, content: jsonOf(body, 'input') } }),
    responses: {
      200: { description: summary, content: jsonOf(answer, 'output') },
      ...Object.fromEntries(['400', '401', '403', '404', '429', '503'].map((status) => [status, refused])),
    },
  }
}

function queryParameters(query: Operation['query']): object[] {
  if (query === null) return []
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' })
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }))
}

function jsonOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io })
  return { 'application/json': { schema: rest } }
}
