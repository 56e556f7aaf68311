import { useState } from 'preact/hooks'
import type { Happened } from './answers.ts'
import { Sentence } from './event-sentence.tsx'
import { useEventStream } from './event-stream.ts'
import { atTime, count, exactly } from './format.ts'
import { Failed, Title } from './parts.tsx'

const alarms: readonly string[] = ['session.reuse', 'session.reported', 'lease.lapsed', 'log.adopted', 'engine.trouble']

function isAlarm({ kind }: Happened): boolean {
  return alarms.includes(kind)
}

interface Group {
  readonly label: string
  readonly fits: (event: Happened) => boolean
}

const groups = {
  all: { label: 'Everything', fits: () => true },
  alarms: { label: 'Alarms', fits: isAlarm },
  logins: { label: 'Sign-ins', fits: ({ kind }) => kind === 'login.judged' },
  begun: { label: 'Begun', fits: ({ kind }) => kind === 'session.created' },
  ended: { label: 'Ended', fits: ({ kind }) => kind === 'session.ended' || kind === 'sessions.ended' },
} as const satisfies Record<string, Group>

/** What happens on this node, as it happens. */
export function Live(_props: { readonly about: string }) {
  const [group, setGroup] = useState<keyof typeof groups>('all')
  const [paused, setPaused] = useState(false)
  const { shown, trouble, state, again } = useEventStream({ paused, fits: groups[group].fits })
  return (
    <>
      <Title>Live</Title>
      <p class="quiet">
        {state}. {count(shown.total)} events, {count(shown.perSecond)} per second
        {shown.lost > 0 && `, ${count(shown.lost)} not sent because this page was too slow`}. What happens on the node
        that serves this page.
      </p>
      {trouble !== null && <Failed message={trouble} again={again} />}
      <div class="row">
        <label for="group">Show</label>
        <select
          id="group"
          value={group}
          onChange={(event) => setGroup(event.currentTarget.value as keyof typeof groups)}
        >
          {Object.entries(groups).map(([value, { label }]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <button type="button" class="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          Pause
        </button>
      </div>
      {shown.lines.length === 0 && <p class="empty">Nothing yet. Sign in somewhere, and it stands here.</p>}
      <ol class="sheet events" hidden={shown.lines.length === 0}>
        {shown.lines.map(({ number, event }) => (
          <li key={number} class={isAlarm(event) ? 'alarm' : undefined}>
            <time dateTime={new Date(event.at).toISOString()} title={exactly(event.at)}>
              {atTime(event.at)}
            </time>{' '}
            <Sentence event={event} />
          </li>
        ))}
      </ol>
    </>
  )
}
