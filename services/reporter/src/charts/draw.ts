import type { Drawing } from '../document/document.ts'
import type { Markup } from '../markup.ts'
import { rankedBars, stackedBars } from './bars.ts'
import { heatMap } from './heat-map.ts'
import { originMap } from './origin-map.ts'

/** Takes a drawing; gives it as SVG. */
export function draw(drawing: Drawing, title: string): Markup {
  switch (drawing.shape) {
    case 'bars':
      return stackedBars(
        drawing.bars,
        drawing.legend.map(({ colour }) => colour),
        title,
      )
    case 'ranks':
      return rankedBars(drawing.ranks, title)
    case 'heat':
      return heatMap(drawing.rows, drawing.columns, drawing.values, title)
    case 'map':
      return originMap(drawing.points, title)
    default:
      return drawing satisfies never
  }
}

/** The numbers that a drawing shows, as rows of a table; the first row is its head. */
export function drawingRows(drawing: Drawing): (string | number)[][] {
  switch (drawing.shape) {
    case 'bars':
      return [
        ['', ...drawing.legend.map(({ title }) => title)],
        ...drawing.bars.map(({ label, parts }) => [label, ...parts]),
      ]
    case 'ranks':
      return [['', ''], ...drawing.ranks.map(({ label, value }) => [label, value])]
    case 'heat':
      return [['', ...drawing.columns], ...drawing.rows.map((name, row) => [name, ...(drawing.values[row] ?? [])])]
    case 'map':
      return [['', '°', '°', ''], ...drawing.points.map(({ label, lon, lat, value }) => [label, lon, lat, value])]
    default:
      return drawing satisfies never
  }
}
