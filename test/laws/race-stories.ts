import { minute } from '../../src/base/clock.ts'
import type { TokenAnswer } from '../../src/engine/issue.ts'
import type { Sid } from '../../src/model/session.ts'
import { type Answer, type Asked, cookiesOf, jarOf, onlyCookie, sessionCookie } from './client.ts'
import type { World } from './race-world.ts'

/** Requests that overlap, and what must hold however their operations at the store fall. */
export interface Story {
  readonly name: string
  /** Requirements that it shows. */
  readonly laws: string
  /** How many orders there are: thousands take a while, of millions only random ones can be tried. */
  readonly orders?: 'thousands' | 'millions'
  /** Everything before the race: the store is open. */
  prepare(world: World, user: string): Promise<Cast>
  /** What must be true afterwards. Null, or what is broken. */
  judge(trial: Trial): Promise<string | null>
}

/** The session in question and the requests that race for it, by flow. */
export interface Cast {
  readonly sid: Sid
  /** Cookie header of the session; '' for tokens. */
  readonly jar: string
  readonly tokens: TokenAnswer | null
  readonly requests: Readonly<Record<string, () => Promise<Answer>>>
}

export interface Trial {
  readonly world: World
  readonly user: string
  readonly cast: Cast
  readonly answers: ReadonlyMap<string, Answer>
  /** Counts something that is worth telling and no breach. */
  readonly note: (what: string) => void
}

const afterQuiet = minute

/** Signs somebody in with cookies. */
async function enterWithCookies(world: World, user: string): Promise<{ readonly sid: Sid; readonly jar: string }> {
  const answer = await world.ask(0, 'POST', `/login?user=${user}`)
  return { sid: (JSON.parse(answer.body) as { id: Sid }).id, jar: jarOf(answer) }
}

async function enterWithTokens(
  world: World,
  user: string,
): Promise<{ readonly sid: Sid; readonly tokens: TokenAnswer }> {
  const answer = await world.ask(0, 'POST', `/login?user=${user}&present=token`)
  const tokens = JSON.parse(answer.body) as TokenAnswer
  const me = await world.ask(0, 'GET', '/me', { bearer: tokens.access_token })
  return { sid: (JSON.parse(me.body) as { id: Sid }).id, tokens }
}

/** A cookie session with something stored, and requests that all carry its cookies. */
function withCookies(requests: (ask: Ask, jar: string) => Cast['requests'], wait = 0): Story['prepare'] {
  return async (world, user) => {
    const { sid, jar } = await enterWithCookies(world, user)
    await world.ask(0, 'POST', '/write?key=kept&value=yes', { cookie: jar })
    world.clock.advance(wait)
    const ask: Ask = (flow, method, path, asked = { cookie: jar }) =>
      world.ask(flow === 'a' ? 0 : 1, method, path, { ...asked, flow })
    return { sid, jar, tokens: null, requests: requests(ask, jar) }
  }
}

/** Flow `a` comes to the first node, `b` to the second one, if there is one. */
type Ask = (flow: 'a' | 'b', method: string, path: string, asked?: Asked) => Promise<Answer>

function withTokens(requests: (ask: Ask, tokens: TokenAnswer) => Cast['requests']): Story['prepare'] {
  return async (world, user) => {
    const { sid, tokens } = await enterWithTokens(world, user)
    world.clock.advance(afterQuiet)
    const ask: Ask = (flow, method, path, asked = {}) =>
      world.ask(flow === 'a' ? 0 : 1, method, path, { ...asked, flow })
    return { sid, jar: '', tokens, requests: requests(ask, tokens) }
  }
}

function statusOf({ answers }: Trial, flow: string): number {
  return answers.get(flow)?.status ?? 0
}

function expectStatus(trial: Trial, flow: string, ...allowed: readonly number[]): string | null {
  const status = statusOf(trial, flow)
  return allowed.includes(status) ? null : `${flow} was answered ${status}: ${trial.answers.get(flow)?.body}`
}

