import type { Delivery, Ticket } from '@tocsin/events'
import { listDelays } from '../../self-check.ts'
import { delaysOf, type FoundFile } from './audit.ts'
import { checkFields } from './check.ts'
import { toCsv } from './csv.ts'
import type { FieldValues } from './fields.ts'
import { RULE_HEADER, readRuleTable, readServiceList, SERVICE_HEADER } from './lists.ts'
import { testProgress } from './progress.ts'
import type { Readings } from './readings.ts'
import type { SchemaValidator } from './validate.ts'

/** One item of Appendix 5 with what proves it. */
export interface EvidenceItem {
  item: '1-1' | '1-2' | '2-1' | '2-2' | '2-3' | '2-4'
  holds: boolean
  /** One sentence in Chinese, as the form shows it. */
  sentence: string
  /** The file of the pack that shows it. */
  file: string
}

/** A version of a list as the server took it. */
export interface KeptList {
  /** Instant of the upload, as the folder says. */
  at: string
  services: string
  rules: string
}

/** What the evidence is made from. */
export interface EvidenceInput {
  /** Newest record of each ticket. */
  tickets: readonly Ticket[]
  /** Ledger rows about the two lists. */
  lists: readonly Delivery[]
  keptLists: readonly KeptList[]
  /** What the receiver has; null: it cannot be read. */
  found: readonly FoundFile[] | null
  validator: SchemaValidator
  readings: Readings
  /** Names and versions of what validates, and the hash of the schema. */
  versions: Readonly<Record<string, string>>
}

/** The files of the pack and the verdict on each item. */
export interface EvidencePack {
  items: EvidenceItem[]
  files: { name: string; content: string }[]
}

