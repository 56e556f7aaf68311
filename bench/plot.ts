/** Plots as SVG, drawn from figures alone: the same figures give the same text. Light and dark follow the reader. */

export interface Series {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

export interface LinePlot {
  readonly title: string
  /** What stands on the axes, with the unit. */
  readonly x: string
  readonly y: string
  readonly series: readonly Series[]
}

export interface Bar {
  readonly name: string
  readonly value: number
  readonly low: number
  readonly high: number
  /** Ours. */
  readonly strong: boolean
}

const width = 820
const colours = ['#b3261e', '#2563a8', '#4d7c0f', '#7c3aed']
const darkColours = ['#ff8a80', '#8ab8ef', '#a3d65c', '#c4a7ff']

const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.grid { stroke: #d0d7de; stroke-width: 1 }
.bar { fill: #8c959f }
.interval { stroke: #1f2328; stroke-width: 1.5 }
${colours.map((colour, at) => `.s${at} { stroke: ${colour}; fill: ${colour} }`).join('\n')}
.strong { fill: ${colours[0]} }
.line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.grid { stroke: #3d444d }
.bar { fill: #6e7681 }
.interval { stroke: #e6edf3 }
${darkColours.map((colour, at) => `.s${at} { stroke: ${colour}; fill: ${colour} }`).join('\n')}
.strong { fill: ${darkColours[0]} }
.line { fill: none }
}
.label { stroke: none }
</style>`

function svg(title: string, height: number, parts: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`
  return `${[head, style, `<text class="title" x="16" y="24">${escaped(title)}</text>`, ...parts, '</svg>'].join('\n')}\n`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** The horizontal axis counts by powers of ten, the vertical one begins at 0. */
export function drawLines({ title, x, y, series }: LinePlot): string {
  const area = { left: 70, right: width - 44, top: 44 + 20 * series.length, bottom: 400 }
  const all = series.flatMap(({ points }) => points)
  const [least, most] = [Math.min(...all.map((point) => point.x)), Math.max(...all.map((point) => point.x))]
  const top = niceTop(Math.max(...all.map((point) => point.y)))
  const atX = (value: number): number =>
    round(area.left + ((Math.log10(value) - Math.log10(least)) / Math.log10(most / least)) * (area.right - area.left))
  const atY = (value: number): number => round(area.bottom - (value / top) * (area.bottom - area.top))
  const parts = [
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((part) => [
      `<line class="grid" x1="${area.left}" x2="${area.right}" y1="${atY(part * top)}" y2="${atY(part * top)}"/>`,
      `<text x="${area.left - 8}" y="${atY(part * top) + 4}" text-anchor="end">${round(part * top)}</text>`,
    ]),
    ...powersBetween(least, most).map(
      (power) =>
        `<text x="${atX(10 ** power)}" y="${area.bottom + 20}" text-anchor="middle">${(10 ** power).toLocaleString('en')}</text>`,
    ),
    `<text x="${area.right}" y="${area.bottom + 40}" text-anchor="end">${escaped(x)}</text>`,
    `<text x="${area.right}" y="24" text-anchor="end">${escaped(y)}</text>`,
    ...series.flatMap(({ name, points }, at) => {
      const path = points.map((point) => `${atX(point.x)},${atY(point.y)}`).join(' ')
      const dots = points.map((point) => `<circle cx="${atX(point.x)}" cy="${atY(point.y)}" r="3.5"/>`)
      const label = `<text class="label" x="44" y="${49 + 20 * at}">${escaped(name)}</text>`
      const sample = `<circle cx="30" cy="${44 + 20 * at}" r="5"/>`
      return [`<g class="s${at}"><polyline class="line" points="${path}"/>${dots.join('')}${sample}</g>`, label]
    }),
  ]
  return svg(title, area.bottom + 52, parts)
}

function powersBetween(least: number, most: number): readonly number[] {
  const powers: number[] = []
  for (let power = Math.ceil(Math.log10(least)); power <= Math.log10(most) + 1e-9; power++) powers.push(power)
  return powers
}

/** The next round number. */
function niceTop(most: number): number {
  const unit = 10 ** Math.floor(Math.log10(most))
  return ([1, 2, 4, 6, 8, 10].find((factor) => factor * unit >= most) ?? 10) * unit
}

/** Bars on an axis that counts by powers of ten, shortest first, each with its interval. What is not above 0 has no bar. */
export function drawBars(title: string, unit: string, bars: readonly Bar[]): string {
  const sorted = [...bars].sort((a, b) => a.value - b.value)
  const area = { left: 300, right: width - 120, top: 44 }
  const rowHeight = 22
  const least = 0.1
  const most = 10 ** Math.ceil(Math.log10(Math.max(...sorted.map(({ value }) => value))))
  const at = (value: number): number =>
    round(
      area.left + (Math.log10(Math.max(value, least) / least) / Math.log10(most / least)) * (area.right - area.left),
    )
  const bottom = area.top + sorted.length * rowHeight
  const parts = [
    ...powersBetween(least, most).flatMap((power) => [
      `<line class="grid" x1="${at(10 ** power)}" x2="${at(10 ** power)}" y1="${area.top}" y2="${bottom}"/>`,
      `<text x="${at(10 ** power)}" y="${bottom + 18}" text-anchor="middle">${round(10 ** power)}</text>`,
    ]),
    `<text x="${width - 16}" y="${bottom + 18}" text-anchor="end">${escaped(unit)}</text>`,
    ...sorted.flatMap(({ name, value, low, high, strong }, row) => {
      const y = area.top + row * rowHeight
      const middle = y + 11
      return [
        `<text x="${area.left - 10}" y="${y + 15}" text-anchor="end">${escaped(name)}</text>`,
        `<rect class="${strong ? 'strong' : 'bar'}" x="${area.left}" y="${y + 4}" width="${round(at(value) - area.left)}" height="14"/>`,
        `<line class="interval" x1="${at(low)}" x2="${at(high)}" y1="${middle}" y2="${middle}"/>`,
        `<text x="${round(Math.max(at(value), at(high)) + 8)}" y="${y + 15}">${value >= 100 ? value.toFixed(0) : value.toFixed(1)}</text>`,
      ]
    }),
  ]
  return svg(title, bottom + 30, parts)
}