/** Every credential that anybody ever got is refused by every node, and the store holds the session as ended, with no data. */
async function dead(trial: Trial): Promise<string | null> {
  const { world, cast, answers } = trial
  const record = (await world.inner.store.find(cast.sid))?.record
  const trail = record?.state.kind === 'moved' ? record.state.to : cast.sid
  const last = (await world.inner.store.find(trail))?.record
  const bumped = last?.user == null ? 0 : await world.inner.store.generation({ kind: 'user', user: last.user })
  if (last?.state.kind === 'live' && last.generations.user >= bumped) return 'the session lives in the store'
  if (last?.state.kind !== 'live' && (await world.inner.store.data(trail)) !== null) return 'its data is still there'
  const jars = [cast.jar, ...[...answers.values()].map(jarOf)].filter((jar) => jar !== '')
  const tries: Asked[] = jars.flatMap((jar) => [{ cookie: jar }, { cookie: onlyCookie(jar, sessionCookie) }])
  const tokens = [cast.tokens, ...[...answers.values()].map(tokensIn)].filter((one) => one !== null)
  tries.push(...tokens.map(({ access_token }) => ({ bearer: access_token })))
  for (const [node] of world.clients.entries()) {
    for (const asked of tries) {
      const { status } = await world.ask(node, 'GET', '/me', asked)
      if (status !== 401) return `a copied credential is answered ${status}`
    }
    for (const { refresh_token } of tokens) {
      if (refresh_token === undefined) continue
      const form = { grant_type: 'refresh_token', refresh_token }
      const { status } = await world.ask(node, 'POST', '/auth/token', { form })
      if (status !== 400) return `a copied refresh token is answered ${status}`
    }
  }
  return null
}

function tokensIn({ status, body }: Answer): TokenAnswer | null {
  if (status !== 200 || !body.includes('access_token')) return null
  return JSON.parse(body) as TokenAnswer
}

async function dataOf(
  trial: Trial,
  jar: string,
  ...keys: readonly string[]
): Promise<Readonly<Record<string, unknown>>> {
  const query = keys.map((key) => `key=${key}`).join('&')
  const { body } = await trial.world.ask(0, 'GET', `/data?${query}`, { cookie: jar })
  return JSON.parse(body) as Record<string, unknown>
}

async function firstBroken(
  checks: readonly (string | null | (() => Promise<string | null>))[],
): Promise<string | null> {
  for (const check of checks) {
    const broken = typeof check === 'function' ? await check() : check
    if (broken !== null) return broken
  }
  return null
}

const endedByLogout: Story['judge'] = (trial) =>
  firstBroken([expectStatus(trial, 'a', 200, 204, 401), expectStatus(trial, 'b', 204), () => dead(trial)])

/** Both were renewed, and hold the same credential: one head of the family. */
async function oneSuccessor(trial: Trial): Promise<string | null> {
  const got = ['a', 'b'].map((flow) => cookiesOf(trial.answers.get(flow) as Answer).get(sessionCookie))
  const [first] = got
  if (first === undefined || first === '' || got.some((one) => one !== first)) return 'the successors differ'
  const jar = jarOf(trial.answers.get('b') as Answer)
  const { status } = await trial.world.ask(0, 'GET', '/me', { cookie: onlyCookie(jar, sessionCookie) })
  return status === 200 ? null : `the successor is answered ${status}`
}

function formOf({ refresh_token = '' }: TokenAnswer): Asked {
  return { form: { grant_type: 'refresh_token', refresh_token } }
}

/** A session whose rights have just changed, so that its next renewal gives it another identity. */
function afterChange(requests: (ask: Ask, jar: string) => Cast['requests']): Story['prepare'] {
  return async (world, user) => {
    const cast = await withCookies(requests, afterQuiet)(world, user)
    await world.auths[0]?.update(cast.sid, { claims: { role: 'admin' } })
    return cast
  }
}

/** Renews by the long-lived cookie alone. Gives the new one. */
async function renewOnce(world: World, jar: string): Promise<string> {
  world.clock.advance(afterQuiet)
  return onlyCookie(jarOf(await world.ask(0, 'GET', '/me', { cookie: jar })), sessionCookie)
}

/** The rights of the session change, so that its next renewal, in flow `a`, gives it another identity. */
async function movesAgainst(
  world: World,
  { sid, jar }: Pick<Cast, 'sid' | 'jar'>,
  requests: (moving: () => Promise<Answer>) => Cast['requests'],
): Promise<Cast> {
  world.clock.advance(afterQuiet)
  await world.auths[0]?.update(sid, { claims: { role: 'admin' } })
  const moving = (): Promise<Answer> =>
    world.ask(0, 'GET', '/me', { cookie: onlyCookie(jar, sessionCookie), flow: 'a' })
  return { sid, jar, tokens: null, requests: requests(moving) }
}

