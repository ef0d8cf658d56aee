import { html, type Markup } from '../markup.ts'

/** One bar of a stacked chart. */
export interface Bar {
  label: string
  parts: readonly number[]
}

const WIDTH = 680
const HEIGHT = 150
const FLOOR = 122
const TOP = 14
/** Above this many bars every second label and so on is left out. */
const MAX_LABELS = 12

/** Stacked bars as inline SVG; the colours differ in brightness too, so that they are told apart in grey print. */
export function stackedBars(bars: readonly Bar[], colours: readonly string[], title: string): Markup {
  const most = Math.max(1, ...bars.map(({ parts }) => sum(parts)))
  const step = WIDTH / Math.max(1, bars.length)
  const width = Math.min(56, step * 0.55)
  const every = Math.ceil(bars.length / MAX_LABELS)
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}" xmlns="http://www.w3.org/2000/svg">
<line x1="0" y1="${FLOOR}" x2="${WIDTH}" y2="${FLOOR}" stroke="#333" stroke-width="1"/>
${bars.map((bar, index) => oneBar(index % every === 0 ? bar : { ...bar, label: '' }, index * step + step / 2, width, most, colours))}
</svg>`
}

function oneBar(
  { label, parts }: Bar,
  centre: number,
  width: number,
  most: number,
  colours: readonly string[],
): Markup {
  let y = FLOOR
  const rects = parts.map((value, index) => {
    const height = ((FLOOR - TOP) * value) / most
    y -= height
    return value === 0
      ? null
      : html`<rect x="${fixed(centre - width / 2)}" y="${fixed(y)}" width="${fixed(width)}" height="${fixed(height)}" fill="${colours[index] ?? '#888'}"/>`
  })
  const total = sum(parts)
  return html`${rects}${total === 0 ? null : html`<text x="${fixed(centre)}" y="${fixed(y - 3)}" text-anchor="middle" font-size="${width < 14 ? 8 : 11}">${total}</text>`}
<text x="${fixed(centre)}" y="${FLOOR + 16}" text-anchor="middle" font-size="11">${label}</text>`
}

/** Bars lying one below another, the longest first, with their values. */
export function rankedBars(ranks: readonly { label: string; value: number }[], title: string): Markup {
  const most = Math.max(1, ...ranks.map(({ value }) => value))
  const row = 20
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${ranks.length * row + 4}" role="img" aria-label="${title}" xmlns="http://www.w3.org/2000/svg">
${ranks.map(({ label, value }, index) => {
  const y = index * row
  const width = ((WIDTH - 290) * value) / most
  return html`<text x="232" y="${y + 14}" text-anchor="end" font-size="11">${label}</text><rect x="240" y="${y + 3}" width="${fixed(width)}" height="14" fill="#4f7ea8"/><text x="${fixed(246 + width)}" y="${y + 14}" font-size="11">${value}</text>`
})}
</svg>`
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const fixed = (value: number): string => value.toFixed(1)
