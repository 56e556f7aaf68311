import type { AdviceFile, Choice } from './advice.ts'

/** What each engine needs of its own; the server keeps everything in SQLite where nothing is said. */
const engines = {
  sqlite: { packages: {}, variable: 'HANDSTAMP_DATA=./data' },
  postgres: { packages: { pg: '^8.13.0' }, variable: 'DATABASE_URL=postgres://name:password@localhost/database' },
  redis: { packages: { redis: '^6.0.0' }, variable: 'REDIS_URL=redis://localhost:6379' },
} as const

/** The files with which `handstamp serve` stands in front of an application that is not changed. It has no engine in memory. */
export function serverProgramOf({ engine, present, policy }: Choice): readonly AdviceFile[] {
  const { packages, variable } = engines[engine === 'memory' ? 'sqlite' : engine]
  const inSeconds = Object.entries(policy).map(([name, millis]) => [name, millis / 1000] as const)
  const config = { present: present === 'token' ? 'token' : 'cookie', ...Object.fromEntries(inSeconds) }
  const manifest = {
    private: true,
    type: 'module',
    engines: { node: '>=24.7' },
    scripts: {
      start: 'node --env-file-if-exists=.env node_modules/handstamp/bin/handstamp.js serve --config handstamp.json',
    },
    dependencies: { handstamp: '^0.1.0', ...packages },
  }
  return [
    { path: 'handstamp.json', text: `${JSON.stringify(config, null, 2)}\n` },
    { path: 'package.json', text: `${JSON.stringify(manifest, null, 2)}\n` },
    {
      path: '.env.example',
      text: `# Copy to .env. Make the secret with: openssl rand -base64 32
SESSION_SECRET=
# In production, behind a proxy with https: its origin, and the addresses that the proxy comes from
#NODE_ENV=production
#HANDSTAMP_ORIGIN=https://example.com
#HANDSTAMP_TRUSTED_PROXIES=loopback
PORT=8080
${variable}
# Then nginx, Caddy, Traefik or Envoy in front of both ask GET /verify: docs/forward-auth.md of the package's repository.
`,
    },
  ]
}
