import { useEffect, useId, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { atMinute, atTime, count } from './format.ts'

export interface Curve {
  readonly name: string
  readonly values: readonly (number | null)[]
}

export interface ChartProps {
  readonly title: string
  readonly unit: string
  /** Seconds since the Unix epoch, one for each value. */
  readonly times: readonly number[]
  readonly curves: readonly Curve[]
}

const height = 160

/** A time series, with the same in words: pictures say nothing to whoever does not see them. */
export function Chart({ title, unit, times, curves }: ChartProps) {
  const id = useId()
  const { place, pointed } = usePlot(times, curves)
  const shown = pointed ?? times.length - 1
  return (
    <figure class="sheet chart" aria-labelledby={id}>
      <figcaption id={id}>
        <strong>{title}</strong> <span class="quiet">{unit}</span>
        <span class="unseen">. {curves.map((curve) => inWords(curve, times)).join(' ')}</span>
      </figcaption>
      <div ref={place} aria-hidden="true" />
      <ul class="legend" aria-hidden="true">
        {curves.map(({ name, values }, index) => (
          <li key={name}>
            <svg aria-hidden="true" viewBox="0 0 24 8" class={`line line-${index % looks.length}`}>
              <path d="M0 4h24" stroke-dasharray={looks[index % looks.length]?.dash.join(' ')} />
            </svg>
            {name}: {wordOf(values[shown])}
          </li>
        ))}
        <li>{pointed === null ? 'now' : atTime((times[pointed] ?? 0) * 1000)}</li>
      </ul>
      {curves.length === 0 && <p class="quiet">Nothing in this hour.</p>}
    </figure>
  )
}

/** The drawing itself. @returns where it stands, and which of the times the pointer is at */
function usePlot(times: readonly number[], curves: readonly Curve[]) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const [pointed, setPointed] = useState<number | null>(null)
  const names = curves.map(({ name }) => name).join('\n')
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const draw = (): void => {
      plot.current?.destroy()
      const point = ({ cursor }: uPlot): void => setPointed(cursor.idx ?? null)
      plot.current = new uPlot(optionsFor(element, curves, point), dataOf(times, curves), element)
    }
    draw()
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', draw)
    return () => {
      resized.disconnect()
      scheme.removeEventListener('change', draw)
      plot.current?.destroy()
      plot.current = null
    }
  }, [names])
  useEffect(() => {
    plot.current?.setData(dataOf(times, curves))
  }, [times])
  return { place, pointed }
}

function wordOf(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : count(value)
}

function inWords({ name, values }: Curve, times: readonly number[]): string {
  const known = values.flatMap((value, index) => (value === null ? [] : [{ value, at: times[index] ?? 0 }]))
  const last = known.at(-1)
  if (last === undefined) return `${name}: nothing known.`
  const most = known.reduce((best, one) => (one.value > best.value ? one : best), last)
  return `${name}: now ${count(last.value)}, at most ${count(most.value)} at ${atTime(most.at * 1000)}.`
}

function dataOf(times: readonly number[], curves: readonly Curve[]): uPlot.AlignedData {
  return [[...times], ...curves.map(({ values }) => [...values])]
}

/** Colours and dashes: no curve is told by its colour alone. */
const looks = [
  { colour: '--ink', dash: [] },
  { colour: '--bad', dash: [6, 4] },
  { colour: '--good', dash: [2, 3] },
  { colour: '--quiet', dash: [10, 3, 2, 3] },
  { colour: '--text', dash: [1, 5] },
  { colour: '--edge', dash: [12, 6] },
] as const

const hour = 3600
const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7]

/** Half a sign-in is none. */
function isWhole(curves: readonly Curve[]): boolean {
  return curves.every(({ values }) => values.every((value) => value === null || Number.isInteger(value)))
}

function optionsFor(element: HTMLElement, curves: readonly Curve[], point: (plot: uPlot) => void): uPlot.Options {
  const style = getComputedStyle(element)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--quiet'),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  }
  return {
    width: element.clientWidth,
    height,
    padding: [12, 8, 0, 0],
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    legend: { show: false },
    hooks: { setCursor: [point] },
    scales: {
      x: { range: (_plot, _first, last) => [last - hour, last] },
      y: { range: (_plot, _least, most) => [0, Math.max(1, (most ?? 0) * 1.1)] },
    },
    axes: [
      { ...axis, size: 28, space: 70, values: (_plot, seconds) => seconds.map((at) => atMinute(at * 1000)) },
      {
        ...axis,
        size: 48,
        space: 40,
        ...(isWhole(curves) && { incrs: wholeSteps }),
        values: (_plot, values) => values.map((value) => count(value)),
      },
    ],
    series: [
      {},
      ...curves.map(({ name }, index) => {
        const look = looks[index % looks.length] ?? looks[0]
        return {
          label: name,
          stroke: colour(look.colour),
          dash: [...look.dash],
          width: 2,
          spanGaps: true,
          points: { size: 5, fill: colour(look.colour) },
        }
      }),
    ],
  }
}
