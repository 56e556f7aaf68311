import { decodeJwt, decodeProtectedHeader } from 'jose'
import { genesis } from '../model/log.ts'
import { partitionOfSid } from '../model/partition.ts'
import type { Presentation, Sid } from '../model/session.ts'
import type { Route } from './application.ts'
import type { Client } from './client.ts'
import { createStage, type OwnTarget, type Stage } from './stage.ts'
import { asVictim, signIn } from './steps.ts'
import { type Entry, shown } from './transcript.ts'

/** The five steps of the life of a session. */
export const steps = ['login', 'storage', 'transmission', 'validation', 'logout'] as const
export type Step = (typeof steps)[number]

/** What is worth looking at beside the messages. */
export interface Panel {
  readonly title: string
  readonly text: string
}

export interface Scene {
  readonly step: Step
  readonly entries: readonly Entry[]
  readonly panels: readonly Panel[]
  /** Length of what a request carries then: both cookies with their names, or the access token. */
  readonly bytes: number
}

/** Leads one session through its life, on a server of its own. */
export async function liveThrough(present: Presentation): Promise<readonly Scene[]> {
  const staged = createStage({ present, on: new Set(), other: null })
  let told = 0
  const sinceThen = (): readonly Entry[] => {
    const all = staged.entries()
    const news = all.slice(told)
    told = all.length
    return news
  }
  try {
    const { stage } = staged
    const target = await stage.openOwn({ route: cart })
    const client = stage.client('victim', target)
    const act: Act = { stage, target, client, sid: null }
    const scenes: Scene[] = []
    for (const step of steps) {
      const panels = await acts[step](act)
      scenes.push({ step, entries: sinceThen(), panels, bytes: carried(client) })
    }
    return scenes
  } finally {
    await staged.close()
  }
}

function carried(client: Client): number {
  const { cookies, access } = client.held()
  return access?.length ?? [...cookies].map(([name, value]) => `${name}=${value}`).join('; ').length
}

/** Puts something into the data of the session. */
const cart: Route = async ({ request, url, done }) => {
  if (url.pathname !== '/cart') return false
  await request.session.set('cart', { first: url.searchParams.get('value') ?? '' })
  done(204)
  return true
}

interface Act {
  readonly stage: Stage
  readonly target: OwnTarget
  readonly client: Client
  /** Once somebody has signed in. */
  sid: Sid | null
}

const acts: Readonly<Record<Step, (act: Act) => Promise<readonly Panel[]>>> = {
  login: async (act) => {
    await signIn(act.client)
    act.sid = (await act.target.auth.list('ada'))[0]?.id ?? null
    return heldBy(act.client)
  },
  storage: async (act) => {
    await act.client.send('POST', '/cart?value=book')
    const { sid, target } = act
    const data = sid === null ? null : await target.backend.store.data(sid)
    return [
      await recordOf(act),
      { title: 'Its data, apart from it', text: JSON.stringify(Object.fromEntries(data ?? []), null, 2) },
      {
        title: 'What stands nowhere',
        text: 'No credential and no password is stored: the credential is made from the salt in the record and the secret of the server.',
      },
    ]
  },
  transmission: async ({ client }) => {
    await client.send('GET', '/me')
    return [
      {
        title: 'What goes along with each request',
        text: Object.entries(headersOf(client))
          .map(([name, value]) => shown(`${name}: ${value}`))
          .join('\n'),
      },
    ]
  },
  validation: async ({ stage, target, client }) => {
    stage.clock.advance(60_000)
    await client.send('GET', '/me')
    const calls =
      'The snapshot is opened, or found in the cache; the view of the revocation log is asked; the lease is looked at. The store is asked for nothing.'
    return [
      { title: 'The check', text: calls },
      ...decoded(client),
      { title: 'This node’s view of the log', text: JSON.stringify(target.auth.status(), null, 2) },
    ]
  },
  logout: async (act) => {
    const { stage, target, client } = act
    const copy = stage.client('attacker', target)
    copy.take(client.held())
    await client.send('POST', '/logout')
    const { evidence } = await asVictim(copy)
    return [await recordOf(act), await logOf(act), { title: 'A copy, used afterwards', text: evidence }]
  },
}

function heldBy(client: Client): readonly Panel[] {
  const { cookies, access, refresh } = client.held()
  const lines = [...cookies].map(([name, value]) => shown(`${name}=${value}`))
  if (access !== null) lines.push(shown(`access token: ${access}`))
  if (refresh !== null) lines.push(shown(`refresh token: ${refresh}`))
  return [{ title: 'What the client holds', text: lines.join('\n') }, ...decoded(client)]
}

/** An access token can be read by whoever has it; the snapshot of a cookie pair is sealed. */
function decoded(client: Client): readonly Panel[] {
  const { access } = client.held()
  if (access === null)
    return [
      {
        title: 'The snapshot, read by a stranger',
        text: 'Sealed (AES-256-GCM): nothing in it can be read without the server’s secret.',
      },
    ]
  const text = JSON.stringify({ header: decodeProtectedHeader(access), payload: decodeJwt(access) }, null, 2)
  return [{ title: 'The access token, decoded', text }]
}

function headersOf(client: Client): Readonly<Record<string, string>> {
  const { cookies, access } = client.held()
  return access === null
    ? { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
    : { Authorization: `Bearer ${access}` }
}

async function recordOf({ target, sid }: Act): Promise<Panel> {
  const found = sid === null ? null : await target.backend.store.find(sid)
  return { title: 'The record in the store', text: found === null ? 'none' : JSON.stringify(found.record, null, 2) }
}

async function logOf({ target, sid }: Act): Promise<Panel> {
  const page = await target.backend.log.read(sid === null ? 0 : partitionOfSid(sid), genesis, 10)
  const entries = page.kind === 'entries' ? page.entries : []
  return { title: 'The log of revocations', text: JSON.stringify(entries, null, 2) }
}
