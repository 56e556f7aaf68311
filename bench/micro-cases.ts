import { randomBytes } from 'node:crypto'
import { insideOf } from '../src/http/auth.ts'
import { readCookies } from '../src/http/cookie.ts'
import { readPlainPair } from '../src/http/plain-pair.ts'
import { createPasswords } from '../src/server/password.ts'
import { manualClock } from '../src/testing/manual-clock.ts'
import { userName } from './credentials.ts'
import type { Case } from './measure.ts'
import { authOn, countedBackend, type StoreName } from './micro-world.ts'

/** What each step of a session costs; apart from HTTP. Inputs are texts made anew for each operation, as they come off a socket. */
export function sessionCases(): readonly Case[] {
  return [
    ...(['memory', 'SQLite'] as const).flatMap((store) => [
      ...(['cookie', 'token'] as const).flatMap((present) => [
        createCase(store, present),
        seenCase(store, present),
        ...(store === 'memory' ? [firstSeenCase(present)] : []),
        renewCase(store, present),
      ]),
      revokeCase(store),
    ]),
    ...refusedCases(),
    logCase(),
    ...cookieCases(),
  ]
}

/** A login and a check of its password, as the server does it: argon2id. */
export function passwordCase(): Case {
  const passwords = createPasswords()
  const counted = countedBackend('memory')
  const auth = authOn(counted.backend, 'cookie')
  return {
    name: 'login with its password, memory',
    block: 10,
    storeCalls: counted.calls,
    prepare: async () => {
      const hashed = await passwords.hash('correct horse battery staple')
      if (!hashed.ok) throw new Error('no hash')
      return async (index) => {
        await passwords.verify('correct horse battery staple', hashed.value)
        return auth.create({ user: userName(index) })
      }
    },
  }
}

type Present = 'cookie' | 'token'

let lastUser = 0

/** Users with one session each, so that no limit is reached. */
function nextUser(): string {
  return `u${String(lastUser++).padStart(7, '0')}`
}

function createCase(store: StoreName, present: Present): Case {
  const counted = countedBackend(store)
  const auth = authOn(counted.backend, present)
  const prepare = () => () => auth.create({ user: nextUser() })
  return {
    name: `create ${present}, ${store}`,
    storeCalls: counted.calls,
    prepare,
    block: store === 'memory' ? 2000 : 300,
  }
}

/** Sessions to be checked: the bytes of credential and snapshot. */
async function begin(auth: ReturnType<typeof authOn>, count: number) {
  const made: { readonly id: string; readonly credential: Buffer; readonly snapshot: Buffer }[] = []
  for (let index = 0; index < count; index++) {
    const created = await auth.create({ user: nextUser() })
    if (!created.ok) throw new Error(created.reason)
    const { session, credential, snapshot } = created.value
    made.push({ id: session.id, credential: Buffer.from(credential), snapshot: Buffer.from(snapshot) })
  }
  return made
}

function presented(
  present: Present,
  { credential, snapshot }: { readonly credential: Buffer; readonly snapshot: Buffer },
) {
  if (present === 'token') return { accessToken: snapshot.toString('latin1') }
  return { credential: credential.toString('latin1'), snapshot: snapshot.toString('latin1') }
}

function seenCase(store: StoreName, present: Present): Case {
  const counted = countedBackend(store)
  const auth = authOn(counted.backend, present)
  return {
    name: `check a seen ${present}, ${store}`,
    storeCalls: counted.calls,
    prepare: async () => {
      const made = await begin(auth, 300)
      for (const one of made) await mustPass(auth.validate(presented(present, one)))
      return (index) => auth.validate(presented(present, made[(index * 7) % made.length] as (typeof made)[number]))
    },
  }
}

function firstSeenCase(present: Present): Case {
  const counted = countedBackend('memory')
  const auth = authOn(counted.backend, present)
  return {
    name: `check a first-seen ${present}, memory`,
    storeCalls: counted.calls,
    block: 1000,
    prepare: async (count) => {
      // Issued within the second in which this node began, one would be asked for at the store (decision 018).
      await auth.ready()
      await new Promise((resolve) => setTimeout(resolve, 1100))
      const made = await begin(auth, count)
      return (index) => auth.validate(presented(present, made[index] as (typeof made)[number]))
    },
  }
}

async function mustPass(checked: Promise<{ readonly ok: boolean }>): Promise<void> {
  if (!(await checked).ok) throw new Error('not accepted')
}

/** Past grace and the quiet zone, so that each renewal rotates. */
const later = 60_000

function renewCase(store: StoreName, present: Present): Case {
  const clock = manualClock(Date.now())
  const counted = countedBackend(store, clock)
  const auth = authOn(counted.backend, present, { clock })
  return {
    name: present === 'cookie' ? `renew a cookie in passing, ${store}` : `refresh, ${store}`,
    storeCalls: counted.calls,
    block: store === 'memory' ? 1000 : 300,
    prepare: async (count) => {
      const made = await begin(auth, count)
      clock.advance(later)
      const { opened } = insideOf(auth)
      const engine = opened?.engine
      return async (index) => {
        const credential = (made[index] as (typeof made)[number]).credential.toString('latin1')
        const request = { credential, carrier: present, hasBody: false, readOnly: false } as const
        const renewed = await (present === 'token' ? auth.refresh(credential) : engine?.renew(request))
        if (renewed?.ok !== true) throw new Error('not renewed')
      }
    },
  }
}

