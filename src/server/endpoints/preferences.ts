import { z } from 'zod'
import { readBody } from '../../adapters/node-entry.ts'
import { fromUtf8 } from '../../base/bytes.ts'
import { parseJson } from '../../base/json.ts'
import { readFields } from '../../http/body.ts'
import { type Visit, visitOf } from '../../http/visit.ts'
import { themes } from '../pages/theme.ts'
import { languageChoices } from '../pages/words/language.ts'
import { type Choices, choicesOf, choose } from '../preferences.ts'
import { failureAnswer, type Here, safeNext, see } from '../respond.ts'

const choices = z.strictObject({ theme: z.enum(themes).optional(), language: z.enum(languageChoices).optional() })
const formFields = choices.extend({ next: z.string().max(4096).optional() })

/** `GET /preferences`: theme and language as they were chosen, signed in or not. */
export async function showPreferences(here: Here): Promise<Response> {
  return shown(here, await choicesOf(visitOf(here.env.incoming)))
}

/** `PUT /preferences`: sets those that are named in a JSON object; the others stay. Begins no session. */
export async function putPreferences(here: Here): Promise<Response> {
  const visit = visitOf(here.env.incoming)
  if (typeOf(visit) !== 'application/json') return failureAnswer(here, 'unsupported_media_type')
  const body = await readBody(here.env.incoming)
  if (!body.ok) return failureAnswer(here, body.reason)
  const json = parseJson(fromUtf8(body.value) ?? '')
  if (json === undefined) return failureAnswer(here, 'malformed_body')
  const parsed = choices.safeParse(json)
  if (!parsed.success) return failureAnswer(here, 'invalid_request')
  await choose(visit, named(parsed.data))
  return shown(here, await choicesOf(visit))
}

/** `POST /preferences`: the same for the form at the foot of the pages, and back to where it was sent from. */
export async function changeByForm(here: Here): Promise<Response> {
  const visit = visitOf(here.env.incoming)
  if (typeOf(visit) !== 'application/x-www-form-urlencoded') return failureAnswer(here, 'unsupported_media_type')
  const body = await readBody(here.env.incoming)
  const fields = body.ok ? readFields(visit.head, body.value) : body
  if (!fields.ok) return failureAnswer(here, fields.reason)
  const parsed = formFields.safeParse(Object.fromEntries(fields.value))
  if (!parsed.success) return failureAnswer(here, 'invalid_request')
  const { next, ...chosen } = parsed.data
  await choose(visit, named(chosen))
  return see(here, safeNext(next))
}

function named({ theme, language }: z.infer<typeof choices>): Partial<Choices> {
  return { ...(theme === undefined ? {} : { theme }), ...(language === undefined ? {} : { language }) }
}

function typeOf({ head }: Visit): string | undefined {
  return head.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
}

function shown(here: Here, { theme, language }: Choices): Response {
  return here.json({ theme, language }, 200, { 'Cache-Control': 'no-store' })
}
