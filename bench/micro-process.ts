// Small steps, measured in a process of their own: `node --expose-gc micro-process.ts steps|tokens quick|full` prints JSON.
import { measureCases } from './measure.ts'
import { passwordCase, sessionCases } from './micro-cases.ts'
import { tokenCases } from './token-cases.ts'

const [which, size] = process.argv.slice(2)
const rounds = size === 'quick' ? { rounds: 2, warmUp: 1 } : { rounds: 15, warmUp: 5 }
const cases = which === 'tokens' ? await tokenCases() : [...sessionCases(), passwordCase()]
console.log(JSON.stringify(await measureCases(cases, rounds.rounds, rounds.warmUp)))
process.exit(0)
