import type { EventHub, ServerEvent } from '../operations/event-hub.ts'
import type { AuditInput, AuditLog } from './audit.ts'

/** Notes what the server tells. Renewals and failed sign-ins are counted, not noted: strangers decide how many there are. */
export function auditEvents(audit: AuditLog, hub: EventHub): void {
  hub.listen((event) => {
    const input = inputOf(event)
    if (input !== null) audit.note(input)
  })
}

function inputOf(event: ServerEvent): AuditInput | null {
  switch (event.kind) {
    case 'login.judged':
      if (event.result !== 'ok' || event.user === null) return null
      return { actor: `user:${event.user}`, action: event.what, subject: null, source: event.network }
    case 'session.reported':
      return { actor: `user:${event.user}`, action: event.kind, subject: `session:${event.id}`, source: null }
    case 'session.reuse':
      return { actor: 'server', action: event.kind, subject: `session:${event.id}`, source: null }
    case 'session.ended': {
      const details = { cause: event.cause, user: event.user }
      return event.user === null
        ? null
        : { actor: 'server', action: event.kind, subject: `session:${event.id}`, source: null, details }
    }
    case 'sessions.ended': {
      const { scope, cause } = event
      const subject =
        scope.kind === 'user' ? `user:${scope.user}` : scope.kind === 'tenant' ? `tenant:${scope.tenant}` : 'everyone'
      return { actor: 'server', action: event.kind, subject, source: null, details: { cause } }
    }
    default:
      return null
  }
}
