import { html, type Markup } from '../markup.ts'
import { LAND } from './land.ts'

const WIDTH = 680
const HEIGHT = 306
/** Latitudes drawn; nothing that attacks lives beyond. */
const NORTH = 80
const SOUTH = -56

/** Places of the attackers as circles on an outline of the land (equirectangular), the area of each as its number. */
export function originMap(
  points: readonly { label: string; lon: number; lat: number; value: number }[],
  title: string,
): Markup {
  const most = Math.max(1, ...points.map(({ value }) => value))
  return html`<svg class="chart map" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}" xmlns="http://www.w3.org/2000/svg">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#f4f7f9"/>
${LAND.map((ring) => html`<polygon points="${ring.map(([lon, lat]) => `${x(lon)},${y(lat)}`).join(' ')}" fill="#d9dfd4" stroke="#b9c2b4" stroke-width="0.5"/>`)}
${points.map(({ label, lon, lat, value }) => html`<circle cx="${x(lon)}" cy="${y(lat)}" r="${(4 + 12 * Math.sqrt(value / most)).toFixed(1)}" fill="#9b1b30" fill-opacity="0.55" stroke="#9b1b30"/><text x="${x(lon)}" y="${(Number(y(lat)) + 3.5).toFixed(1)}" text-anchor="middle" font-size="9">${label} ${value}</text>`)}
</svg>`
}

const x = (lon: number): string => (((lon + 180) / 360) * WIDTH).toFixed(1)
const y = (lat: number): string =>
  (((NORTH - Math.min(NORTH, Math.max(SOUTH, lat))) / (NORTH - SOUTH)) * HEIGHT).toFixed(1)
