import { messageOf } from '@tocsin/runtime'
import { checkFields, checkReferences } from '../feeds/tw-nccst-1.3/check.ts'
import { fromCsv } from '../feeds/tw-nccst-1.3/csv.ts'
import type { FieldValues } from '../feeds/tw-nccst-1.3/fields.ts'
import { type ListIndex, type ListRow, RULE_HEADER, SERVICE_HEADER } from '../feeds/tw-nccst-1.3/lists.ts'
import { readXml, type SchemaValidator } from '../feeds/tw-nccst-1.3/validate.ts'
import { eventIdOfName, MAX_BYTES, type TakenFile } from './dropped-file.ts'
import { safeText, safeXmlText } from './safe-text.ts'

/** Why a file is not accepted. The first word of the reason that the sender reads. */
export type Fault =
  | 'file-name'
  | 'too-large'
  | 'empty'
  | 'not-utf8'
  | 'unsafe-xml'
  | 'schema'
  | 'field'
  | 'organization'
  | 'event-id'
  | 'event-id-taken'
  | 'list'
  | 'lists-missing'
  | 'reference'
  | 'attachment-missing'

/** What becomes of a file. `quarantined`: right in itself, but does not agree with what else the sender gave; judged again when that changes. */
export type Judgement =
  | { verdict: 'accepted'; fields: Readonly<Record<string, string>>; rows?: readonly ListRow[] }
  | { verdict: 'rejected' | 'quarantined'; fault: Fault; detail: string; fields: Readonly<Record<string, string>> }

/** What the receiver knows of the sender of a file. */
export interface SenderKnowledge {
  /** The lists as the sender last gave them; null before both are there (TW-2.3b). */
  lists: ListIndex | null
  hasAttachment(name: string): boolean
  /** Hash of the accepted file with that Event_ID, if there is one. */
  acceptedHash(eventId: string): string | null
}

const MAX_LIST_ROWS = 100_000

const rejected = (fault: Fault, detail: string, fields: FieldValues | null = null): Judgement => ({
  verdict: 'rejected',
  fault,
  detail,
  fields: fields ?? {},
})

const quarantined = (fault: Fault, detail: string, fields: FieldValues): Judgement => ({
  verdict: 'quarantined',
  fault,
  detail,
  fields,
})

/** Judges one file of a sender (TW-P1). Pure and total: any octets give a judgement. */
export function judge(file: TakenFile, knowledge: SenderKnowledge, validator: SchemaValidator): Judgement {
  if (file.content === null)
    return rejected('too-large', `it has ${file.bytes} octets; ${MAX_BYTES[file.kind]} are allowed`)
  // What stays after an upload that broke off at once; an FTPS server keeps it.
  if (file.content.length === 0) return rejected('empty', 'it holds nothing; send it again')
  const eventId = eventIdOfName(file.kind, file.name, file.sender)
  if (eventId === null) return rejected('file-name', 'a file in this folder is not called so')
  switch (file.kind) {
    case 'incident':
      return judgeIncident(file.sender, eventId, file.sha256, file.content, knowledge, validator)
    case 'attachment':
      return { verdict: 'accepted', fields: {} }
    case 'service-list':
      return judgeList(file.content, SERVICE_HEADER, 1)
    case 'rule-table':
      return judgeList(file.content, RULE_HEADER, 0)
    default:
      return file.kind satisfies never
  }
}

function judgeIncident(
  sender: string,
  eventId: string,
  sha256: string,
  octets: Buffer,
  knowledge: SenderKnowledge,
  validator: SchemaValidator,
): Judgement {
  const safe = safeXmlText(octets)
  if (!safe.ok) return rejected(safe.problem === 'it is not UTF-8' ? 'not-utf8' : 'unsafe-xml', safe.problem)
  const valid = validator.validate(safe.text)
  if (!valid.ok) return rejected('schema', valid.problem)
  let fields: FieldValues
  try {
    fields = readXml(safe.text)
  } catch (error) {
    return rejected('schema', messageOf(error))
  }
  const wrong = checkFields(fields).find(({ problem }) => problem !== null)
  if (wrong !== undefined) return rejected('field', `${wrong.name} ${wrong.problem}`, fields)
  // A sender speaks for itself only: another code in field 1 would count its tickets as another's.
  if (fields.Organization !== sender) return rejected('organization', `Organization is not ${sender}`, fields)
  if (fields.Event_ID !== eventId) return rejected('event-id', 'Event_ID is not the name of the file', fields)
  const known = knowledge.acceptedHash(eventId)
  if (known !== null && known !== sha256) {
    return rejected(
      'event-id-taken',
      `${eventId} was received with other content; a correction is a new ticket`,
      fields,
    )
  }
  const { lists } = knowledge
  if (lists === null) return quarantined('lists-missing', 'send both lists before the first ticket', fields)
  const mismatch = checkReferences(fields, lists)
  if (mismatch !== null) return quarantined('reference', `${mismatch.field} ${mismatch.problem}`, fields)
  const missing = fields.Attachment.split(';').find((name) => name !== '' && !knowledge.hasAttachment(name))
  if (missing !== undefined) return quarantined('attachment-missing', `${missing} is not in attachment/`, fields)
  return { verdict: 'accepted', fields }
}

/** Takes a list as it came; `idColumn` is the place of OID or rule id. The whole list is refused for one wrong row. */
function judgeList(octets: Buffer, header: readonly string[], idColumn: number): Judgement {
  const safe = safeText(octets)
  if (!safe.ok) return rejected('not-utf8', safe.problem)
  let cells: string[][]
  try {
    cells = fromCsv(safe.text)
  } catch (error) {
    return rejected('list', messageOf(error))
  }
  const [first, ...body] = cells
  if (first?.join() !== header.join()) return rejected('list', `the first row is not ${header.join(', ')}`)
  if (body.length === 0) return rejected('list', 'it has no row')
  if (body.length > MAX_LIST_ROWS) return rejected('list', `it has more than ${MAX_LIST_ROWS} rows`)
  const rows: ListRow[] = []
  const seen = new Set<string>()
  for (const [index, row] of body.entries()) {
    const id = row[idColumn] ?? ''
    const name = row[idColumn + 1] ?? ''
    const problem = rowProblem(row, header, idColumn, id, name, seen)
    if (problem !== null) return rejected('list', `row ${index + 2} ${problem}`)
    seen.add(id)
    rows.push({ id, name, remark: row[idColumn + 2] ?? '' })
  }
  return { verdict: 'accepted', fields: { rows: String(rows.length) }, rows }
}

function rowProblem(
  row: readonly string[],
  header: readonly string[],
  idColumn: number,
  id: string,
  name: string,
  seen: ReadonlySet<string>,
): string | null {
  if (row.length !== header.length) return `has ${row.length} cells, not ${header.length}`
  if (id === '' || name === '') return 'has an empty id or name'
  if (id.length > 255 || name.length > 1_024) return 'has an id or name that is too long'
  if (seen.has(id)) return `names ${id} again (TW-A3.2)`
  // The service list: an OID under 2.16.886 (AMB-TW17).
  if (idColumn === 1 && !/^2\.16\.886(\.(0|[1-9]\d*))+$/.test(id)) return `has no OID under 2.16.886`
  return null
}
