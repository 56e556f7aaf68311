import type { Advice, Choice, Point, Present } from './advice.ts'
import type { Answers } from './questions.ts'

/** Measured on 2 cores of an AMD EPYC, Node 24: docs/performance.md and evidence/. */
const measured = {
  cookie: '11 µs of CPU',
  token: '8 µs',
  firstToken: '69 µs',
  signature: '77 µs',
  lookUp: '1.3 µs',
  expressSession: '64 µs in memory',
} as const

/** Why this and not another, in the terms of the comparison tables. */
export function reasonsFor(answers: Answers, choice: Choice): readonly Point[] {
  return [
    storage(answers, choice),
    scaling(choice),
    revocation(answers, choice),
    speed(choice),
    theft(choice),
    ...size(answers, choice),
    ...domains(answers),
    ...expiry(answers),
    engine(answers, choice),
  ]
}

function storage({ data }: Answers, { present }: Choice): Point {
  const where =
    present === 'cookie'
      ? 'two cookies that no script reads'
      : present === 'token'
        ? 'an access token and a refresh token'
        : 'two cookies, or two tokens'
  const kept =
    data === 'much' ? 'Your data stays on the server, and never travels.' : 'What you keep stays on the server.'
  return { topic: 'Storage', text: `The record is kept once, in your store; a client holds ${where}. ${kept}` }
}

function scaling({ present }: Choice): Point {
  const common = 'A check asks no store, in either presentation: each node follows the log of revocations.'
  return {
    topic: 'Scaling',
    text:
      present === 'cookie'
        ? `${common} Tokens would scale no better for you: nobody but the application verifies them.`
        : `${common} What tokens add is verification by those who have no access to the store.`,
  }
}

function revocation({ verifiers, revocation: wanted }: Answers, { policy }: Choice): Point {
  const own =
    'Ended means refused from the next check on, on every node within 5 s whatever fails, in milliseconds as a rule.'
  const confirmed =
    wanted === 'confirmed' ? ' auth.revoke(id, { confirm: true }) resolves when every node refuses it.' : ''
  const patient = wanted === 'minutes' ? ' You would wait for minutes: sooner costs nothing more.' : ''
  if (verifiers === 'application') return { topic: 'Revocation', text: own + confirmed + patient }
  const life = policy.access === undefined ? 'five minutes' : 'one minute'
  const who = verifiers === 'services' ? 'Services of yours that only know the public keys' : 'Services of others'
  return {
    topic: 'Revocation',
    text: `${own}${confirmed} ${who} accept an access token until it expires: here after ${life}. Where that is too late they have to ask.`,
  }
}

function speed({ present }: Choice): Point {
  const own =
    present === 'cookie'
      ? `A check adds ${measured.cookie}; express-session ${measured.expressSession}.`
      : `A check adds ${present === 'both' ? `${measured.cookie} for a cookie, ` : ''}${measured.token} for a token that was seen before, and about ${measured.firstToken} for one that was not.`
  return {
    topic: 'Speed',
    text: `${own} A JWT check is not cheaper than a look-up of a session on one machine: checking one ES256 signature takes ${measured.signature}, a look-up in a map ${measured.lookUp}.`,
  }
}

function theft({ present }: Choice): Point {
  const cookie =
    'Cookies are HttpOnly, so a script on your page cannot take them along; that other sites cannot use them is checked by where a request was started.'
  const token =
    'Tokens are not sent by browsers on their own, so there is no CSRF; a script on your page could take them, so keep none in localStorage.'
  const copied = 'A copied credential is noticed at its next renewal, and the session ends.'
  const text = present === 'cookie' ? cookie : present === 'token' ? token : `${cookie} ${token}`
  return { topic: 'Security risk', text: `${text} ${copied}` }
}

function size({ data }: Answers, { present }: Choice): readonly Point[] {
  if (data === 'little') return []
  return [
    {
      topic: 'Size',
      text: `Session data is not in the ${present === 'cookie' ? 'cookies' : 'token'}: a cookie holds 4 KB at most, and an access token travels with each request. Only claims travel, 4 KB of them at most.`,
    },
  ]
}

function domains({ clients, domains: names }: Answers): readonly Point[] {
  if (clients === 'programs' || names === 'one') return []
  const text =
    names === 'subdomains'
      ? 'The cookies stay on the host that set them (__Host-). Let one host sign people in, and the others ask it (/verify), or list them in trustedOrigins; sharedDomain gives the credential to every host below the domain.'
      : 'A cookie never crosses from one domain to another, and browsers block those of third parties. Each domain signs in by itself, or its pages get tokens from the one that does.'
  return [{ topic: 'Domains', text }]
}

function expiry({ assurance }: Answers): readonly Point[] {
  if (assurance === 'aal1') return []
  const text =
    assurance === 'aal2'
      ? 'AAL2 asks for an end after 1 hour without use and after 24 hours: these are the defaults. Guard what matters with requireSession({ level: 2 }), and give level: 2 to login once your second factor was shown.'
      : 'AAL3 asks for an end after 15 minutes without use and after 12 hours: set here. Guard with requireSession({ level: 3 }); your sign-in has to prove a hardware-bound key.'
  return [{ topic: 'Expiry', text }]
}

const engines: Readonly<Record<Choice['engine'], string>> = {
  memory: 'Sessions are kept in the process: nothing to run, and everybody signs in again after a restart.',
  sqlite: 'SQLite: one file, no service, several processes of one host; sessions outlive restarts.',
  postgres: 'Postgres: every host sees the same sessions, 629 bytes each, and hears of an end in 1 ms as a rule.',
  redis:
    'Redis: every host sees the same sessions, 305 bytes each, and hears of an end in 0.5 ms as a rule. Turn appendonly on, so that an acknowledged end survives a crash.',
}

function engine({ nodes, store }: Answers, choice: Choice): Point {
  const asked =
    store === 'none' && nodes === 'hosts'
      ? ' Several hosts need a store that they share; of the two, Postgres needs no settings to be durable.'
      : ''
  return { topic: 'Engine', text: engines[choice.engine] + asked }
}

/** What the other presentations would cost with these answers. */
export function costsOf(answers: Answers, { present }: Choice): Advice['alternatives'] {
  return (['cookie', 'token', 'both'] as const)
    .filter((other) => other !== present)
    .map((other) => ({ present: other, cost: costOf(other, answers) }))
}

/** Asked only for what was not chosen. */
function costOf(present: Present, { clients, verifiers }: Answers): string {
  switch (present) {
    case 'cookie':
      if (clients !== 'browsers') return 'Your programs would have to keep a cookie jar.'
      return verifiers === 'application'
        ? 'Each domain would have to sign people in by itself.'
        : 'Every other service would have to ask the application with each request.'
    case 'token':
      return 'Scripts of the page would hold the credentials: what runs there can take them along, and a closed tab loses what is in memory.'
    case 'both':
      return 'Two ways in are two to guard: leave the one out that nobody uses.'
  }
}
