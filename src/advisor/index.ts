/** The door `handstamp/advisor`: cookies, tokens or both, and a configuration that runs. Pure. */
export type { Advice, AdviceFile, Choice, Engine, Point, Present } from './advice.ts'
export { advise } from './advise.ts'
export {
  type Answers,
  answersTo,
  isAnswer,
  type Question,
  type QuestionName,
  questionNames,
  questions,
  usualAnswers,
} from './questions.ts'
