import type { LawId } from './law-id.ts'

type Row = Omit<LawId, 'break'>

/** Laws by the first letters of an id; the bare ids of tables belong to the country whose table they stand in. */
const laws: readonly [RegExp, string][] = [
  [/^VN-|^A1-|^W-/, 'VN'],
  [/^KZ-|^C\d$/, 'KZ'],
  [/^TW-/, 'TW'],
  [/^XC-/, 'XC'],
]

const WHOLE_ID = /^(?:VN|KZ|TW|XC)-[A-Za-z0-9.-]+$/

/**
 * Finds every id that counts in the text of the requirement matrix: each row of a table with a Mark column, the field tables
 * of forms and records that its section 0.4 counts as S, the clocks, and the appendix columns. Marks S/A count as S; rows
 * that name several ids (`VN-12.1, 13.1`, `VN-11.4i, k`) become one row each. Ambiguities and notes on rows are no ids.
 */
export function idsOfMatrix(text: string): Row[] {
  const rows = new Map<string, Row>()
  const add = (id: string, mark: string, title: string): void => {
    const law = laws.find(([pattern]) => pattern.test(id))?.[1]
    if (law === undefined || rows.has(id)) return
    rows.set(id, { id, mark: mark === 'A' || mark === 'N' ? mark : 'S', law, title: shorten(title) })
  }
  const additions: [string, string, string][] = []
  for (const { header, cells, section } of tableRows(text)) {
    const column = (name: string): string => cells[header.indexOf(name)] ?? ''
    const first = cells[0] ?? ''
    if (section === '0.4') {
      if (/^[SAN]$/.test(column('Mark'))) additions.push([first, column('Mark'), column('Says')])
    } else if (header.includes('Mark')) {
      for (const id of expandIds(first))
        add(id, column('Mark'), column('Demand') || column("Demand in the text's terms"))
    } else if (/^TW-R\d\d$/.test(first)) add(first, 'S', `record field ${column('No')}, ${column('Field Name')}`)
    else if (/^TW-A5\.\d-\d$/.test(first)) add(first, 'S', column('Acceptance the software must prove'))
    else if (/^(?:A1|W)-\d+/.test(first))
      add(first.split(' ')[0] ?? '', 'S', column('Item in the text') || column('Item'))
    else if (/^C\d$/.test(first)) add(first, 'S', `clock: ${column('Ends')} (${column('Limit')})`)
    else if (header[0] === 'Col') add(`KZ-A-${first}`, 'S', `appendix column: ${column('Header in the text')}`)
  }
  for (const [id, title] of formIds) add(id, 'S', title)
  for (const [cell, mark, title] of additions) {
    const ids = expandIds(cell.replace(/\(.*\)/, '').trim())
    // Notes on rows that are there already add nothing; a pattern (`TW-2.x`) is a note too.
    for (const id of ids) if (WHOLE_ID.test(id) && !id.endsWith('.x')) add(id, mark, title)
  }
  return [...rows.values()]
}

/** Forms and reports that section 0.4 counts and that the matrix gives as prose, not as a table. */
const formIds: readonly [string, string][] = [
  ['VN-D', 'daily report: period, coverage, outages, detections, open incidents, actions due'],
  ['VN-A2', 'six-month report: eight blocks, replaceable template'],
  ['KZ-A', 'information about the MISE object: two sections, eight columns'],
  ['KZ-N', 'content of the notice'],
  ['TW-A4.1', 'account end date alarms 30 and 7 days before'],
  ['TW-A4.2', 'the five states of the form drive the profile'],
  ['TW-A4.3', 'consent: purpose, period, deletion with proof'],
  ['TW-A6.2-1', 'totals and contents agree with what was uploaded'],
  ['TW-A6.2-2', 'lists were updated in time'],
  ['TW-A7', 'issue record with two re-check rounds'],
]

/** `VN-12.1, 13.1` → VN-12.1, VN-13.1; `VN-11.4i, k` → VN-11.4i, VN-11.4k; `VN-6.1–6.3` → three. */
export function expandIds(cell: string): string[] {
  const ids: string[] = []
  for (const part of cell.split(',').map((text) => text.trim())) {
    const previous = ids.at(-1)
    if (/^[A-Z]{2}-/.test(part) || previous === undefined) ids.push(...expandRange(part))
    else if (/^[a-z]$/.test(part)) ids.push(previous.slice(0, -1) + part)
    else ids.push(...expandRange(`${previous.slice(0, 3)}${part}`))
  }
  return ids.filter((id) => id !== '')
}

function expandRange(id: string): string[] {
  const [from, to] = id.split('–')
  const start = /^(.*?)(\d+)$/.exec(from ?? '')
  const end = /(\d+)$/.exec(to ?? '')
  if (start === null || end === null) return [id]
  const count = Number(end[1]) - Number(start[2]) + 1
  return Array.from({ length: Math.max(0, count) }, (_, index) => `${start[1]}${Number(start[2]) + index}`)
}

interface TableRow {
  header: string[]
  cells: string[]
  section: string
}

function* tableRows(text: string): Generator<TableRow> {
  let header: string[] | null = null
  let section = ''
  for (const line of text.split('\n')) {
    const heading = /^#+ (\d+(?:\.\d+)*)/.exec(line)
    if (heading !== null) section = heading[1] ?? ''
    if (!line.startsWith('|')) {
      header = null
      continue
    }
    const cells = line
      .slice(1, line.lastIndexOf('|'))
      .split('|')
      .map((cell) => cell.trim())
    if (header === null) header = cells
    else if (!/^-+$/.test(cells[0] ?? '')) yield { header, cells, section }
  }
}

/** A title of at most 90 characters, without emphasis, cut at a word. */
function shorten(text: string): string {
  const plain = text
    .replace(/[*`\t]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  if (plain.length <= 90) return plain
  return `${plain.slice(0, 89).replace(/\s+\S*$/, '')}…`
}
