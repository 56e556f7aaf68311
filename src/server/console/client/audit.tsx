import { useEffect, useState } from 'preact/hooks'
import type { AuditEntry } from './answers.ts'
import { ask, messageOf, query } from './api.ts'
import { count, exactly, many } from './format.ts'
import { Failed, Title, When } from './parts.tsx'
import { hrefOf } from './state.ts'

const perPage = 100

interface Chain {
  readonly entries: number
  readonly brokenAt: number | null
  readonly hash: string
}

/** The newest first; the chain is followed first, so that it is known where that is. */
export function Audit(_props: { readonly about: string }) {
  const [chain, setChain] = useState<Chain | null>(null)
  const [entries, setEntries] = useState<readonly AuditEntry[]>([])
  const [trouble, setTrouble] = useState<string | null>(null)

  const before = async (seq: number): Promise<readonly AuditEntry[]> => {
    const after = Math.max(0, seq - 1 - perPage)
    const path = `/admin/audit${query({ after, limit: Math.min(perPage, seq - 1 - after) || 1 })}`
    return (await ask<{ readonly entries: readonly AuditEntry[] }>('GET', path)).entries.toReversed()
  }
  const load = async (): Promise<void> => {
    setTrouble(null)
    try {
      const whole = await ask<Chain>('GET', '/admin/audit/verify')
      setChain(whole)
      setEntries(whole.entries === 0 ? [] : await before(whole.entries + 1))
    } catch (error) {
      setTrouble(messageOf(error))
    }
  }
  useEffect(() => {
    void load()
  }, [])
  const first = entries.at(-1)?.seq ?? 1
  const more = (): void => {
    before(first).then(
      (older) => setEntries([...entries, ...older]),
      (error: unknown) => setTrouble(messageOf(error)),
    )
  }
  return (
    <>
      <Title>Audit log</Title>
      {trouble !== null && <Failed message={trouble} again={() => void load()} />}
      {chain === null && trouble === null && <p class="quiet">Following the chain…</p>}
      {chain !== null && <ChainState chain={chain} />}
      <div class="row">
        <button type="button" class="button" onClick={() => void load()}>
          Check again
        </button>
        <a class="button" href="/admin/audit/export" download>
          Export all
        </a>
      </div>
      {entries.length > 0 && <Entries entries={entries} />}
      {first > 1 && (
        <div class="row">
          <button type="button" class="button" onClick={more}>
            Show older
          </button>
        </div>
      )}
    </>
  )
}

function ChainState({ chain: { entries, brokenAt, hash } }: { readonly chain: Chain }) {
  if (brokenAt !== null)
    return (
      <div class="notice notice-bad" role="alert">
        <p>
          <strong>The chain is broken at entry {count(brokenAt)}.</strong>
        </p>
        <p>Somebody changed, removed or inserted an entry there. Compare with an export that you keep elsewhere.</p>
      </div>
    )
  return (
    <div class="notice notice-good">
      <p>
        <strong>The chain is whole: {many(entries, 'entry', 'entries')}.</strong>
      </p>
      {entries > 0 && (
        <p>
          Keep the last hash elsewhere: <code class="handle">{hash}</code>
        </p>
      )}
    </div>
  )
}

function Entries({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard could not scroll the table on a phone
    <section class="scroll" tabIndex={0} aria-label="Entries of the audit log, the newest first">
      <table>
        <thead>
          <tr>
            <th scope="col">No.</th>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">About</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.seq}>
              <td>{entry.seq}</td>
              <td title={exactly(entry.at)}>
                <When at={entry.at} />
              </td>
              <td>
                <Subject text={entry.actor} />
              </td>
              <td>
                {entry.action}
                {detailsOf(entry)}
              </td>
              <td>{entry.subject !== null && <Subject text={entry.subject} />}</td>
              <td>{entry.source}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function detailsOf({ details }: AuditEntry): string {
  const said = Object.entries(details).flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]))
  return said.length === 0 ? '' : ` (${said.join(', ')})`
}

/** `user:ID` and `session:ID` lead to them. */
function Subject({ text }: { readonly text: string }) {
  const [kind, ...rest] = text.split(':')
  const id = rest.join(':')
  if (kind === 'user') return <a href={hrefOf('accounts', id)}>{text}</a>
  return kind === 'session' ? <a href={hrefOf('sessions', id)}>{text}</a> : text
}
