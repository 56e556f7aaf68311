import { z } from 'zod'
import { toSeconds } from '../../base/clock.ts'
import { accept, type Check, refuse } from '../../base/reasons.ts'
import type { PublicSession } from '../../model/session.ts'
import type { Account } from '../account.ts'
import type { Accounts } from '../accounts.ts'
import { listedView } from '../endpoints/session-view.ts'
import type { Here } from '../respond.ts'
import { type Call, type Operation, operation } from './operation.ts'
import { accountSchema, auditSchema, noteSchema, pageQuery, sessionSchema } from './schemas.ts'

const mostSessions = 1000

export const userOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/admin/users',
    summary: 'Accounts in the order of their names, after a name',
    query: pageQuery,
    answer: z.object({ users: z.array(accountSchema) }),
    run: async ({ here, query }) =>
      withAccounts(here, async (accounts) => {
        const users = await accounts.list(query.limit, query.after)
        return accept({ users: users.map(accountView) })
      }),
  }),
  operation({
    method: 'get',
    path: '/admin/users/{id}',
    summary: 'An account by its id or its name, with its sessions',
    answer: z.object({ user: accountSchema, sessions: z.array(sessionSchema) }),
    run: (call) =>
      onAccount(call, async (account) => {
        const sessions = await call.here.var.desk.auth.list(account.id, mostSessions)
        return accept({ user: accountView(account), sessions: sessions.map(sessionView) })
      }),
  }),
  operation({
    method: 'post',
    path: '/admin/users/{id}/disable',
    summary: 'Lets an account sign in no more, and ends all its sessions; returns when every node refuses them',
    answer: accountSchema,
    run: (call) => onAccount(call, (account, accounts) => disable(call, account, accounts)),
  }),
  operation({
    method: 'post',
    path: '/admin/users/{id}/enable',
    summary: 'Lets an account sign in again',
    answer: accountSchema,
    run: (call) =>
      onAccount(call, async (account, accounts) => {
        await audited(call, 'user.enable', account)
        const enabled = await accounts.enable(account.id)
        return enabled.ok ? accept(accountView(enabled.value)) : enabled
      }),
  }),
  operation({
    method: 'get',
    path: '/admin/users/{id}/export',
    summary: 'Everything that is kept about a person: account, sessions, notes, audit log',
    answer: z.object({
      user: accountSchema,
      sessions: z.array(sessionSchema),
      notes: z.array(noteSchema),
      audit: z.array(auditSchema),
    }),
    run: (call) => onAccount(call, (account) => exported(call, account)),
  }),
  operation({
    method: 'delete',
    path: '/admin/users/{id}',
    summary: 'Ends all sessions of an account and erases it, with its notes; the audit log keeps its id',
    answer: z.object({ erased: z.literal(true) }),
    run: (call) => onAccount(call, (account, accounts) => erase(call, account, accounts)),
  }),
]

type AnyCall = Pick<Call<unknown, unknown>, 'here' | 'by' | 'id'>

/** Disabled first, so that no session begins meanwhile (S7). */
async function disable(call: AnyCall, account: Account, accounts: Accounts): Promise<Check<unknown>> {
  await audited(call, 'user.disable', account)
  const disabled = await accounts.disable(account.id)
  if (!disabled.ok) return disabled
  await call.here.var.desk.auth.revokeAll({ user: account.id }, { cause: 'disabled', confirm: true })
  return accept(accountView(disabled.value))
}

async function erase(call: AnyCall, account: Account, accounts: Accounts): Promise<Check<unknown>> {
  await audited(call, 'user.erase', account)
  const disabled = await accounts.disable(account.id)
  if (!disabled.ok) return disabled
  const { auth, notes, attempts } = call.here.var.desk
  await auth.revokeAll({ user: account.id }, { cause: 'disabled', confirm: true })
  await notes.forget(account.id)
  await attempts.erase(account.username)
  await accounts.remove(account.id)
  return accept({ erased: true })
}

async function exported({ here, ...call }: AnyCall, account: Account): Promise<Check<unknown>> {
  await audited({ here, ...call }, 'user.export', account)
  const { auth, notes, audit } = here.var.desk
  const subject = `user:${account.id}`
  const entries = []
  for (let after = 0; ; ) {
    const page = await audit.page(after, 1000)
    const about = page.filter(
      ({ actor, subject: whom, details }) => actor === subject || whom === subject || details.user === account.id,
    )
    entries.push(...about)
    const last = page.at(-1)
    if (last === undefined || page.length < 1000) break
    after = last.seq
  }
  const sessions = await auth.list(account.id, mostSessions)
  const kept = (await notes.of(account.id)).map(({ at, ...note }) => ({ ...note, at: toSeconds(at) }))
  return accept({ user: accountView(account), sessions: sessions.map(sessionView), notes: kept, audit: entries })
}

async function audited({ here, by }: AnyCall, action: string, { id }: Account): Promise<void> {
  await here.var.desk.audit.append({ ...by, action, subject: `user:${id}` })
}

async function withAccounts(
  here: Here,
  work: (accounts: Accounts) => Promise<Check<unknown>>,
): Promise<Check<unknown>> {
  const { accounts } = here.var.desk
  return accounts === null ? refuse('not_found') : work(accounts)
}

function onAccount(
  { here, id }: AnyCall,
  work: (account: Account, accounts: Accounts) => Promise<Check<unknown>>,
): Promise<Check<unknown>> {
  return withAccounts(here, async (accounts) => {
    const account = (await accounts.findById(id)) ?? (await accounts.find(id))
    return account === null ? refuse('not_found') : work(account, accounts)
  })
}

function accountView({ id, username, role, createdAt, disabled }: Account) {
  return { id, username, role, created_at: toSeconds(createdAt), disabled }
}

export function sessionView(session: PublicSession) {
  const name = session.claims.preferred_username
  return {
    ...listedView(session, null),
    user: session.user,
    name: typeof name === 'string' ? name : null,
    tenant: session.tenant,
  }
}
