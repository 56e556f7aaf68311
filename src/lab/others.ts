import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { OtherProduct } from './matrix.ts'

/** What stands beside the product in its repository: `bench/lab/index.ts`. */
interface Bench {
  labProducts(): Promise<readonly OtherProduct[]>
}

const place = new URL('../../bench/lab/index.ts', import.meta.url)
const packages = new URL('../../bench/node_modules/', import.meta.url)

/** Other products for the comparison. They live in `bench/` of the repository, apart from ours; without them their columns are left out, and the notice says so. */
export async function findOthers(): Promise<{
  readonly others: readonly OtherProduct[]
  readonly notices: readonly string[]
}> {
  if (!existsSync(place))
    return {
      others: [],
      notices: ['The columns of other products are left out: they are in the repository, in bench/.'],
    }
  if (!existsSync(packages))
    return { others: [], notices: ['The columns of other products are left out: npm ci --prefix bench installs them.'] }
  const bench = (await import(fileURLToPath(place))) as Bench
  return { others: await bench.labProducts(), notices: [] }
}
