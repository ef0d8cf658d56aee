/** Unit of every figure. */
export const UNIT = 'µs CPU per event'
/** A figure this many times over its budget is no noise of the machine: the run fails. */
export const HANG_FACTOR = 5

/** One measured figure, with its peer from the same run where there is one. */
export interface Figure {
  /** Stage, and after a slash the variant: `receive/tcp`. */
  stage: string
  /** CPU microseconds (user + system of our process) per event. */
  value: number
  /** Budget of design.md 8, where the figure covers what the budget is for. */
  budget: number | null
  /** What it is compared with. */
  peer: string | null
  /** The peer's CPU microseconds per event. */
  peerValue: number | null
  /** What was measured, short. */
  what: string
}

/** How a benchmark is run. */
export interface BenchOptions {
  /** Seconds instead of minutes, for a quick look and for CI. */
  quick: boolean
  env: Readonly<Record<string, string | undefined>>
}

/** The benchmark of one stage. Its first figure is the headline; no figure at all means that something it needs is not there. */
export interface StageBench {
  run(options: BenchOptions): Promise<{ figures: Figure[]; skipped: string[] }>
}

/** Takes CPU microseconds of several rounds of so many events; gives the median per event. */
export function medianPerEvent(roundsMicros: readonly number[], events: number): number {
  if (roundsMicros.length === 0 || events <= 0) throw new RangeError('Nothing was measured.')
  const sorted = roundsMicros.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  const median = sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
  return median / events
}

/** Our cost over the peer's: below 1 is cheaper than the peer; null without a peer. */
export function ratioOf({ value, peerValue }: Pick<Figure, 'value' | 'peerValue'>): number | null {
  return peerValue === null || peerValue <= 0 ? null : rounded(value / peerValue)
}

/** True where a figure is so far over its budget that something hangs. */
export function isHanging({ value, budget }: Pick<Figure, 'value' | 'budget'>): boolean {
  return budget !== null && value > budget * HANG_FACTOR
}

/** The line of `tocsin bench <stage> --json` (design.md 8). */
export function figureLine(figure: Figure): string {
  const { stage, peer } = figure
  const value = rounded(figure.value)
  const peerValue = figure.peerValue === null ? null : rounded(figure.peerValue)
  return JSON.stringify({ stage, value, unit: UNIT, peer, peerValue, ratio: ratioOf(figure) })
}

/** Three significant digits: more would be noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}

/** The figures as a Markdown table. */
export function figureTable(figures: readonly Figure[]): string[] {
  const rows = figures.map((figure) => {
    const ratio = ratioOf(figure)
    return [
      figure.stage,
      String(rounded(figure.value)),
      budgetText(figure),
      figure.peerValue === null ? '' : `${rounded(figure.peerValue)} (${figure.peer})`,
      ratio === null ? '' : String(ratio),
      figure.what,
    ]
  })
  const all = [['stage', 'µs', 'budget', 'peer µs', 'ratio', 'what was measured'], ...rows]
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = all
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)]
}

function budgetText({ value, budget }: Figure): string {
  if (budget === null) return ''
  return value <= budget ? `${budget}` : `${budget} (${rounded(value / budget)} times)`
}
