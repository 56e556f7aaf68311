import { useEffect, useState } from 'preact/hooks'
import type { Account, SessionRow } from './answers.ts'
import { ask, messageOf } from './api.ts'
import { many } from './format.ts'
import { Dialog, Failed, Title, When } from './parts.tsx'
import { EndMany } from './revocation.tsx'
import { Row } from './session-row.tsx'
import { hrefOf, said } from './state.ts'

interface Person {
  readonly user: Account
  readonly sessions: readonly SessionRow[]
}

type Asked = 'disable' | 'erase' | 'end' | null

/** One account with its sessions, and what an administrator may do with it. */
export function OneAccount({ about }: { readonly about: string }) {
  const [person, setPerson] = useState<Person | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const path = `/admin/users/${encodeURIComponent(about)}`
  const load = (): void => {
    setTrouble(null)
    ask<Person>('GET', path).then(setPerson, (error: unknown) => setTrouble(messageOf(error)))
  }
  useEffect(load, [about])
  if (person === null)
    return (
      <>
        <Title>Account</Title>
        {trouble === null ? <p class="quiet">Loading…</p> : <Failed message={trouble} again={load} />}
        <p>
          <a href={hrefOf('sessions', about)}>Look for sessions of “{about}”</a>
        </p>
      </>
    )
  return (
    <Known person={person} path={path} trouble={trouble} setTrouble={setTrouble} setPerson={setPerson} load={load} />
  )
}

interface KnownProps {
  readonly person: Person
  readonly path: string
  readonly trouble: string | null
  readonly setTrouble: (message: string) => void
  readonly setPerson: (person: Person) => void
  readonly load: () => void
}

function Known({ person, path, trouble, setTrouble, setPerson, load }: KnownProps) {
  const [asked, setAsked] = useState<Asked>(null)
  const { user, sessions } = person
  const drop = (id: string): void => setPerson({ user, sessions: sessions.filter((session) => session.id !== id) })
  const failed = (error: unknown): void => setTrouble(messageOf(error))
  const enable = (): void => void ask('POST', `${path}/enable`).then(load, failed)
  return (
    <>
      <Title>
        <bdi>{user.username}</bdi>
      </Title>
      <p class="lede">
        {user.disabled ? 'Disabled: cannot sign in. ' : ''}
        {user.role ?? 'No role'}. Added <When at={user.created_at * 1000} />. <code class="handle">{user.id}</code>
      </p>
      {trouble !== null && <Failed message={trouble} again={load} />}
      <div class="row">
        <button type="button" class="button" disabled={sessions.length === 0} onClick={() => setAsked('end')}>
          End all sessions…
        </button>
        <button type="button" class="button" onClick={user.disabled ? enable : () => setAsked('disable')}>
          {user.disabled ? 'Enable' : 'Disable…'}
        </button>
        <button type="button" class="button" onClick={() => void save(user, path).catch(failed)}>
          Export data
        </button>
        <button type="button" class="button" onClick={() => setAsked('erase')}>
          Erase…
        </button>
      </div>
      <Owned sessions={sessions} drop={drop} />
      {asked === 'end' && (
        <EndMany whom={{ user: user.id }} what={`of ${user.username}`} close={() => setAsked(null)} done={load} />
      )}
      {(asked === 'disable' || asked === 'erase') && (
        <Sure what={asked} person={person} path={path} close={() => setAsked(null)} done={load} />
      )}
    </>
  )
}

function Owned({ sessions, drop }: Pick<Person, 'sessions'> & { readonly drop: (id: string) => void }) {
  return (
    <>
      <h2>
        Sessions <span class="count">{sessions.length}</span>
      </h2>
      {sessions.length === 0 && <p class="quiet">Not signed in anywhere.</p>}
      <ul class="sheet sessions" hidden={sessions.length === 0}>
        {sessions.map((session) => (
          <Row key={session.id} session={session} ended={drop} />
        ))}
      </ul>
    </>
  )
}

interface SureProps {
  readonly what: 'disable' | 'erase'
  readonly person: Person
  readonly path: string
  readonly close: () => void
  readonly done: () => void
}

function Sure({ what, person: { user, sessions }, path, close, done }: SureProps) {
  const [trouble, setTrouble] = useState<string | null>(null)
  const [working, setWorking] = useState(false)
  const carryOut = async (): Promise<void> => {
    setWorking(true)
    setTrouble(null)
    try {
      await (what === 'disable' ? ask('POST', `${path}/disable`) : ask('DELETE', path))
      said.value = `${user.username} is ${what}d. Every node refuses their sessions.`
      close()
      if (what === 'disable') done()
      else location.hash = hrefOf('accounts')
    } catch (error) {
      setTrouble(messageOf(error))
      setWorking(false)
    }
  }
  const loses =
    what === 'disable'
      ? 'They cannot sign in until somebody enables the account again.'
      : 'The account and what is kept about it are gone for good; the audit log keeps its id.'
  return (
    <Dialog title={`${what === 'disable' ? 'Disable' : 'Erase'} ${user.username}`} close={close}>
      {trouble !== null && <Failed message={trouble} />}
      <p>
        This ends {many(sessions.length, 'session')}. {loses}
      </p>
      <form method="dialog" class="row">
        <button type="submit" class="button">
          Cancel
        </button>
        <button type="button" class="button button-danger" disabled={working} onClick={carryOut}>
          {what === 'disable' ? 'Disable' : 'Erase'} {user.username}
        </button>
      </form>
    </Dialog>
  )
}

/** As a file of the reader's. */
async function save({ username }: Account, path: string): Promise<void> {
  const data = await ask<unknown>('GET', `${path}/export`)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }))
  link.download = `${username.replace(/[^\w.-]/g, '_')}.json`
  link.click()
  URL.revokeObjectURL(link.href)
}
