import { advise } from '../../advisor/advise.ts'
import { type Answers, isAnswer, questionNames, usualAnswers } from '../../advisor/questions.ts'
import { advisorPage } from '../pages/advisor.ts'
import { type Here, page, wantsPage } from '../respond.ts'

/** `GET /advisor`: cookies or tokens, by the answers in the query; one that there is not counts as the usual one. A page, or JSON. No I/O. */
export async function showAdvisor(here: Here): Promise<Response> {
  const given = questionNames.map((name) => {
    const answer = here.req.query(name) ?? ''
    return [name, isAnswer(name, answer) ? answer : usualAnswers[name]] as const
  })
  const answers = Object.fromEntries(given) as Answers
  const advice = advise(answers)
  return wantsPage(here)
    ? page(here, 200, (reader) => advisorPage({ answers, advice }, reader))
    : here.json({ answers, ...advice })
}
