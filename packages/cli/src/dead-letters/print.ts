import type { DeadLetter } from '@tocsin/events'
import { recordText } from './record-text.ts'
import type { LetterRow } from './select.ts'
import { visibleOctets, visibleText } from './visible.ts'

const isoTime = (ms: number): string => new Date(ms).toISOString()

/** One line of NDJSON for a row of the list. */
export function rowLine(row: LetterRow): string {
  return JSON.stringify({ ...row, at: isoTime(row.at) })
}

/** A table of dead letters, oldest first, one line each; the message comes last and is cut to fit. */
export function rowTable(rows: readonly LetterRow[]): string[] {
  const cells = rows.map((row) =>
    [
      row.deadLetterId,
      isoTime(row.at).slice(0, 19),
      row.service,
      row.code,
      row.constituent ?? '-',
      `${row.topic}/${row.partition}/${row.offset}`,
      String(row.bytes),
      row.message.length > 80 ? `${row.message.slice(0, 79)}…` : row.message,
    ].map(visibleText),
  )
  const all = [['id', 'at (UTC)', 'service', 'code', 'constituent', 'original', 'octets', 'message'], ...cells]
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)))
  return all.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** Everything about one dead letter for a person; `record` is what its octets decode to, where they do. */
export function letterText(letter: DeadLetter, record: object | null): string[] {
  const facts: [string, string][] = [
    ['dead letter', letter.deadLetterId],
    ['reason', `${letter.code}: ${letter.message}`],
    [
      'given up by',
      `${letter.service} ${letter.serviceVersion} (slot ${letter.slot}), stage ${letter.stage}, attempts ${letter.attempts}`,
    ],
    ['at', `${isoTime(letter.at)} (first seen ${isoTime(letter.firstSeenAt)})`],
    ['constituent', letter.constituent ?? '(unknown)'],
    ['original', `${letter.topic}, partition ${letter.partition}, offset ${letter.offset}`],
    ['written', isoTime(letter.timestamp)],
    ['key', letter.key === null ? '(none)' : visibleOctets(letter.key).join(' ')],
    ['trace', letter.traceparent ?? '(none)'],
  ]
  const headers = Object.entries(letter.headers).map(([name, value]): [string, string] => [
    `header ${name}`,
    visibleOctets(value).join(' '),
  ])
  const all = [...facts, ...headers]
  const width = Math.max(...all.map(([name]) => name.length))
  return [
    ...all.map(([name, value]) => `${visibleText(name).padEnd(width)}  ${visibleText(value)}`),
    ...(letter.stack === null ? [] : ['', 'stack', ...letter.stack.split('\n').map(visibleText)]),
    '',
    `octets (${letter.original.length})`,
    ...visibleOctets(letter.original),
    ...(record === null ? [] : ['', 'record', ...recordText(record, 2).split('\n').map(visibleText)]),
  ]
}

/** The same as one JSON object; octets in base64. */
export function letterJson(letter: DeadLetter, record: object | null): string {
  const { original, key, headers, ...rest } = letter
  return recordText({
    ...rest,
    at: isoTime(letter.at),
    firstSeenAt: isoTime(letter.firstSeenAt),
    timestamp: isoTime(letter.timestamp),
    key,
    headers,
    original,
    record,
  })
}
