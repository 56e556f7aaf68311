/** What a module for `--migrate` looks like, by the product that somebody comes from. */
export const migrateModules: ReadonlyMap<string, string> = new Map([
  [
    'express-session',
    `// npm install redis. Try it: handstamp migrate check FILE < cookies.txt; run it: handstamp serve --migrate FILE
import { createClient } from 'redis'

const client = await createClient({ url: process.env.OLD_REDIS_URL }).connect()

export const sources = ({ expressSessions }) => [
  expressSessions({
    secret: process.env.OLD_SESSION_SECRET, // as given to session(); several as a list
    cookie: 'connect.sid',
    find: (sid) => client.get(\`sess:\${sid}\`), // connect-redis; or your store's own look-up
    user: ({ userId }) => (userId === undefined ? null : { user: String(userId) }), // with Passport: passport?.user
  }),
]`,
  ],
  [
    'iron-session',
    `// npm install iron-session. Try it: handstamp migrate check FILE < cookies.txt; run it: handstamp serve --migrate FILE
import { unsealData } from 'iron-session'

export const sources = ({ ironSessions }) => [
  ironSessions({
    cookie: 'session', // cookieName
    unseal: (seal) => unsealData(seal, { password: process.env.OLD_SESSION_SECRET }),
    user: ({ userId }) => (userId === undefined ? null : { user: String(userId) }),
  }),
]`,
  ],
  [
    'better-auth',
    `// Try it: handstamp migrate check FILE < cookies.txt; run it: handstamp serve --migrate FILE
import { DatabaseSync } from 'node:sqlite'

const database = new DatabaseSync(process.env.OLD_DATABASE ?? 'sqlite.db', { readOnly: true })
const row = database.prepare('SELECT userId, expiresAt FROM session WHERE token = ?')

export const sources = ({ betterAuthSessions }) => [
  betterAuthSessions({
    secret: process.env.BETTER_AUTH_SECRET,
    cookie: '__Secure-better-auth.session_token', // over plain http without __Secure-
    find: async (token) => row.get(token) ?? null,
  }),
]`,
  ],
])
