import { useEffect, useState } from 'preact/hooks'
import type { Overview as Answer, Sample } from './answers.ts'
import { ask, messageOf } from './api.ts'
import { Chart, type Curve } from './chart.tsx'
import { causeOf, count, millis } from './format.ts'
import { Failed, Title, When } from './parts.tsx'

const askEvery = 10_000

/** How it goes now, and how the last hour went. */
export function Overview(_props: { readonly about: string }) {
  const { answer, trouble, again } = useOverview()
  return (
    <>
      <Title>Overview</Title>
      {trouble !== null && <Failed message={trouble} again={again} />}
      {answer === null ? trouble === null && <p class="quiet">Loading…</p> : <Shown answer={answer} />}
    </>
  )
}

function useOverview() {
  const [answer, setAnswer] = useState<Answer | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const load = async (): Promise<void> => {
    try {
      const said = await ask<Answer>('GET', '/admin/overview')
      setAnswer(said)
      setTrouble(null)
      // The first count has only begun.
      if (said.active === null) setTimeout(() => void load(), 500)
    } catch (error) {
      setTrouble(messageOf(error))
    }
  }
  useEffect(() => {
    void load()
    const timer = setInterval(() => void load(), askEvery)
    return () => clearInterval(timer)
  }, [])
  return { answer, trouble, again: () => void load() }
}

function Shown({ answer: { active, node, samples } }: { readonly answer: Answer }) {
  const recent = samples.slice(-60)
  const sum = (of: (sample: Sample) => number): number => recent.reduce((total, sample) => total + of(sample), 0)
  const alarms = sum(({ alarms: number }) => number)
  return (
    <>
      <dl class="tiles">
        <Tile name="Active sessions" value={active === null ? '…' : count(active.active)}>
          {active === null ? (
            'counting'
          ) : (
            <>
              {count(active.cookie)} cookies, {count(active.token)} tokens; counted <When at={active.at} />
            </>
          )}
        </Tile>
        <Tile name="Sign-ins" value={count(sum(({ logins }) => logins))}>
          {count(sum(({ failures }) => failures))} failed, in ten minutes
        </Tile>
        <Tile name="Alarms" value={count(alarms)} bad={alarms > 0}>
          in ten minutes
        </Tile>
        <Tile name="This node" value={node?.current === true ? 'Current' : 'Behind'} bad={node?.current !== true}>
          {leaseOf(node)}
        </Tile>
      </dl>
      <h2>The last hour of this node</h2>
      <Charts samples={samples} />
    </>
  )
}

function leaseOf(node: Answer['node']): string {
  if (node === null) return 'the engine is not open yet'
  if (node.leaseAge === null) return 'sees every change at once'
  return `heard from the engine ${millis(node.leaseAge)} ago`
}

interface TileProps {
  readonly name: string
  readonly value: string
  readonly bad?: boolean
  readonly children: preact.ComponentChildren
}

function Tile({ name, value, bad = false, children }: TileProps) {
  return (
    <div class="sheet tile">
      <dt>{name}</dt>
      <dd class={bad ? 'tile-value state-expiring' : 'tile-value'}>{value}</dd>
      <dd class="quiet">{children}</dd>
    </div>
  )
}

function Charts({ samples }: { readonly samples: readonly Sample[] }) {
  const times = samples.map(({ at }) => at / 1000)
  const curve = (name: string, of: (sample: Sample) => number | null): Curve => ({ name, values: samples.map(of) })
  const causes = [...new Set(samples.flatMap(({ ended }) => Object.keys(ended)))].sort()
  const each = 'in ten seconds each'
  return (
    <div class="charts">
      <Chart
        title="Active sessions"
        unit="on all nodes, where counted"
        times={times}
        curves={[curve('active', ({ active }) => active)]}
      />
      <Chart
        title="Sign-ins and failures"
        unit={each}
        times={times}
        curves={[curve('signed in', ({ logins }) => logins), curve('failed', ({ failures }) => failures)]}
      />
      <Chart title="Renewals" unit={each} times={times} curves={[curve('renewed', ({ renewals }) => renewals)]} />
      <Chart
        title="Ended, by reason"
        unit={each}
        times={times}
        curves={causes.map((cause) => curve(causeOf(cause), ({ ended }) => ended[cause] ?? 0))}
      />
      <Chart title="Alarms" unit={each} times={times} curves={[curve('reuse and “not me”', ({ alarms }) => alarms)]} />
      <Chart
        title="Latency of the engine"
        unit="ms"
        times={times}
        curves={[curve('median', ({ engineMedian }) => engineMedian), curve('99 of 100', ({ engineP99 }) => engineP99)]}
      />
      {samples.some(({ leaseAge }) => leaseAge !== null) && (
        <Chart
          title="Age of the lease"
          unit="ms, the oldest at a heartbeat"
          times={times}
          curves={[curve('lease', ({ leaseAge }) => leaseAge)]}
        />
      )}
    </div>
  )
}
