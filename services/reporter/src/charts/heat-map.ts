import { html, type Markup } from '../markup.ts'

const CELL = 25
const LEFT = 56

/** Days of the week by hours of the day; the darker, the more. The number stands in each cell that has one. */
export function heatMap(
  rows: readonly string[],
  columns: readonly string[],
  values: readonly (readonly number[])[],
  title: string,
): Markup {
  const most = Math.max(1, ...values.flat())
  const width = LEFT + columns.length * CELL
  return html`<svg class="chart" viewBox="0 0 ${width} ${rows.length * CELL + 22}" role="img" aria-label="${title}" xmlns="http://www.w3.org/2000/svg">
${rows.map(
  (name, row) =>
    html`<text x="${LEFT - 8}" y="${row * CELL + 17}" text-anchor="end" font-size="11">${name}</text>${columns.map(
      (_, column) => {
        const value = values[row]?.[column] ?? 0
        const share = value / most
        return html`<rect x="${LEFT + column * CELL}" y="${row * CELL}" width="${CELL - 1}" height="${CELL - 1}" fill="${shade(share)}"/>${
          value === 0
            ? null
            : html`<text x="${LEFT + column * CELL + CELL / 2}" y="${row * CELL + 16}" text-anchor="middle" font-size="9" fill="${share > 0.55 ? '#fff' : '#111'}">${value}</text>`
        }`
      },
    )}`,
)}
${columns.map((name, column) => html`<text x="${LEFT + column * CELL + CELL / 2}" y="${rows.length * CELL + 14}" text-anchor="middle" font-size="9">${name}</text>`)}
</svg>`
}

/** From near white to dark red, even in grey. */
export function shade(share: number): string {
  const mix = (light: number, dark: number): number => Math.round(light + (dark - light) * Math.sqrt(share))
  return share === 0 ? '#f2f4f6' : `rgb(${mix(250, 122)},${mix(226, 16)},${mix(205, 36)})`
}
