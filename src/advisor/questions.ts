/** A question with its answers; the first is the usual one. */
export interface Question {
  readonly ask: string
  readonly answers: Readonly<Record<string, string>>
}

/** What the advisor wants to know, by name. */
export const questions = {
  clients: {
    ask: 'Who calls your application?',
    answers: {
      browsers: 'Browsers',
      programs: 'Mobile apps, command lines and other programs without a cookie jar',
      both: 'Browsers and such programs',
    },
  },
  domains: {
    ask: 'Under which names do browsers reach it?',
    answers: {
      one: 'One host',
      subdomains: 'Several hosts of one domain',
      several: 'Different domains',
    },
  },
  verifiers: {
    ask: 'Who checks whether somebody is signed in?',
    answers: {
      application: 'The application, or a proxy that asks it',
      services: 'Other services of yours, which should not ask each time',
      others: 'Services of other people',
    },
  },
  nodes: {
    ask: 'Where does it run?',
    answers: {
      host: 'On one host, in one process or several',
      hosts: 'On several hosts',
      process: 'In one process that may forget everybody when it restarts',
    },
  },
  store: {
    ask: 'Which of these do you run already?',
    answers: { none: 'None of them', postgres: 'Postgres', redis: 'Redis or Valkey' },
  },
  revocation: {
    ask: 'How soon must an ended session be refused everywhere?',
    answers: { seconds: 'Within seconds', confirmed: 'At once, and I want to know when', minutes: 'Within minutes' },
  },
  data: {
    ask: 'What do you keep for each session?',
    answers: { little: 'Who it is and a role', much: 'More: a cart, a form, kilobytes' },
  },
  assurance: {
    ask: 'Which assurance level must you reach (NIST SP 800-63B)?',
    answers: { aal1: 'AAL1, or none', aal2: 'AAL2', aal3: 'AAL3' },
  },
  framework: {
    ask: 'What is it written with?',
    answers: {
      express: 'Express',
      fastify: 'Fastify',
      hono: 'Hono',
      node: 'node:http',
      server: 'Something else, or it is not to be changed: a server stands in front of it',
    },
  },
} as const satisfies Record<string, Question>

export type QuestionName = keyof typeof questions

/** One answer to each question. */
export type Answers = {
  readonly [Name in QuestionName]: keyof (typeof questions)[Name]['answers'] & string
}

export const questionNames = Object.keys(questions) as readonly QuestionName[]

/** The usual answer to each. */
export const usualAnswers: Answers = Object.freeze(
  Object.fromEntries(questionNames.map((name) => [name, answersTo(name)[0]])),
) as Answers

/** The names of the answers to a question, the usual one first. */
export function answersTo(name: QuestionName): readonly string[] {
  return Object.keys(questions[name].answers)
}

export function isAnswer(name: QuestionName, answer: string): boolean {
  return Object.hasOwn(questions[name].answers, answer)
}
