import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Detection, RegistryConstituent, RegistrySource } from '@tocsin/events'
import { checkFields } from '../../../src/feeds/tw-nccst-1.3/check.ts'
import { FIELDS, type FieldName, type FieldValues } from '../../../src/feeds/tw-nccst-1.3/fields.ts'
import { type CutTicket, cutTicket } from '../../../src/feeds/tw-nccst-1.3/ticket.ts'
import { constituent, defaultLists, detection, NOW, profile, source, validator } from '../../fixtures.ts'
import { readWithPython, validateWithXmllint } from '../../independent-parser.ts'

export const schema = validator()
export const folder = mkdtempSync(join(tmpdir(), 'tocsin-tw-r-'))
after(() => {
  schema.dispose()
  rmSync(folder, { recursive: true })
})

export interface Changes {
  detection?: Partial<Detection>
  constituent?: Partial<RegistryConstituent>
  source?: Partial<RegistrySource> | null
  eventId?: string
  baseEventId?: string | null
  organization?: string
}

export function cut(changes: Changes = {}): CutTicket {
  return cutTicket(
    {
      eventId: changes.eventId ?? 'EXSOC-20261122-000042',
      number: 42,
      baseEventId: changes.baseEventId ?? null,
      caseId: 'case-1',
      detection: detection(changes.detection),
      constituent: constituent(changes.constituent),
      source: changes.source === null ? null : source(changes.source),
    },
    NOW,
    {
      profile: { ...profile, organization: changes.organization ?? profile.organization },
      validator: schema,
      lists: defaultLists().index,
    },
  )
}

let files = 0
/** Writes the file of a ticket and reads it back with another parser: element names and texts in order. */
export function readBack(ticket: CutTicket['ticket']): FieldValues {
  const path = join(folder, `${files++}-${ticket.fileName}`)
  writeFileSync(path, ticket.xml)
  const read = readWithPython(path).get(path)
  assert.ok(read !== undefined)
  assert.equal(read.root, 'Incident')
  assert.deepEqual(
    read.elements.map(([name]) => name),
    FIELDS.map(({ name }) => name),
  )
  const lint = validateWithXmllint(path)
  if (ticket.state === 'queued') assert.notEqual(lint, false, 'xmllint refuses a file that we queued')
  return Object.fromEntries(read.elements) as Record<FieldName, string>
}

export const cjk = (length: number) => '測'.repeat(length)

/** What the field check says of one value put in place of the ticket's. */
export const problem = (fields: FieldValues, name: FieldName, value: string): string | null =>
  checkFields({ ...fields, [name]: value }).find((verdict) => verdict.name === name)?.problem ?? null
