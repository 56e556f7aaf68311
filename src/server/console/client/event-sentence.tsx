import type { ComponentChildren } from 'preact'
import type { Happened } from './answers.ts'
import { causeOf } from './format.ts'
import { hrefOf } from './state.ts'

/** What happened, as a person would say it. */
export function Sentence({ event }: { readonly event: Happened }) {
  return <>{ofSession(event) ?? ofServer(event)}</>
}

function ofSession(event: Happened): ComponentChildren {
  const who = 'user' in event ? <User id={event.user} /> : null
  switch (event.kind) {
    case 'session.created':
      return (
        <>
          A session began: {event.presentation}, {who}.
        </>
      )
    case 'session.renewed':
      return (
        <>
          A session was renewed ({event.how}): {who}.
        </>
      )
    case 'session.moved':
      return <>A session got a new identity, because its rights changed: {who}.</>
    case 'session.ended':
      return (
        <>
          A session ended ({causeOf(event.cause)}): {who}.
        </>
      )
    case 'session.reuse':
      return <>Alarm: a credential came back after it was replaced. The session was ended: {who}.</>
    case 'session.reported':
      return <>Alarm: “not me”, said {who}. The session was ended.</>
    default:
      return null
  }
}

function ofServer(event: Happened): ComponentChildren {
  switch (event.kind) {
    case 'sessions.ended':
      return `All sessions of ${scopeOf(event.scope)} ended (${causeOf(event.cause)}).`
    case 'login.judged':
      if (event.result !== 'ok') return `A sign-in failed (${event.result}) from ${event.network}.`
      return (
        <>
          Signed in from {event.network}: <User id={event.user} />.
        </>
      )
    case 'lease.lapsed':
      return 'Alarm: this node has not heard from the engine for too long, and asks at each check.'
    case 'lease.renewed':
      return 'This node follows the engine again.'
    case 'log.adopted':
      return `Alarm: the log of the engine has another history; ${event.reasserted} revocations were told again.`
    case 'engine.trouble':
      return `Alarm: work beside the requests failed (${event.work}) and will be tried again.`
    default:
      return null
  }
}

function scopeOf(scope: Extract<Happened, { kind: 'sessions.ended' }>['scope']): string {
  if (scope.kind === 'everyone') return 'everyone'
  return scope.kind === 'user' ? `the user ${scope.user}` : `the tenant ${scope.tenant}`
}

function User({ id }: { readonly id: string | null }) {
  return id === null ? <>nobody signed in</> : <a href={hrefOf('accounts', id)}>{id}</a>
}
