/** Exhaustive search of a finite transition system: broken laws, and infinite runs that serve two parties. */

/** One possible next thing to happen. `broken`: this step breaks that law. `serves`: whom it serves. */
export interface Step<State> {
  readonly label: string
  readonly to: State | null
  readonly broken?: string
  readonly serves?: Party
}

export type Party = 'victim' | 'thief'

/** A transition system. `encode` gives equal text only to states that behave alike; `decode` is its inverse. */
export interface Machine<State> {
  readonly initial: State
  readonly steps: (state: State) => Step<State>[]
  readonly encode: (state: State) => string
  readonly decode: (text: string) => State
}

/** What a search found. `trace` is the shortest way to a broken law, or an infinite run; null = all states are good. */
export interface Finding {
  readonly states: number
  readonly broken: string | null
  readonly trace: readonly string[] | null
}

interface Edge {
  readonly from: number
  readonly to: number
  readonly serves: Party | undefined
}

interface Reached {
  readonly names: string[]
  readonly parents: number[]
  readonly broken: { readonly at: number; readonly label: string; readonly law: string } | null
}

const tooMany = 5_000_000

/** Visits every reachable state, breadth first; stops at the first broken law, so its trace is a shortest one. */
export function searchStates<State>(machine: Machine<State>): Finding {
  return findingOf(
    machine,
    reach(machine, () => {}),
  )
}

/**
 * As `searchStates`, then looks for an infinite run in which both parties are served for ever: a strongly connected
 * part of the graph with a step that serves each.
 */
export function searchRuns<State>(machine: Machine<State>): Finding & { readonly handovers: number } {
  const edges: Edge[] = []
  const reached = reach(machine, (edge) => edges.push(edge))
  const finding = findingOf(machine, reached)
  if (finding.broken !== null) return { ...finding, handovers: 0 }
  const graph = { names: reached.names, edges, outgoing: outgoingOf(reached.names.length, edges) }
  const component = components(graph)
  const pair = pairInOneComponent(edges, component)
  if (pair === null) return { ...finding, handovers: handoversOf(graph, component) }
  const way = pathTo(machine, reached, pair.victim.from)
  const loop = loopThrough(machine, graph, component, pair)
  return {
    ...finding,
    broken: 'both are served for ever',
    trace: [...withoutRepeats(way), 'for ever:', ...loop],
    handovers: Infinity,
  }
}

function reach<State>(machine: Machine<State>, onEdge: (edge: Edge) => void): Reached {
  const names = [machine.encode(machine.initial)]
  const parents = [-1]
  const numbers = new Map([[names[0] as string, 0]])
  for (let at = 0; at < names.length; at++) {
    for (const step of machine.steps(machine.decode(names[at] as string))) {
      if (step.broken !== undefined) return { names, parents, broken: { at, label: step.label, law: step.broken } }
      if (step.to === null) continue
      const name = machine.encode(step.to)
      let number = numbers.get(name)
      if (number === undefined) {
        number = names.length
        if (number >= tooMany) throw new Error(`more than ${tooMany} states`)
        numbers.set(name, number)
        names.push(name)
        parents.push(at)
      }
      onEdge({ from: at, to: number, serves: step.serves })
    }
  }
  return { names, parents, broken: null }
}

function findingOf<State>(machine: Machine<State>, { names, parents, broken }: Reached): Finding {
  if (broken === null) return { states: names.length, broken: null, trace: null }
  const trace = [...pathTo(machine, { names, parents }, broken.at), broken.label]
  return { states: names.length, broken: broken.law, trace: withoutRepeats(trace) }
}

function pathTo<State>(machine: Machine<State>, reached: Pick<Reached, 'names' | 'parents'>, target: number): string[] {
  const labels: string[] = []
  for (let at = target; at > 0; at = reached.parents[at] as number) {
    labels.push(labelOf(machine, reached.names[reached.parents[at] as number], reached.names[at]))
  }
  return labels.reverse()
}

function labelOf<State>(machine: Machine<State>, from = '', to = '', serves?: Party): string {
  const fits = (step: Step<State>): boolean =>
    step.to !== null && (serves === undefined || step.serves === serves) && machine.encode(step.to) === to
  return machine.steps(machine.decode(from)).find(fits)?.label ?? '?'
}

/** Folds "x, x, x" into "x (3 times)". */
function withoutRepeats(labels: readonly string[]): string[] {
  const folded: { label: string; times: number }[] = []
  for (const label of labels) {
    const last = folded.at(-1)
    if (last !== undefined && last.label === label) last.times += 1
    else folded.push({ label, times: 1 })
  }
  return folded.map(({ label, times }) => (times === 1 ? label : `${label} (${times} times)`))
}

interface Graph {
  readonly names: readonly string[]
  readonly edges: readonly Edge[]
  /** Numbers of the edges that leave a state. */
  readonly outgoing: readonly (readonly number[])[]
}

