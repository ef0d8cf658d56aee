import type { Incident, Suppression } from '@tocsin/events'
import { countsInTotals } from './case.ts'

/** Cases as an aligned table, one a line. */
export function incidentTable(records: readonly Incident[]): string {
  const rows = [
    ['NUMBER', 'CASE', 'BODY', 'KIND', 'STATUS', 'SEV', 'DETECTED', 'CLOCKS', 'SUBJECT'],
    ...records.map((record) => [
      record.number,
      record.caseId.slice(0, 12),
      record.constituent,
      record.exercise ? `${record.kind} (exercise)` : record.kind,
      record.status,
      String(record.severity),
      iso(record.detectedAt),
      clocksText(record),
      record.titles.en ?? record.ruleName,
    ]),
  ]
  return aligned(rows)
}

/** Suppressions in force as an aligned table. */
export function suppressionTable(suppressions: readonly Suppression[]): string {
  return aligned([
    ['BODY', 'RULE', 'UP TO', 'UNTIL', 'BY', 'CASE', 'GROUP', 'REASON'],
    ...suppressions.map((one) => [
      one.constituent,
      one.ruleId,
      one.maxLevel,
      iso(one.expiresAt),
      one.createdBy,
      one.caseId.slice(0, 12),
      one.groupKey,
      one.reason,
    ]),
  ])
}

function aligned(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => clean(cell).padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** Totals by kind; false positives and merged cases are listed, but not counted (VN-4.2b-4). */
export function totalsLine(records: readonly Incident[]): string {
  const counted = records.filter(countsInTotals)
  const of = (kind: string): number => counted.filter((record) => record.kind === kind).length
  return `${of('event')} events, ${of('incident')} incidents, ${of('threat')} threats; ${records.length - counted.length} not counted`
}

/** One case in full: what it is, its clocks, its notices, its latest changes. */
export function incidentDetail(record: Incident): string {
  const lines = [
    `${record.number}  ${record.titles.en ?? record.ruleName}`,
    `case ${record.caseId}, revision ${record.revision}, ${record.kind}, ${record.status}, severity ${record.severity}, ${record.constituent}, ${record.pack} ${record.packVersion}`,
    `detected ${iso(record.detectedAt)}${record.promotedAt === null ? '' : `, incident since ${iso(record.promotedAt)}`}, ${record.eventCount} records in ${record.detectionCount} detections`,
    `verification ${record.verification}${record.confidence === null ? '' : `, confidence ${record.confidence}`}, in charge ${record.assignee ?? 'nobody'}${record.reportedBy === null ? '' : `, reported by ${record.reportedBy}`}`,
    `measures through sources ${possibleText(record)}`,
    record.primaryAnalysis ?? 'no primary analysis',
    ...(record.related.length === 0 ? [] : [`related: ${record.related.join(', ')}`]),
    'clocks:',
    ...record.clocks.map(
      (clock) =>
        `  ${clock.clockId.padEnd(22)} ${clock.state.padEnd(9)} due ${iso(clock.dueAt)}${clock.metAt === null ? '' : `, met ${iso(clock.metAt)}`}  ${clock.title} (${clock.requirementIds.join(', ')})`,
    ),
    'notices:',
    ...record.notices.map(
      (notice) =>
        `  ${notice.noticeId.slice(0, 12)} ${notice.recipientRole.padEnd(18)} ${(notice.clockId ?? 'copy').padEnd(22)} ${notice.state}`,
    ),
    'answers and measures:',
    ...record.responses.map(
      ({ at, by, kind, text, evidence }) =>
        `  ${iso(at)} ${by} ${kind}: ${text}${evidence === null || evidence === text ? '' : ` [${evidence}]`}`,
    ),
    ...record.visits.map(
      (visit) =>
        `  ${iso(visit.sentAt)} visit of ${visit.employee}, decided by ${visit.decidedBy}${visit.arrivedAt === null ? '' : `, arrived ${iso(visit.arrivedAt)}`}: ${visit.result ?? 'no result yet'}`,
    ),
    ...record.shares.map(
      (one) => `  ${iso(one.at)} ${one.by} shared with ${one.group}, TLP:${one.tlp}, ${one.verification}`,
    ),
    'history:',
    ...record.history.map(
      (entry) => `  ${iso(entry.at)} ${entry.actor} ${entry.action}${entry.detail === null ? '' : `: ${entry.detail}`}`,
    ),
  ]
  return `${lines.map(clean).join('\n')}\n`
}

function possibleText({ measuresPossible, measuresReason }: Incident): string {
  if (measuresPossible === null) return 'not judged yet'
  return `${measuresPossible ? 'possible' : 'not possible'}: ${measuresReason ?? ''}`
}

function clocksText(record: Incident): string {
  return record.clocks.map((clock) => `${clock.clockId.split('/')[0]}:${clock.state}`).join(' ')
}

/** Text from logs may hold control sequences that a terminal would obey. */
function clean(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}

const iso = (at: number): string => new Date(at).toISOString()
