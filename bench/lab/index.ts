import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OtherProduct } from '../../src/lab/matrix.ts'
import type { Asked, Deed, OtherOpened } from '../../src/lab/stage.ts'
import type { Contestant } from '../contestant.ts'
import { contestants } from '../contestants/index.ts'
import { betterAuthApp } from '../csrf/better-auth.ts'
import { expressSessionApp } from '../csrf/express-session.ts'

const password = 'correct horse battery staple'

/** What the lab tries its attacks on beside Handstamp, each as its documentation sets it up. */
export async function labProducts(): Promise<readonly OtherProduct[]> {
  const expressSession = { name: 'express-session', version: versionOf('express-session'), present: 'cookie' } as const
  const betterAuth = { name: 'Better Auth', version: versionOf('better-auth'), present: 'cookie' } as const
  const jwt = { name: 'a plain JWT (jsonwebtoken)', version: versionOf('jsonwebtoken'), present: 'token' } as const
  return [
    { ...expressSession, takes: ['requests', 'data'], open: opening('express-session, memory') },
    {
      ...expressSession,
      takes: ['pages'],
      open: async ({ origin, deeds }) =>
        page(expressSessionApp(origin, counted(deeds)), '/login', (user) => ({ user })),
    },
    { ...betterAuth, takes: ['requests'], open: opening('Better Auth, memory') },
    {
      ...betterAuth,
      takes: ['pages'],
      open: async ({ origin, deeds }) =>
        page(await betterAuthApp(origin, counted(deeds)), '/api/auth/sign-in/email', (user) => ({
          email: `${user}@example.com`,
          password,
        })),
    },
    { ...jwt, takes: ['requests'], open: opening('jsonwebtoken ES256') },
  ]
}

/** A contestant of the bench. */
function opening(name: string): OtherProduct['open'] {
  return async ({ hold }) => {
    const contestant = contestants.find((one): one is Contestant => one.name === name)
    if (contestant === undefined) throw new Error(`there is no contestant ${name}`)
    const folder = mkdtempSync(join(tmpdir(), 'handstamp-lab-'))
    const secret = randomBytes(32).toString('base64url')
    const application = await contestant.start({ secret, folder, hold, lifetime: 300, role: 'begins' })
    return {
      listener: application.listener as RequestListener,
      close: async () => {
        await application.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  }
}

/** The applications of the comparison of pages count notes and sockets. */
function counted(deeds: { notes: number }): { notes: number; sockets: number } {
  return Object.assign(deeds, { sockets: 0 })
}

function page(
  { listener }: { readonly listener: unknown },
  login: string,
  fields: (user: string) => Deed['fields'],
): OtherOpened {
  const asked: Asked = {
    me: '/whoami',
    login: (user) => ({ path: login, fields: fields(user) }),
    logout: { path: login.startsWith('/api') ? '/api/auth/sign-out' : '/logout', fields: {} },
    note: { path: '/note', fields: { text: 'hello' } },
  }
  return { listener: listener as RequestListener, asked, close: async () => {} }
}

function versionOf(name: string): string {
  const manifest = readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}