export const stories: readonly Story[] = [
  {
    name: 'a slow request that writes, and a logout',
    laws: 'P-D2, S6, V3',
    prepare: withCookies((ask) => ({
      a: () => ask('a', 'POST', '/read-then-write?key=note&value=late'),
      b: () => ask('b', 'POST', '/logout'),
    })),
    judge: endedByLogout,
  },
  {
    name: 'a slow request that writes, and the end of all sessions',
    laws: 'P-D2, S6, V3',
    prepare: withCookies((ask) => ({
      a: () => ask('a', 'POST', '/write?key=note&value=late'),
      b: () => ask('b', 'POST', '/logout-everywhere'),
    })),
    judge: endedByLogout,
  },
  {
    name: 'a slow request that reads, and a logout',
    laws: 'P-D2, S6',
    prepare: withCookies((ask) => ({
      a: () => ask('a', 'GET', '/data?key=kept'),
      b: () => ask('b', 'POST', '/logout'),
    })),
    judge: (trial) => {
      const body = trial.answers.get('a')?.body
      const read = statusOf(trial, 'a') !== 200 || body === '{"kept":"yes"}'
      return firstBroken([read ? null : `a read ${body}`, () => endedByLogout(trial)])
    },
  },
  {
    name: 'two requests that write different keys',
    laws: 'P-D1, V3',
    prepare: withCookies((ask) => ({
      a: () => ask('a', 'POST', '/read-then-write?key=first&value=1'),
      b: () => ask('b', 'POST', '/read-then-write?key=second&value=2'),
    })),
    judge: async (trial) => {
      const found = JSON.stringify(await dataOf(trial, trial.cast.jar, 'first', 'second', 'kept'))
      const both = found === '{"first":"1","second":"2","kept":"yes"}'
      return firstBroken([expectStatus(trial, 'a', 204), expectStatus(trial, 'b', 204), both ? null : `kept ${found}`])
    },
  },
  {
    name: 'two requests that count with update()',
    laws: 'P-D1, V3',
    prepare: withCookies((ask) => ({
      a: () => ask('a', 'POST', '/count'),
      b: () => ask('b', 'POST', '/count'),
    })),
    judge: async (trial) => {
      const { count } = await dataOf(trial, trial.cast.jar, 'count')
      const told = ['a', 'b'].map((flow) => trial.answers.get(flow)?.body).sort()
      return count === 2 && told.join() === '1,2' ? null : `counted ${JSON.stringify(count)}, told ${told}`
    },
  },
  {
    name: 'a sign-in, and a slow request of the anonymous visitor',
    laws: 'P-D2, S2, V3',
    prepare: async (world, user) => {
      const begun = await world.ask(0, 'POST', '/write?key=cart&value=book')
      const jar = jarOf(begun)
      const me = await world.ask(0, 'GET', '/me', { cookie: jar })
      return {
        sid: (JSON.parse(me.body) as { id: Sid }).id,
        jar,
        tokens: null,
        requests: {
          a: () => world.ask(0, 'POST', `/login?user=${user}`, { cookie: jar, flow: 'a' }),
          b: () => world.ask(1, 'POST', '/write?key=late&value=pen', { cookie: jar, flow: 'b' }),
        },
      }
    },
    judge: judgeSignIn,
  },
  {
    name: 'a renewal in passing, and a logout',
    laws: 'P-D2, S6, P-I5',
    prepare: withCookies(
      (ask, jar) => ({
        a: () => ask('a', 'GET', '/me', { cookie: onlyCookie(jar, sessionCookie) }),
        b: () => ask('b', 'POST', '/logout'),
      }),
      afterQuiet,
    ),
    judge: endedByLogout,
  },
  {
    name: 'a refresh, and a logout',
    laws: 'P-D2, S6, P-I5',
    prepare: withTokens((ask, tokens) => ({
      a: () => ask('a', 'POST', '/auth/token', formOf(tokens)),
      b: () => ask('b', 'POST', '/auth/logout', { bearer: tokens.access_token }),
    })),
    judge: (trial) =>
      firstBroken([expectStatus(trial, 'a', 200, 400), expectStatus(trial, 'b', 204), () => dead(trial)]),
  },
  {
    name: 'a refresh, and the end of all sessions',
    laws: 'P-D2, S6, P-I3',
    prepare: withTokens((ask, tokens) => ({
      a: () => ask('a', 'POST', '/auth/token', formOf(tokens)),
      b: () => ask('b', 'POST', '/logout-everywhere', { bearer: tokens.access_token }),
    })),
    judge: (trial) =>
      firstBroken([expectStatus(trial, 'a', 200, 400), expectStatus(trial, 'b', 204), () => dead(trial)]),
  },
  {
    name: 'a renewal that gives the session another identity, and its end by an administrator',
    laws: 'P-D2, S6, S9',
    prepare: async (world, user) => {
      const { sid, jar } = await enterWithCookies(world, user)
      return movesAgainst(world, { sid, jar }, (moving) => ({
        a: moving,
        b: () => world.ask(1, 'POST', `/end?id=${sid}`, { flow: 'b' }),
      }))
    },
    judge: endedByLogout,
  },
  {
    name: 'a renewal that gives the session another identity, and a thief',
    laws: 'P-D2, R1',
    orders: 'thousands',
    prepare: async (world, user) => {
      const { sid, jar } = await enterWithCookies(world, user)
      const stolen = onlyCookie(jar, sessionCookie)
      const second = await renewOnce(world, stolen)
      const third = await renewOnce(world, second)
      return movesAgainst(world, { sid, jar: third }, (moving) => ({
        a: moving,
        b: () => world.ask(1, 'GET', '/me', { cookie: stolen, flow: 'b' }),
      }))
    },
    judge: (trial) =>
      firstBroken([expectStatus(trial, 'a', 200, 401), expectStatus(trial, 'b', 401), () => dead(trial)]),
  },
  {
    name: 'a renewal that gives the session another identity, and a change of role',
    laws: 'P-I4',
    orders: 'thousands',
    prepare: async (world, user) => {
      const { sid, jar } = await enterWithCookies(world, user)
      return movesAgainst(world, { sid, jar }, (moving) => ({
        a: moving,
        b: () => world.ask(1, 'POST', `/role?id=${sid}&role=guest`, { flow: 'b' }),
      }))
    },
    judge: async (trial) => {
      const wrong = expectStatus(trial, 'a', 200) ?? expectStatus(trial, 'b', 204)
      if (wrong !== null) return wrong
      const jar = jarOf(trial.answers.get('a') as Answer)
      const { body } = await trial.world.ask(0, 'GET', '/me', { cookie: jar })
      return body.includes('"role":"guest"') ? null : `the role is ${body}`
    },
  },
  {
    name: 'two sign-ins of one anonymous visitor',
    laws: 'P-D2, S2',
    orders: 'millions',
    prepare: async (world, user) => {
      const jar = jarOf(await world.ask(0, 'POST', '/write?key=cart&value=book'))
      const me = await world.ask(0, 'GET', '/me', { cookie: jar })
      const signIn = (node: number, flow: string) => (): Promise<Answer> =>
        world.ask(node, 'POST', `/login?user=${user}`, { cookie: jar, flow })
      const { id } = JSON.parse(me.body) as { id: Sid }
      return { sid: id, jar, tokens: null, requests: { a: signIn(0, 'a'), b: signIn(1, 'b') } }
    },
    judge: async (trial) => {
      const wrong = expectStatus(trial, 'a', 200) ?? expectStatus(trial, 'b', 200)
      return wrong ?? dead({ ...trial, answers: new Map() })
    },
  },
  {
    name: 'two renewals in passing',
    laws: 'P-P1, R2, R3',
    prepare: withCookies(
      (ask, jar) => ({
        a: () => ask('a', 'GET', '/me', { cookie: onlyCookie(jar, sessionCookie) }),
        b: () => ask('b', 'GET', '/me', { cookie: onlyCookie(jar, sessionCookie) }),
      }),
      afterQuiet,
    ),
    judge: (trial) =>
      firstBroken([expectStatus(trial, 'a', 200), expectStatus(trial, 'b', 200), () => oneSuccessor(trial)]),
  },
  {
    name: 'two renewals that give the session another identity',
    laws: 'P-P1, R2, S2',
    prepare: afterChange((ask, jar) => ({
      a: () => ask('a', 'GET', '/me', { cookie: onlyCookie(jar, sessionCookie) }),
      b: () => ask('b', 'GET', '/me', { cookie: onlyCookie(jar, sessionCookie) }),
    })),
    judge: (trial) =>
      firstBroken([expectStatus(trial, 'a', 200), expectStatus(trial, 'b', 200), () => oneSuccessor(trial)]),
  },
  {
    name: 'two logouts',
    laws: 'S6',
    prepare: withCookies((ask) => ({
      a: () => ask('a', 'POST', '/logout'),
      b: () => ask('b', 'POST', '/logout'),
    })),
    judge: endedByLogout,
  },
]

/** The anonymous session is over whatever happens, and what it held before the sign-in began has come along. */
async function judgeSignIn(trial: Trial): Promise<string | null> {
  const { world, cast, answers, user, note } = trial
  const signedIn = answers.get('a') as Answer
  const wrong = expectStatus(trial, 'a', 200) ?? expectStatus(trial, 'b', 204, 401)
  if (wrong !== null) return wrong
  const jar = jarOf(signedIn)
  const me = await world.ask(0, 'GET', '/me', { cookie: jar })
  if (!me.body.includes(`"${user}"`)) return `the new session is answered ${me.status} ${me.body}`
  const { cart, late } = await dataOf(trial, jar, 'cart', 'late')
  if (cart !== 'book') return `the cart was lost: ${JSON.stringify(cart)}`
  const written = statusOf(trial, 'b') === 204
  if (!written && late !== null) return 'a refused write was carried out'
  note(
    written ? (late === 'pen' ? 'a late write came along' : 'a late write stayed behind') : 'a late write was refused',
  )
  const before = new Map([...answers].filter(([flow]) => flow === 'b'))
  return dead({ ...trial, cast, answers: before })
}
