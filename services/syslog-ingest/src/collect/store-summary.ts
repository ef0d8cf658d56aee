/** What `tocsin collect status` says of a store. */
export interface StoreSummary {
  collector: string
  circuit: string
  collectorId: string
  folder: string
  running: boolean
  segments: number
  bytes: number
  maxBytes: number
  /** Numbers of the oldest and the newest line on disk; null where there is none. */
  firstSeq: number | null
  lastSeq: number | null
  /** When they were taken, UTC ms. */
  oldestAt: number | null
  newestAt: number | null
  /** Last line that the centre has acknowledged. */
  forwardedSeq: number
  waitingLines: number
  /** Hours until the room is used up, at the rate of the last day; null where that cannot be said. */
  hoursOfRoom: number | null
  /** How far each file and the journal have been read. */
  positions: Record<string, string>
  /** Only after a check of every record. */
  verified: Verification | null
}

/** What a check of every record has found. */
export interface Verification {
  lines: number
  damagedParts: number
  /** Numbers that are missing between the first and the last. */
  missingLines: number
  /** Lines by input. */
  inputs: Record<string, number>
}

const HOUR_MS = 3_600_000
/** A shorter time says nothing of a rate. */
const SPAN_LEAST_MS = 600_000
const KEYS = ['collector', 'circuit', 'collectorId', 'folder', 'running'] as const

/** Takes octets used, the bound, and what was written in how long; gives hours until the bound, or null. */
export function hoursOfRoom(bytes: number, maxBytes: number, writtenBytes: number, spanMs: number): number | null {
  if (writtenBytes <= 0 || spanMs < SPAN_LEAST_MS) return null
  return Math.max(0, ((maxBytes - bytes) / writtenBytes) * (spanMs / HOUR_MS))
}

/** Takes a summary; gives it as lines for a person. */
export function summaryText(summary: StoreSummary): string {
  const time = (at: number | null) => (at === null ? '-' : new Date(at).toISOString())
  const { verified, bytes, maxBytes, firstSeq, lastSeq, waitingLines, forwardedSeq } = summary
  const room =
    summary.hoursOfRoom === null ? 'not known yet' : `${Math.floor(summary.hoursOfRoom)} h at the present rate`
  const rows: [string, string][] = [
    ...KEYS.map((key): [string, string] => [key, String(summary[key])]),
    [
      'lines',
      firstSeq === null ? 'none' : `${firstSeq} to ${lastSeq}, ${time(summary.oldestAt)} to ${time(summary.newestAt)}`,
    ],
    ['at the centre', `up to ${forwardedSeq}; ${waitingLines} wait`],
    ['disk', `${mib(bytes)} of ${mib(maxBytes)} MiB in ${summary.segments} segments; room: ${room}`],
    ...Object.entries(summary.positions).map(([input, position]): [string, string] => [`read of ${input}`, position]),
  ]
  if (verified !== null) {
    const { lines, damagedParts, missingLines, inputs } = verified
    rows.push(['checked', `${lines} whole lines, ${damagedParts} damaged parts, ${missingLines} numbers missing`])
    for (const [input, count] of Object.entries(inputs)) rows.push([`lines of ${input}`, String(count)])
  }
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('')
}

const mib = (bytes: number): string => (bytes / 1_048_576).toFixed(1)