function outgoingOf(states: number, edges: readonly Edge[]): number[][] {
  const outgoing: number[][] = Array.from({ length: states }, () => [])
  edges.forEach((edge, number) => {
    outgoing[edge.from]?.push(number)
  })
  return outgoing
}

/** The strongly connected component of each state (Tarjan, without recursion). Components are numbered sinks first. */
function components({ names, edges, outgoing }: Graph): Int32Array {
  const component = new Int32Array(names.length).fill(-1)
  const order = new Int32Array(names.length).fill(-1)
  const low = new Int32Array(names.length)
  const nextEdge = new Int32Array(names.length)
  const open: number[] = []
  const path: number[] = [0]
  let found = 0
  let numbered = 0
  while (path.length > 0) {
    const at = path.at(-1) as number
    if (order[at] === -1) {
      order[at] = low[at] = found++
      open.push(at)
    }
    const edge = edges[outgoing[at]?.[nextEdge[at] as number] ?? -1]
    if (edge !== undefined) {
      nextEdge[at] = (nextEdge[at] as number) + 1
      if (order[edge.to] === -1) path.push(edge.to)
      else if (component[edge.to] === -1) low[at] = Math.min(low[at] as number, order[edge.to] as number)
      continue
    }
    path.pop()
    const above = path.at(-1)
    if (above !== undefined) low[above] = Math.min(low[above] as number, low[at] as number)
    if (low[at] !== order[at]) continue
    for (let member = -1; member !== at; ) {
      member = open.pop() as number
      component[member] = numbered
    }
    numbered += 1
  }
  return component
}

interface Pair {
  readonly victim: Edge
  readonly thief: Edge
}

function pairInOneComponent(edges: readonly Edge[], component: Int32Array): Pair | null {
  const firsts = { victim: new Map<number, Edge>(), thief: new Map<number, Edge>() }
  for (const edge of edges) {
    const inside = component[edge.from] as number
    if (edge.serves === undefined || inside !== component[edge.to]) continue
    if (!firsts[edge.serves].has(inside)) firsts[edge.serves].set(inside, edge)
    const victim = firsts.victim.get(inside)
    const thief = firsts.thief.get(inside)
    if (victim !== undefined && thief !== undefined) return { victim, thief }
  }
  return null
}

function loopThrough<State>(machine: Machine<State>, graph: Graph, component: Int32Array, pair: Pair): string[] {
  const walk = (from: number, to: number): string[] => labelsInside(machine, graph, component, from, to)
  const step = (edge: Edge): string => labelOf(machine, graph.names[edge.from], graph.names[edge.to], edge.serves)
  const there = walk(pair.victim.to, pair.thief.from)
  const back = walk(pair.thief.to, pair.victim.from)
  return withoutRepeats([step(pair.victim), ...there, step(pair.thief), ...back])
}

/** The labels of a shortest path that never leaves the component of its ends. */
function labelsInside<State>(
  machine: Machine<State>,
  { names, edges, outgoing }: Graph,
  component: Int32Array,
  from: number,
  to: number,
): string[] {
  const cameBy = new Map<number, Edge | null>([[from, null]])
  for (const at of cameBy.keys()) {
    if (at === to) break
    for (const number of outgoing[at] ?? []) {
      const edge = edges[number] as Edge
      if (component[edge.to] === component[from] && !cameBy.has(edge.to)) cameBy.set(edge.to, edge)
    }
  }
  const labels: string[] = []
  for (let edge = cameBy.get(to); edge; edge = cameBy.get(edge.from)) {
    labels.push(labelOf(machine, names[edge.from], names[edge.to], edge.serves))
  }
  return labels.reverse()
}

/** The most often that "served last" can pass from one party to the other in any run. Needs a graph without a pair. */
function handoversOf({ names, edges, outgoing }: Graph, component: Int32Array): number {
  const members: number[][] = []
  component.forEach((number, state) => {
    members[number] ??= []
    members[number].push(state)
  })
  const most: Record<Party, number>[] = []
  members.forEach((states, number) => {
    const leaving = states.flatMap((state) => (outgoing[state] ?? []).map((edge) => edges[edge] as Edge))
    const inside = leaving.find((edge) => edge.serves !== undefined && component[edge.to] === number)?.serves
    const after = (last: Party): number => {
      let best = 0
      for (const edge of leaving) {
        const next = component[edge.to] as number
        if (next === number) continue
        const passed = edge.serves !== undefined && edge.serves !== last ? 1 : 0
        best = Math.max(best, passed + (most[next] as Record<Party, number>)[edge.serves ?? last])
      }
      return best
    }
    const from = (last: Party): number =>
      inside === undefined || inside === last ? after(last) : Math.max(after(last), 1 + after(inside))
    most.push({ victim: from('victim'), thief: from('thief') })
  })
  return names.length === 0 ? 0 : (most[component[0] as number] as Record<Party, number>).victim
}
