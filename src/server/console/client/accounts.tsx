import { useEffect, useState } from 'preact/hooks'
import { OneAccount } from './account.tsx'
import type { Account } from './answers.ts'
import { ask, messageOf, query } from './api.ts'
import { Failed, Title, When } from './parts.tsx'
import { hrefOf } from './state.ts'

const perPage = 50

export function Accounts({ about }: { readonly about: string }) {
  return about === '' ? <All /> : <OneAccount about={about} />
}

function All() {
  const [accounts, setAccounts] = useState<readonly Account[] | null>(null)
  const [after, setAfter] = useState<string | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const load = async (from: string | null): Promise<void> => {
    setTrouble(null)
    try {
      const path = `/admin/users${query({ limit: perPage, after: from })}`
      const { users } = await ask<{ readonly users: readonly Account[] }>('GET', path)
      setAccounts((before) => (from === null ? users : [...(before ?? []), ...users]))
      setAfter(users.length < perPage ? null : (users.at(-1)?.username ?? null))
    } catch (error) {
      setTrouble(messageOf(error))
    }
  }
  useEffect(() => {
    void load(null)
  }, [])
  return (
    <>
      <Title>Accounts</Title>
      <FindAccount />
      {trouble !== null && <Failed message={trouble} again={() => void load(after)} />}
      {accounts === null && trouble === null && <p class="quiet">Loading…</p>}
      {accounts?.length === 0 && <p class="quiet">There is no account yet. Add one with: handstamp users add NAME</p>}
      <ul class="sheet sessions" hidden={!accounts?.length}>
        {accounts?.map((account) => (
          <li class="session" key={account.id}>
            <p>
              <a href={hrefOf('accounts', account.id)}>
                <bdi>{account.username}</bdi>
              </a>
              {account.role !== null && `, ${account.role}`}
              {account.disabled && <span class="state state-expiring"> Disabled</span>}
            </p>
            <p class="quiet">
              Added <When at={account.created_at * 1000} />. <code class="handle">{account.id}</code>
            </p>
          </li>
        ))}
      </ul>
      {after !== null && (
        <div class="row">
          <button type="button" class="button" onClick={() => void load(after)}>
            Show more
          </button>
        </div>
      )}
    </>
  )
}

function FindAccount() {
  const [name, setName] = useState('')
  const find = (event: SubmitEvent): void => {
    event.preventDefault()
    event.stopPropagation()
    if (name.trim() !== '') location.hash = hrefOf('accounts', name.trim())
  }
  return (
    <search>
      <form class="search" onSubmit={find}>
        <label for="account">Go to an account by its name or id</label>
        <div class="row">
          <input
            id="account"
            type="search"
            maxLength={256}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
            autocomplete="off"
            spellcheck={false}
          />
          <button type="submit" class="button button-main">
            Go
          </button>
        </div>
      </form>
    </search>
  )
}