function revokeCase(store: StoreName): Case {
  const counted = countedBackend(store)
  const auth = authOn(counted.backend, 'cookie')
  return {
    name: `revoke, ${store}`,
    storeCalls: counted.calls,
    block: store === 'memory' ? 1000 : 300,
    prepare: async (count) => {
      const made = await begin(auth, count)
      return (index) => auth.revoke((made[index] as (typeof made)[number]).id)
    },
  }
}

/** One node revokes, the other applies what it has missed, all at once: figures are for one entry. */
function logCase(): Case {
  const counted = countedBackend('memory')
  const writer = authOn(counted.backend, 'cookie')
  const reader = authOn(counted.backend, 'cookie')
  const entries = 1000
  return {
    name: `apply ${entries} entries of the log, memory`,
    block: 1,
    prepare: async (count) => {
      const made = await begin(writer, entries)
      const [probe] = await begin(writer, 1)
      await mustPass(reader.validate(presented('cookie', probe as (typeof made)[number])))
      for (const { id } of made) await writer.revoke(id)
      // The few operations before the block would apply them all.
      return (index) => index < count - 1 || reader.validate(presented('cookie', probe as (typeof made)[number]))
    },
  }
}

function refusedCases(): readonly Case[] {
  const counted = countedBackend('memory')
  const other = countedBackend('memory')
  const cookies = authOn(counted.backend, 'cookie')
  const tokens = authOn(counted.backend, 'token')
  const stranger = authOn(other.backend, 'token', { secrets: 'another-secret-of-the-bench-0123456789' })
  const refused = (
    name: string,
    expected: string,
    text: () => Promise<() => Parameters<typeof tokens.validate>[0]>,
  ): Case => ({
    name: `refuse ${name}`,
    storeCalls: counted.calls,
    prepare: async () => {
      const next = await text()
      const auth = 'accessToken' in next() ? tokens : cookies
      const first = await auth.validate(next())
      if (first.ok || first.reason !== expected) throw new Error(`${name}: ${JSON.stringify(first)}`)
      return () => auth.validate(next())
    },
  })
  const token = async (auth: typeof tokens): Promise<string> =>
    (await begin(auth, 1))[0]?.snapshot.toString('latin1') ?? ''
  const garbage = (bytes: number) => randomBytes(bytes).toString('base64url')
  return [
    refused('a token of garbage', 'malformed_token', async () => () => ({ accessToken: garbage(400) })),
    refused('a token of an unknown key', 'unknown_key', async () => {
      const own = await token(stranger)
      return () => ({ accessToken: own.slice(0, own.lastIndexOf('.') + 1) + garbage(64) })
    }),
    refused('a token with a forged signature', 'bad_signature', async () => {
      const own = await token(tokens)
      return () => ({ accessToken: own.slice(0, own.lastIndexOf('.') + 1) + garbage(64) })
    }),
    refused('a token of a revoked session', 'revoked', async () => {
      const [one] = await begin(tokens, 1)
      await mustPass(tokens.validate({ accessToken: one?.snapshot.toString('latin1') ?? '' }))
      await tokens.revoke(one?.id ?? '')
      return () => ({ accessToken: one?.snapshot.toString('latin1') ?? '' })
    }),
    refused('a cookie of garbage', 'malformed_credential', async () => () => ({
      credential: 'x'.repeat(60),
      snapshot: garbage(300),
    })),
    refused('a cookie with a forged mark', 'forged_credential', async () => {
      const [one] = await begin(cookies, 1)
      const named = Buffer.from(one?.credential.toString('latin1') ?? '', 'base64url').subarray(0, 8)
      const forged = (): string => Buffer.concat([named, randomBytes(40)]).toString('base64url')
      return () => ({ credential: forged(), snapshot: garbage(300) })
    }),
    refused('a cookie of a revoked session', 'revoked', async () => {
      const [one] = await begin(cookies, 1)
      await cookies.revoke(one?.id ?? '')
      return () => ({
        credential: one?.credential.toString('latin1') ?? '',
        snapshot: one?.snapshot.toString('latin1') ?? '',
      })
    }),
  ]
}

function cookieCases(): readonly Case[] {
  const header = Buffer.from(
    `theme=dark; __Host-session=${randomBytes(48).toString('base64url')}; __Host-snapshot=${randomBytes(320).toString('base64url')}`,
  )
  const names = ['__Host-session', '__Host-snapshot'] as const
  return [
    {
      name: 'read the pair out of a Cookie header',
      prepare: () => () => readPlainPair(header.toString('latin1'), ...names),
    },
    { name: 'the same by the letter', prepare: () => () => readCookies(header.toString('latin1'), names) },
  ]
}
