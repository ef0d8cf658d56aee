import type { Request } from '@tocsin/events'

/** One line for each request: number, state, due, who to, what. */
export function requestTable(requests: readonly Request[]): string {
  if (requests.length === 0) return 'no requests\n'
  const rows = requests.map((one) => [
    one.number || one.requestId.slice(0, 12),
    one.state,
    one.dueAt === null ? '–' : instant(one.dueAt),
    `${one.from} → ${one.to}`,
    one.kind,
    plain(one.subject),
  ])
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const lineOf = (row: string[]) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')
  return `${rows.map(lineOf).join('\n')}\n`
}

/** Everything of one request, a line each. */
export function requestDetail(one: Request): string {
  const lines: [string, string | null][] = [
    ['number', one.number],
    ['id', one.requestId],
    ['kind', one.kind],
    ['from', `${one.from} (${one.openedBy})`],
    ['to', one.to],
    ['ground', one.ground],
    ['subject', one.subject],
    ['text', one.body || null],
    ['opened', instant(one.createdAt)],
    ['due', one.dueAt === null ? null : instant(one.dueAt)],
    ['state', one.state],
    ['period', one.period],
    ...one.files.map((file): [string, string] => ['file', file]),
    ['proof', one.proof],
    ['answered', one.answeredAt === null ? null : `${instant(one.answeredAt)} by ${one.answeredBy}`],
    ['answer', one.answer],
    ...one.answerFiles.map((file): [string, string] => ['answer file', file]),
    ['difference', one.difference],
    ['closed', one.closedAt === null ? null : instant(one.closedAt)],
  ]
  return lines
    .filter((line): line is [string, string] => line[1] !== null)
    .map(([name, text]) => `${name.padEnd(12)}${plain(text)}\n`)
    .join('')
}

const instant = (at: number): string => new Date(at).toISOString()

/** Without what could move the cursor of a terminal; further lines are indented. */
function plain(text: string): string {
  return text
    .replace(/\r?\n/g, '\u0000')
    .replace(/\p{Cc}/gu, (mark) => (mark === '\u0000' ? `\n${' '.repeat(12)}` : ' '))
}
