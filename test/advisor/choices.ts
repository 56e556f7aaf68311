import type { Advice, Choice } from '../../src/advisor/advice.ts'
import { advise } from '../../src/advisor/advise.ts'
import { type Answers, answersTo, type QuestionName, questionNames, usualAnswers } from '../../src/advisor/questions.ts'

export interface Advised {
  readonly choice: Choice
  readonly advice: Advice
}

/** Each set of files that the advisor can print, once. */
export const everyChoice: readonly Advised[] = distinct(allAnswers())

function* allAnswers(names: readonly QuestionName[] = questionNames, so: Answers = usualAnswers): Generator<Answers> {
  const [name, ...rest] = names
  if (name === undefined) return yield so
  for (const answer of answersTo(name)) yield* allAnswers(rest, { ...so, [name]: answer } as Answers)
}

function distinct(all: Iterable<Answers>): readonly Advised[] {
  const found = new Map<string, Advised>()
  for (const answers of all) {
    const advice = advise(answers)
    const key = JSON.stringify(advice.choice)
    if (!found.has(key)) found.set(key, { choice: advice.choice, advice })
  }
  return [...found.values()]
}

type Three = Pick<Choice, 'framework' | 'engine' | 'present'>

/** Every two of framework, engine and presentation together at least once. */
export const pairwise: readonly Three[] = covered()

function covered(): readonly Three[] {
  const frameworks = answersTo('framework') as readonly Three['framework'][]
  const engines = ['memory', 'sqlite', 'postgres', 'redis'] as const
  const presents = ['cookie', 'token', 'both'] as const
  // A Latin square: each pair of framework and engine once, and each presentation with all of both.
  const all = frameworks.flatMap((framework, row) =>
    engines.map((engine, column) => ({
      framework,
      engine,
      present: presents[(row + column) % presents.length] ?? 'both',
    })),
  )
  return all.filter(({ framework, engine }) => framework !== 'server' || engine !== 'memory')
}
