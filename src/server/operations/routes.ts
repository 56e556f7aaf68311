/** Paths of the server as metrics name them: few, whatever strangers ask for. */
const known = new Set([
  '/',
  '/login',
  '/logout',
  '/password',
  '/step-up',
  '/session',
  '/sessions',
  '/sessions/end',
  '/sessions/not-me',
  '/accounts',
  '/accounts/switch',
  '/accounts/leave',
  '/preferences',
  '/token',
  '/revoke',
  '/advisor',
  '/console',
  '/console/unlock',
  '/openapi.json',
  '/healthz',
  '/readyz',
  '/metrics',
  '/.well-known/jwks.json',
])

export function routeOf(path: string): string {
  if (known.has(path)) return path
  if (path.startsWith('/sessions/')) return '/sessions/:id'
  if (path.startsWith('/admin/')) return '/admin'
  if (path === '/lab' || path.startsWith('/lab/')) return '/lab'
  if (path.startsWith('/assets/')) return '/assets'
  return 'other'
}
