import { useState } from 'preact/hooks'
import type { SessionRow } from './answers.ts'
import { ask, messageOf } from './api.ts'
import { Failed, When } from './parts.tsx'
import { hrefOf, said } from './state.ts'

export interface RowProps {
  readonly session: SessionRow
  readonly ended: (id: string) => void
}

/** One session in a sentence or two, and a way to end it. */
export function Row({ session, ended }: RowProps) {
  const [ending, setEnding] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const end = async (): Promise<void> => {
    setEnding(true)
    setTrouble(null)
    try {
      await ask('DELETE', `/admin/sessions/${encodeURIComponent(session.id)}`)
      said.value = `Ended: ${session.device}, ${session.name ?? session.user ?? 'nobody'}. Every node refuses it.`
      ended(session.id)
    } catch (error) {
      setTrouble(messageOf(error))
      setEnding(false)
    }
  }
  return (
    <li class="session">
      <p>
        <strong>{session.device}</strong>, <Who session={session} />,{' '}
        {session.present === 'token' ? 'a token' : 'a cookie'}, active <When at={session.last_seen_at * 1000} />.
      </p>
      <p class="quiet">
        Began <When at={session.created_at * 1000} />; ends <When at={session.expires_at * 1000} /> if not used.
        {session.address !== null && (
          <>
            {' '}
            From <code>{session.address}</code>.
          </>
        )}
        {session.tenant !== null && ` Tenant ${session.tenant}.`} Level {session.level}
        {session.methods.length > 0 && ` (${session.methods.join(', ')})`}. <code class="handle">{session.id}</code>
      </p>
      <div class="ways">
        <button type="button" class="button" disabled={ending} onClick={end}>
          {ending ? 'Ending…' : 'End'}
          <span class="unseen">
            {' '}
            the session of {session.name ?? session.user ?? 'nobody'} on {session.device}
          </span>
        </button>
      </div>
      {trouble !== null && <Failed message={trouble} again={end} />}
    </li>
  )
}

function Who({ session: { user, name } }: Pick<RowProps, 'session'>) {
  if (user === null) return <>not signed in</>
  return (
    <a href={hrefOf('accounts', user)}>
      <bdi>{name ?? user}</bdi>
    </a>
  )
}
