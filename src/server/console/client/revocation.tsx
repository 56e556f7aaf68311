import { useEffect, useState } from 'preact/hooks'
import type { Whom } from './answers.ts'
import { ask, messageOf } from './api.ts'
import { many } from './format.ts'
import { Dialog, Failed } from './parts.tsx'
import { said } from './state.ts'

interface Counted {
  readonly ended: boolean
  readonly count: number | null
}

export interface EndManyProps {
  readonly whom: Whom
  /** Which sessions, after the word. */
  readonly what: string
  readonly close: () => void
  readonly done: () => void
}

/** Says how many would end before it ends them. */
export function EndMany({ whom, what, close, done }: EndManyProps) {
  const [number, setNumber] = useState<number | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [receipt, setReceipt] = useState<string | null>(null)
  const [working, setWorking] = useState(false)

  const tell = async (dry_run: boolean): Promise<Counted | null> => {
    setTrouble(null)
    try {
      return await ask<Counted>('POST', '/admin/revocations', { ...whom, dry_run })
    } catch (error) {
      setTrouble(messageOf(error))
      return null
    }
  }
  useEffect(() => {
    void tell(true).then((counted) => counted && setNumber(counted.count ?? 0))
  }, [])
  const end = async (): Promise<void> => {
    setWorking(true)
    const since = performance.now()
    const counted = await tell(false)
    setWorking(false)
    if (counted === null) return
    const ended = counted.count === null ? 'They are ended' : `${many(counted.count, 'session')} ended`
    const text = `${ended}. Every node refused them after ${((performance.now() - since) / 1000).toFixed(2)} s.`
    setReceipt(text)
    said.value = text
    done()
  }

  return (
    <Dialog title={`End the sessions ${what}`} close={close}>
      {trouble !== null && <Failed message={trouble} />}
      <p role="status">
        {receipt ??
          (number === null ? 'Counting…' : `This ends ${many(number, 'session')}. Their users have to sign in again.`)}
      </p>
      <form method="dialog" class="row">
        <button type="submit" class="button">
          {receipt === null ? 'Cancel' : 'Close'}
        </button>
        {receipt === null && (
          <button type="button" class="button button-danger" disabled={number === null || working} onClick={end}>
            {working ? 'Ending…' : number === null ? 'End them' : `End ${many(number, 'session')}`}
          </button>
        )}
      </form>
    </Dialog>
  )
}

type Kind = 'user' | 'tenant' | 'everyone'

const kinds: readonly (readonly [Kind, string])[] = [
  ['user', 'One user, by id'],
  ['tenant', 'One tenant'],
  ['everyone', 'Everyone, you too'],
]

/** Asks whose sessions to end, and goes on to how many they are. */
export function EndOthers({ close, done }: Pick<EndManyProps, 'close' | 'done'>) {
  const [kind, setKind] = useState<Kind>('user')
  const [name, setName] = useState('')
  const [whom, setWhom] = useState<Whom | null>(null)
  if (whom !== null)
    return (
      <EndMany
        whom={whom}
        what={kind === 'everyone' ? 'of everyone' : `of the ${kind} ${name}`}
        close={close}
        done={done}
      />
    )
  const next = (event: SubmitEvent): void => {
    event.preventDefault()
    event.stopPropagation()
    if (kind === 'everyone') setWhom({ everyone: true })
    else if (name.trim() !== '') setWhom(kind === 'user' ? { user: name.trim() } : { tenant: name.trim() })
  }
  return (
    <Dialog title="Whose sessions?" close={close}>
      <form class="fields" onSubmit={next}>
        <fieldset class="kinds">
          <legend class="unseen">Whose sessions</legend>
          {kinds.map(([value, label]) => (
            <label key={value}>
              <input type="radio" name="kind" value={value} checked={kind === value} onChange={() => setKind(value)} />{' '}
              {label}
            </label>
          ))}
        </fieldset>
        {kind !== 'everyone' && (
          <p class="field">
            <label for="whose">{kind === 'user' ? 'Id of the user' : 'Name of the tenant'}</label>
            <input
              id="whose"
              required
              maxLength={255}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </p>
        )}
        <div class="row">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button button-main">
            Count them
          </button>
        </div>
      </form>
    </Dialog>
  )
}
