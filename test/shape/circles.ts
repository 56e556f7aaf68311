import type { Module } from './module.ts'

/** The groups of files that import each other, by Tarjan's algorithm. Type imports count. */
export function findCircles(modules: readonly Module[]): readonly (readonly string[])[] {
  const byPath = new Map(modules.map((module) => [module.path, module]))
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const circles: string[][] = []

  const lower = (path: string, to: number): unknown => low.set(path, Math.min(low.get(path) ?? to, to))
  const targetsOf = (path: string): readonly string[] => {
    const targets = byPath.get(path)?.imports.map((one) => one.target) ?? []
    return targets.filter((target) => target !== undefined && byPath.has(target)) as string[]
  }

  const visit = (path: string): void => {
    const mine = index.size
    index.set(path, mine)
    low.set(path, mine)
    stack.push(path)
    for (const target of targetsOf(path)) {
      if (!index.has(target)) visit(target)
      if (stack.includes(target)) lower(path, low.get(target) ?? mine)
    }
    if (low.get(path) !== mine) return
    const circle = stack.splice(stack.indexOf(path))
    if (circle.length > 1 || targetsOf(path).includes(path)) circles.push(circle.sort())
  }

  for (const { path } of modules) if (!index.has(path)) visit(path)
  return circles
}