const minutes = (ms: number): string => (ms / 60_000).toFixed(1)
const iso = (ms: number): string => new Date(ms).toISOString()
const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`

/** Makes the evidence for items 1-1 to 2-4 of the connectivity test from ledger, lists and the receiver's files (TW-A5.1-1 to TW-A5.2-4). */
export function evidencePack(input: EvidenceInput): EvidencePack {
  const sent = input.tickets.filter(({ state }) => state === 'uploaded' || state === 'sent-unverified')
  const parts = [
    serviceLists(input),
    ruleTables(input, sent),
    filesSent(input, sent),
    delays(sent),
    schemaOf(input, sent),
    names(input, sent),
  ]
  const items = parts.map(({ item }) => item)
  return {
    items,
    files: [
      { name: 'summary.json', content: json({ items, progress: testProgress(input.tickets) }) },
      ...parts.map(({ item, content }) => ({ name: item.file, content })),
      ...input.keptLists.flatMap(({ at, services, rules }) => [
        { name: `list-${at}-services.csv`, content: services },
        { name: `list-${at}-rules.csv`, content: rules },
      ]),
    ],
  }
}

interface Part {
  item: EvidenceItem
  content: string
}

/** 1-1: every upload of the lists, how long a changed version took, and the service list as it stands. */
function serviceLists({ lists, keptLists }: EvidenceInput): Part {
  const { versions, worstMinutes, missing } = listDelays(lists)
  const newest = keptLists.at(-1)
  const rows = newest === undefined ? [] : readServiceList(newest.services)
  return {
    item: {
      item: '1-1',
      holds: versions > 0 && missing === 0 && rows.length > 0,
      sentence: `服務清單 ${rows.length} 筆（${SERVICE_HEADER.join('、')}）；上傳 ${versions} 版，最晚 ${worstMinutes} 分鐘，未到 ${missing} 版`,
      file: '1-1-list-uploads.csv',
    },
    content: toCsv([
      ['at', 'version_sha256', 'attempt', 'state', 'proof', 'reply', 'minutes'],
      ...lists.map(({ at, startedAt, sha256, attempt, state, proof, reply }) => [
        iso(at),
        sha256 ?? '',
        String(attempt),
        state,
        proof ?? '',
        (reply ?? '').replace(/\s+/g, ' '),
        minutes(at - startedAt),
      ]),
    ]),
  }
}

/** 1-2: the rule table without duplicates, and every rule that a ticket cites in it. */
function ruleTables({ keptLists }: EvidenceInput, sent: readonly Ticket[]): Part {
  const newest = keptLists.at(-1)
  const rows = newest === undefined ? [] : readRuleTable(newest.rules)
  const ids = rows.map(({ id }) => id)
  const duplicates = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))]
  const everListed = new Map(keptLists.flatMap(({ rules }) => readRuleTable(rules)).map(({ id, name }) => [id, name]))
  const unmatched = sent
    .filter(({ fields }) => everListed.get(fields['Correlated_Rule_ID'] ?? '') !== fields['Correlated_Rule_Name'])
    .map(({ ticketId }) => ticketId)
  return {
    item: {
      item: '1-2',
      holds: rows.length > 0 && duplicates.length === 0 && unmatched.length === 0,
      sentence: `對應表 ${rows.length} 筆（${RULE_HEADER.join('、')}），重複 ${duplicates.length} 筆，事件單無對應 ${unmatched.length} 張`,
      file: '1-2-rule-table.json',
    },
    content: json({ rows: rows.length, duplicates, unmatched }),
  }
}

/** 2-1: each file with size and hash, and what was read back of it where that is allowed. */
function filesSent({ found }: EvidenceInput, sent: readonly Ticket[]): Part {
  const there = found === null ? null : new Map(found.map((file) => [file.name, file]))
  const readBack = ({ fileName, bytes, sha256 }: Ticket): string => {
    if (there === null) return 'not-readable'
    const file = there.get(fileName)
    return file === undefined ? 'missing' : file.bytes === bytes && file.sha256 === sha256 ? 'equal' : 'altered'
  }
  const wrong = sent.filter((ticket) => !['equal', 'not-readable'].includes(readBack(ticket))).length
  return {
    item: {
      item: '2-1',
      holds: sent.length > 0 && wrong === 0,
      sentence: `已上傳 ${sent.length} 個檔案，附大小與 SHA-256；${there === null ? '帳號不可讀回' : `讀回不符 ${wrong} 個`}`,
      file: '2-1-files.csv',
    },
    content: toCsv([
      ['name', 'bytes', 'sha256', 'state', 'sent_at', 'reply', 'read_back'],
      ...sent.map((ticket) => [
        ticket.fileName,
        String(ticket.bytes),
        ticket.sha256,
        ticket.state,
        iso(ticket.stateAt),
        (ticket.reply ?? '').replace(/\s+/g, ' '),
        readBack(ticket),
      ]),
    ]),
  }
}

/** 2-2: for each file the minutes from the true first record to its receipt. */
function delays(sent: readonly Ticket[]): Part {
  const { worstMinutes, late } = delaysOf(sent)
  const lateCount = Object.values(late).reduce((sum, count) => sum + count, 0)
  const share = sent.length === 0 ? 0 : (100 * (sent.length - lateCount)) / sent.length
  return {
    item: {
      item: '2-2',
      holds: sent.length > 0 && lateCount === 0,
      sentence: `最晚 ${worstMinutes} 分鐘，1 小時內 ${share.toFixed(1)}%，逾時 ${lateCount} 張`,
      file: '2-2-delays.csv',
    },
    content: toCsv([
      ['name', 'first_record_at', 'received_at', 'minutes', 'rule'],
      ...sent.map(({ fileName, firstRecordAt, stateAt, fields }) => [
        fileName,
        iso(firstRecordAt),
        iso(stateAt),
        minutes(stateAt - firstRecordAt),
        fields['Correlated_Rule_Name'] ?? '',
      ]),
    ]),
  }
}

/** 2-3: every uploaded file validated once more, by which schema and which validator; what failed before stayed here. */
function schemaOf({ tickets, validator, versions }: EvidenceInput, sent: readonly Ticket[]): Part {
  const verdicts = sent.map(({ fileName, xml }) => ({ fileName, verdict: validator.validate(xml) }))
  const invalid = verdicts.flatMap(({ fileName, verdict }) =>
    verdict.ok ? [] : [{ fileName, problem: verdict.problem }],
  )
  const held = tickets.filter(({ state }) => state === 'quarantined')
  return {
    item: {
      item: '2-3',
      holds: sent.length > 0 && invalid.length === 0,
      sentence: `XSD 驗證 ${sent.length} 個檔案，不合格而上傳者 ${invalid.length} 個；未通過而未上傳者 ${held.length} 張`,
      file: '2-3-schema.json',
    },
    content: json({
      versions,
      checked: sent.length,
      invalid,
      heldBack: held.map(({ ticketId, reason }) => ({ ticketId, reason })),
    }),
  }
}

/** 2-4: name and OID of the agency in each file. */
function names({ readings }: EvidenceInput, sent: readonly Ticket[]): Part {
  const rows = sent.map(({ fileName, fields }) => {
    const verdicts = checkFields(fields as FieldValues, readings)
    const problem = verdicts.find((one) => ['Customer_Name', 'Customer_ID'].includes(one.name) && one.problem !== null)
    return [fileName, fields['Customer_Name'] ?? '', fields['Customer_ID'] ?? '', problem?.problem ?? 'ok']
  })
  const wrong = rows.filter((row) => row[3] !== 'ok').length
  return {
    item: {
      item: '2-4',
      holds: rows.length > 0 && wrong === 0,
      sentence: `${rows.length} 張之機關名稱與 OID，格式不符 ${wrong} 張`,
      file: '2-4-names.csv',
    },
    content: toCsv([['name', 'Customer_Name', 'Customer_ID', 'verdict'], ...rows]),
  }
}
