import { DAY_MS, dateOf, localDayAt, periodStart, textOf, wallTimeAt } from '@tocsin/obligations'
import { shade } from '../charts/heat-map.ts'
import type { Drawing } from '../document/document.ts'
import { countedCases, intrudersOf } from './attacks.ts'
import { type Block, type BlockContext, shortDay } from './context.ts'

/** Fills of the severities, lowest first: from light to dark, so that they are told apart in grey print. */
const COLOURS = ['#bcd4e6', '#f2c14e', '#e0703a', '#9b1b30']
const MAX_BARS = 31
const MAX_RANKS = 10
const MAX_POINTS = 200

/** Detections by day and severity; a long period by week or month. `daysBefore` of the template shows days before it, too. */
export const trend: Block = (context) => {
  const { pack, language } = context.input
  const severities = pack.severity.bands
  const spans = spansOf(context)
  const bars = spans.map(({ label, from, to }) => ({
    label,
    parts: severities.map(
      ({ code }) =>
        context.evidence.sum(
          'daily-facts',
          { ...context.scope, name: 'detections', 'dimensions.severity': code, day: { from, to } },
          'value',
        ).figure,
    ),
  }))
  const legend = severities.map(({ title }, index) => ({
    title: title[language as keyof typeof title] ?? title.en,
    colour:
      severities.length <= COLOURS.length ? (COLOURS[index] ?? '#888888') : shade((index + 1) / severities.length),
  }))
  return [{ part: 'chart', title: context.label('trend'), drawing: { shape: 'bars', legend, bars } }]
}

interface Span {
  label: string
  from: string
  to: string
}

/** Days, else weeks, else months, so that the bars fit a page. */
function spansOf(context: BlockContext): Span[] {
  const { pack, from, to, language, template } = context.input
  const last = localDayAt(pack.timeZone, to - 1)
  const first = Math.min(localDayAt(pack.timeZone, from), last - template.daysBefore + 1)
  const unit = last - first < MAX_BARS ? 'day' : last - first < MAX_BARS * 7 ? 'week' : 'month'
  const spans = new Map<number, Span>()
  for (let day = first; day <= last; day++) {
    const start = Math.max(first, periodStart(unit, day))
    const date = dateOf(start)
    const label = unit === 'month' ? date.slice(0, 7) : shortDay(date, language)
    spans.set(start, { label, from: date, to: dateOf(day + 1) })
  }
  return [...spans.values()]
}

/** Cases by class, the most frequent first. */
export const classes: Block = (context) => {
  const counts = new Map<string, number>()
  for (const { rsitClass } of countedCases(context)) counts.set(rsitClass, (counts.get(rsitClass) ?? 0) + 1)
  const ranks = [...counts]
    .sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
    .slice(0, MAX_RANKS)
    .map(([cls, value]) => ({ label: textOf(cls, context.input.language), value }))
  return ranks.length === 0 ? [] : [chart(context.label('byClass'), { shape: 'ranks', ranks })]
}

/** Cases by hour of the local day and day of the week. */
export const hours: Block = (context) => {
  const { pack, language } = context.input
  const values = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0))
  let seen = 0
  for (const { occurredFirst } of countedCases(context)) {
    // 1970-01-01 was a Thursday; Monday comes first.
    const day = (localDayAt(pack.timeZone, occurredFirst) + 3) % 7
    const hour = Math.floor(wallTimeAt(pack.timeZone, occurredFirst) / 3_600_000)
    const row = values[day]
    if (row === undefined) continue
    row[hour] = (row[hour] ?? 0) + 1
    seen++
  }
  const names = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' })
  const rows = Array.from({ length: 7 }, (_, index) => names.format((index + 4) * DAY_MS))
  const columns = Array.from({ length: 24 }, (_, hour) => String(hour))
  return seen === 0 ? [] : [chart(context.label('byHour'), { shape: 'heat', rows, columns, values })]
}

/** Where the sources of the cases lie, on our own outline of the land. */
export const origins: Block = (context) => {
  const places = new Map<string, { label: string; lon: number; lat: number; value: number }>()
  for (const { side, cases } of intrudersOf(context)) {
    if (side.lon === null || side.lat === null) continue
    const key = `${side.country ?? ''} ${side.lon.toFixed(0)} ${side.lat.toFixed(0)}`
    const known = places.get(key)
    const value = (known?.value ?? 0) + cases.size
    places.set(key, { label: side.country ?? '', lon: side.lon, lat: side.lat, value })
  }
  const points = [...places.values()].sort((one, other) => other.value - one.value).slice(0, MAX_POINTS)
  return points.length === 0 ? [] : [chart(context.label('origins'), { shape: 'map', points })]
}

function chart(title: string, drawing: Drawing): ReturnType<Block>[number] {
  return { part: 'chart', title, drawing }
}
