import type { Contestant, Framework } from './contestant.ts'

interface Index {
  readonly contestants: readonly Contestant[]
}

/** Everybody that can be measured here. Loaded by address: their packages are none of the product's, and its compiler does not know them. */
export async function loadContestants(): Promise<readonly Contestant[]> {
  const { contestants } = (await import(new URL('contestants/index.ts', import.meta.url).href)) as Index
  return contestants
}

export function pick(contestants: readonly Contestant[], name: string): Contestant {
  const found = contestants.find((one) => one.name === name)
  if (found !== undefined) return found
  throw new Error(`There is no contestant ${name}. There are:\n${contestants.map((one) => one.name).join('\n')}`)
}

/** The name of the server that knows nobody, for what stands on this framework. Beside a server on sockets alone stands Node's own HTTP. */
export function bareName(framework: Framework): string {
  return `bare ${framework === 'net' ? 'node:http' : framework}`
}
