/** A place where a framework says it its own way, and may. */
export interface Difference {
  readonly doors: readonly string[]
  /** Names of cases. */
  readonly cases: RegExp
  /** Lines that are left out of both transcripts. */
  readonly lines: RegExp
  readonly because: string
}

/** The whole list. An entry that no longer makes a difference fails the suite. */
export const differences: readonly Difference[] = [
  {
    doors: ['express', 'fastify'],
    cases: /: GET \/throws$/,
    lines: /^ {2}(content-type|content-security-policy|x-content-type-options|Internal|<title>|\{)/,
    because: 'An unforeseen error is answered by the framework: a page of Express, JSON of Fastify.',
  },
  {
    doors: ['express'],
    cases: /^every ending/,
    lines: /^= (GET|HEAD) with If-None-Match: (200|204|304)/,
    because: '`send` and `json` of Express answer a condition that holds with 304 by themselves.',
  },
  {
    doors: ['express'],
    cases: /^every ending: redirect$/,
    lines: /Accept, Cookie.*(Redirecting to \/elsewhere)?$/,
    because: '`redirect` of Express chooses between a text and a page, and says so in Vary.',
  },
  {
    doors: ['fastify'],
    cases: /^what Node lets through/,
    lines: /^ {2}(content-type: application\/json$|\{"error":)/,
    because: 'Fastify says in JSON what Node refuses without a word.',
  },
  {
    doors: ['hono'],
    cases: /^HTTP\/1.0 without Host/,
    lines: /./,
    because: 'The server of Hono for Node wants a Host.',
  },
  {
    doors: ['fetch'],
    cases: /^lines twice$/,
    lines: /^ {2}(40[01]$|www-authenticate|problem (conflicting_credentials|malformed_token))/,
    because: 'A Request joins equal lines to one, so that two tokens are one that is malformed.',
  },
  {
    doors: ['fastify'],
    cases: /^every ending: (text|empty)$/,
    lines: /^= HEAD.*: 500/,
    because: 'Fastify answers HEAD with 500 where the handler sends a Response.',
  },
]
