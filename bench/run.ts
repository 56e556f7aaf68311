// `npm run bench -- [PART…] [--quick] [--only NAME]… [--json]`: the tables on the terminal; progress goes to stderr. The full figures, with their files: `npm run evidence speed behaviour steps memory`.
import { parseArgs } from 'node:util'
import { type Part, parts, runBench } from './bench.ts'
import { tables } from './tables.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
})
const unknown = positionals.filter((name) => !(parts as readonly string[]).includes(name))
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}. There are: ${parts.join(', ')}.`)
  process.exit(2)
}
const result = await runBench({
  parts: positionals.length === 0 ? parts : (positionals as Part[]),
  quick: values.quick,
  only: values.only,
  seed: Number(process.env.SEED ?? 20260101),
  progress: (line) => console.error(line),
})
if (values.json) console.log(JSON.stringify(result, null, 2))
else for (const { title, text } of tables(result)) console.log(`\n${title}\n\n${text}`)
process.exit(0)
