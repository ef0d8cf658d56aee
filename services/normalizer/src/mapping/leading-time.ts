import type { Line, LineTime } from '../parser.ts'
import { readTimeAt } from '../time/read-time.ts'

const starts =
  /(?:^|[[("'\s|=,])(?=\d{4}[-/.]\d\d?[-/.]\d|\d{1,2}[/-](?:\d{1,2}|[A-Z][a-z]{2})[/-]\d{2,4}|[A-Z][a-z]{2}(?:,| [A-Z]| {1,2}\d))/g

/** A date and time near the start of a line that no header reader took: in brackets or quotes, or after a level or a thread. */
export function readLeadingTime(line: Line): LineTime | undefined {
  const head = line.text.slice(0, 200)
  starts.lastIndex = 0
  for (let match = starts.exec(head); match !== null; match = starts.exec(head)) {
    const found = readTimeAt(line.text, starts.lastIndex, { receivedAt: line.receivedAt, timeZone: line.timeZone })
    if (found !== undefined) return found.time
    if (match[0] === '') starts.lastIndex++
  }
  return undefined
}
