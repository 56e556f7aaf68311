/** A place where a framework says it its own way, and may. */
export interface Difference {
  readonly doors: readonly string[]
  /** Names of cases. */
  readonly cases: RegExp
  /** The requests in them (all). */
  readonly asked?: RegExp
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
    doors: ['fetch', 'next'],
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
  {
    doors: ['next'],
    cases: /: GET \/throws$/,
    lines: /^ {2}(content-type|Internal)/,
    because: 'Next answers an unforeseen error with 500 and nothing else.',
  },
  {
    doors: ['next'],
    cases: /: GET \/own$/,
    lines: /^ {2}set-cookie:/,
    because: 'Next puts the cookies of its proxy before those of the route.',
  },
  {
    doors: ['next'],
    cases: /^every ending: cookies$/,
    lines: /^= /,
    because: 'Next puts the cookies of its proxy before those of the route, here in one line with the rest.',
  },
  {
    doors: ['next'],
    cases: /^endpoints|: GET \/auth\/nothing$/,
    asked: /auth\/(nothing|token\/x)/,
    lines: /^ {2}(content-type|cache-control|x-content-type-options|not found|problem not_found)/,
    because: 'The endpoints are a route of their own in Next, which says 404 itself.',
  },
  {
    doors: ['next'],
    cases: /^endpoints: other methods, other paths$/,
    asked: / \/auth(\/token\/|\/\/token)$/,
    lines: /^ {2}/,
    because: 'Next takes the slash off the end of a path, and redirects where two stand together.',
  },
  {
    doors: ['next'],
    cases: /^what Node lets through/,
    asked: /^a target with a host/,
    lines: /^ {2}/,
    because: 'Next takes a whole URL in the first line for a path with two slashes, and redirects.',
  },
  {
    doors: ['next'],
    cases: /^what Node lets through/,
    asked: /^two Hosts$/,
    lines: /^ {2}/,
    because: 'Next tells of two Hosts only the first, which is then what Origin is compared with.',
  },
  {
    doors: ['next'],
    cases: /^what Node lets through/,
    asked: /^an upgrade to nothing known$/,
    lines: /^ {2}/,
    because: 'Next hangs up on an upgrade to a path that one of its routes has.',
  },
]
