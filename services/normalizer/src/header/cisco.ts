import type { Header } from '../parser.ts'
import { readTimeAt, type TimeContext } from '../time/read-time.ts'

const processShape = /\*([A-Za-z][\w .-]{1,48}): /y
const numberShape = /\d{1,12}(?=:)/y
const tokenShape = /[^\s:]+(?::(?=\S)[^\s:]+)*/y
const hostShape = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,253}$/

/**
 * Everything before Cisco's `%FACILITY-SEVERITY-MNEMONIC`: sequence numbers, origin host, `*` and `.` marks (clock not set, not
 * synchronised), uptime instead of a time, each of which may be missing or doubled.
 */
export function readCiscoLead(lead: string, header: Header, context: TimeContext): void {
  let at = 0
  while (at < lead.length) {
    const char = lead[at]
    if (char === ' ' || char === ':' || char === '\t' || char === '-') {
      at++
      continue
    }
    const start = char === '*' || char === '.' ? at + 1 : at
    const time = /^\d{1,11}:/.test(lead.slice(start, start + 12)) ? undefined : readTimeAt(lead, start, context)
    if (time !== undefined) {
      if (header.time === undefined || time.time.hasYear || !header.time.hasYear) header.time = time.time
      at = time.end
      continue
    }
    numberShape.lastIndex = at
    // IOS XR glues its sequence number to what follows: `4321:Mar 17 08:09:10`.
    if (numberShape.test(lead) && !/^\d\d:\d\d:\d\d/.test(lead.slice(at, at + 8))) {
      at = numberShape.lastIndex
      continue
    }
    at = readWord(lead, at, header)
  }
}

function readWord(lead: string, at: number, header: Header): number {
  processShape.lastIndex = at
  const process = processShape.exec(lead)
  if (process?.[1] !== undefined) {
    header.application = process[1]
    return processShape.lastIndex
  }
  tokenShape.lastIndex = at
  const token = tokenShape.exec(lead)
  if (token === null) return at + 1
  const word = token[0]
  const isNumber = /^\d{1,12}$/.test(word)
  const isUptime = /^(?:(?:\d{1,3}[ywdh]){1,2}|\d\d:\d\d:\d\d)$/.test(word)
  if (!isNumber && !isUptime && header.host === undefined && hostShape.test(word) && !/^[A-Z]{3,4}$/.test(word))
    header.host = word
  return tokenShape.lastIndex
}
