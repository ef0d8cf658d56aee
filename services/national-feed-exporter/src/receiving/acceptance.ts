import type { ReceivedItem } from '@tocsin/events'
import { type Issue, issueSchema } from '../account/account.ts'
import { taipeiDay, taipeiTime } from '../feeds/tw-nccst-1.3/taipei-time.ts'
import type { Receipt } from './receipt.ts'

/** One item of the connectivity test (Appendix 5, stages 1 and 2), as the receiver sees it. */
export interface TestItem {
  item: '1-1' | '1-2' | '2-1' | '2-2' | '2-3' | '2-4'
  passed: boolean
  /** What was counted, in one sentence. */
  evidence: string
}

/** National trends over what was received (TW-P2). */
export interface ReceivedStatistics {
  files: number
  byVerdict: Readonly<Record<string, number>>
  bySender: Readonly<Record<string, number>>
  byAgency: Readonly<Record<string, number>>
  /** By field 5, the class that the sender names. */
  byClass: Readonly<Record<string, number>>
  byTechnique: Readonly<Record<string, number>>
  byDay: Readonly<Record<string, number>>
}

const HOUR_MS = 3_600_000
/** Faults that a schema would find, and those of the name or OID of an agency. */
const SCHEMA_FAULTS = new Set(['schema', 'unsafe-xml', 'not-utf8', 'empty', 'too-large'])
const AGENCY_FIELDS = /^(reference|field): Customer_|^organization/

/**
 * Runs the items of Appendix 5 over what a sender sent in a period: lists in order, data right, within one hour of the first
 * record, valid, agencies named as in the list. A sender that sent nothing has passed nothing.
 */
export function acceptanceOf(receipts: readonly Receipt[]): {
  items: TestItem[]
  statistics: ReceivedStatistics
} {
  const of = (kind: Receipt['kind']) => receipts.filter((receipt) => receipt.kind === kind)
  const tickets = of('incident')
  const accepted = tickets.filter(({ item }) => item.verdict === 'accepted')
  const delays = accepted.flatMap(({ item }) => delayOf(item))
  const worstMs = Math.max(0, ...delays)
  const late = delays.filter((delay) => delay > HOUR_MS).length
  const invalid = tickets.filter(({ fault }) => fault !== null && SCHEMA_FAULTS.has(fault)).length
  const misnamed = tickets.filter(({ item }) => AGENCY_FIELDS.test(item.reason ?? '')).length
  const some = tickets.length > 0
  return {
    items: [
      listItem('1-1', of('service-list')),
      listItem('1-2', of('rule-table')),
      {
        item: '2-1',
        passed: some && accepted.length === tickets.length,
        evidence: `${tickets.length} tickets received, ${accepted.length} accepted.`,
      },
      {
        item: '2-2',
        passed: delays.length > 0 && late === 0,
        evidence: `Worst receipt ${Math.ceil(worstMs / 60_000)} minutes after the first record; ${late} of ${delays.length} later than 60.`,
      },
      { item: '2-3', passed: some && invalid === 0, evidence: `${invalid} of ${tickets.length} files are not valid.` },
      {
        item: '2-4',
        passed: some && misnamed === 0,
        evidence: `${misnamed} of ${tickets.length} files name an agency or unit wrongly.`,
      },
    ],
    statistics: statisticsOf(
      receipts,
      accepted.map(({ item }) => item),
    ),
  }
}

/**
 * Opens an issue for each item that is not passed (TW-P2, Appendix 7), due in `days`. The id comes from sender, day and item: asked
 * twice on a day, it is the same issue.
 */
export function issuesOf(sender: string, items: readonly TestItem[], by: string, nowMs: number, days: number): Issue[] {
  return items
    .filter(({ passed }) => !passed)
    .map(({ item, evidence }) =>
      issueSchema.parse({
        issueId: `${sender.slice(0, 24).replaceAll('_', '-')}-${taipeiDay(nowMs)}-${item}`,
        name: `${sender}：項次 ${item} 未通過`,
        severity: item === '2-1' || item === '2-3' ? '高' : '中',
        form: '不定期檢測',
        occurredOn: taipeiTime(nowMs).slice(0, 10),
        tester: by,
        description: evidence,
        openedAt: nowMs,
        dueAt: nowMs + days * 86_400_000,
      }),
    )
}

function listItem(item: '1-1' | '1-2', lists: readonly Receipt[]): TestItem {
  const last = lists.at(-1)?.item
  return {
    item,
    passed: last?.verdict === 'accepted',
    evidence:
      last === undefined
        ? 'Never received.'
        : `${lists.length} times received; the last one ${last.verdict}${last.reason === null ? `, ${last.caseFields['rows']} rows` : `: ${last.reason}`}.`,
  }
}

/** Receipt minus Start_Time (Asia/Taipei), milliseconds; nothing where the ticket says NULL. */
function delayOf({ receivedAt, caseFields }: ReceivedItem): number[] {
  const startMs = Date.parse(`${(caseFields['Start_Time'] ?? '').replace(' ', 'T').slice(0, 23)}+08:00`)
  return Number.isNaN(startMs) ? [] : [receivedAt - startMs]
}

function statisticsOf(receipts: readonly Receipt[], tickets: readonly ReceivedItem[]): ReceivedStatistics {
  const field = (name: string) => countBy(tickets, ({ caseFields }) => caseFields[name] ?? '')
  return {
    files: receipts.length,
    byVerdict: countBy(receipts, ({ item }) => item.verdict),
    bySender: countBy(tickets, ({ sender }) => sender),
    byAgency: field('Customer_Name'),
    byClass: field('Subject'),
    byTechnique: field('Event_Attacking_Technical'),
    byDay: countBy(tickets, ({ caseFields }) => (caseFields['Start_Time'] ?? '').slice(0, 10)),
  }
}

/** Counts by a text that a sender chose; a Map keeps `__proto__` a name like any other. */
function countBy<Value>(values: Iterable<Value>, keyOf: (value: Value) => string): Record<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(keyOf(value), (counts.get(keyOf(value)) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a))
}
