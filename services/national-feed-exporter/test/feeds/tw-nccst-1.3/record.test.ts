import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Detection, RegistryConstituent, RegistrySource } from '@tocsin/events'
import { checkFields, checkReferences } from '../../../src/feeds/tw-nccst-1.3/check.ts'
import { FIELDS, type FieldName, type FieldValues } from '../../../src/feeds/tw-nccst-1.3/fields.ts'
import { codePointsOf } from '../../../src/feeds/tw-nccst-1.3/text.ts'
import { type CutTicket, cutTicket } from '../../../src/feeds/tw-nccst-1.3/ticket.ts'
import { toXml } from '../../../src/feeds/tw-nccst-1.3/xml.ts'
import { constituent, defaultLists, detection, NOW, profile, side, source, validator } from '../../fixtures.ts'
import { readWithPython, validateWithXmllint } from '../../independent-parser.ts'

const schema = validator()
const folder = mkdtempSync(join(tmpdir(), 'tocsin-tw-r-'))
after(() => {
  schema.dispose()
  rmSync(folder, { recursive: true })
})

interface Changes {
  detection?: Partial<Detection>
  constituent?: Partial<RegistryConstituent>
  source?: Partial<RegistrySource> | null
  eventId?: string
  baseEventId?: string | null
  organization?: string
}

function cut(changes: Changes = {}): CutTicket {
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
function readBack(ticket: CutTicket['ticket']): FieldValues {
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

const cjk = (length: number) => '測'.repeat(length)

/** What a row needs besides its place: how to make its value, too long a one, and none; and what else it must hold. */
interface Row {
  expected: string
  tooLong?: { changes: Changes; whole: string }
  /** A value that reaches the file whole when it could not be cut: it must be stopped instead. */
  stopped?: Changes
  absent?: Changes
  extra: (fields: FieldValues, ticket: CutTicket) => void
}

const problem = (fields: FieldValues, name: FieldName, value: string): string | null =>
  checkFields({ ...fields, [name]: value }).find((verdict) => verdict.name === name)?.problem ?? null

const ROWS: Readonly<Record<FieldName, Row>> = {
  Organization: {
    expected: 'EXAMPLE-SOC',
    tooLong: { changes: { organization: 'O'.repeat(41) }, whole: 'O'.repeat(41) },
    extra: (fields) => {
      assert.equal(fields.Organization, profile.organization)
      assert.match(problem(fields, 'Organization', 'NULL') ?? '', /may not be NULL/)
    },
  },
  Event_ID: {
    expected: 'EXSOC-20261122-000042',
    stopped: { eventId: 'E'.repeat(41) },
    extra: (fields, { ticket }) => {
      assert.match(fields.Event_ID, /^[A-Za-z0-9_-]{1,40}$/)
      assert.equal(ticket.fileName, `${fields.Event_ID}.xml`)
      assert.match(problem(fields, 'Event_ID', '../x') ?? '', /not safe/)
    },
  },
  Customer_Name: {
    expected: '行政院',
    tooLong: { changes: { constituent: { name: cjk(256) } }, whole: cjk(256) },
    absent: { constituent: { name: '' } },
    extra: (fields) => {
      assert.equal(defaultLists().index.serviceName(fields.Customer_ID), fields.Customer_Name)
      assert.equal(
        checkReferences({ ...fields, Customer_Name: '立法院' }, defaultLists().index)?.field,
        'Customer_Name',
      )
    },
  },
  Customer_ID: {
    expected: '2.16.886.101.20003',
    absent: { constituent: { oid: null } },
    extra: (fields) => {
      assert.notEqual(problem(fields, 'Customer_ID', '2.16.886.0101.3'), null)
      assert.notEqual(problem(fields, 'Customer_ID', '1.3.6.1.4.1'), null)
      assert.notEqual(problem(fields, 'Customer_ID', '2.16.886'), null)
      assert.equal(
        checkReferences({ ...fields, Customer_ID: '2.16.886.9' }, defaultLists().index)?.field,
        'Customer_ID',
      )
    },
  },
  Subject: {
    expected: '疑似密碼猜測攻擊',
    tooLong: { changes: { detection: { titles: { 'zh-Hant': cjk(256) } } }, whole: cjk(256) },
    absent: { detection: { titles: {}, ruleName: '' } },
    extra: () => {
      const fields = readBack(cut({ detection: { titles: { 'zh-Hant': '第一行\r\n第二行' } } }).ticket)
      assert.equal(fields.Subject, '第一行 第二行')
    },
  },
  Base_Event_ID: {
    expected: '',
    stopped: { baseEventId: 'B'.repeat(41) },
    extra: () => {
      const fields = readBack(cut({ baseEventId: 'EXSOC-20261121-000917' }).ticket)
      assert.equal(fields.Base_Event_ID, 'EXSOC-20261121-000917')
    },
  },
  Event_Name: {
    expected: 'ssh-bruteforce-v3',
    tooLong: { changes: { detection: { ruleName: cjk(256) } }, whole: cjk(256) },
    absent: { detection: { ruleName: '' } },
    extra: (fields) => {
      assert.equal(fields.Event_Name, detection().ruleName)
    },
  },
  Start_Time: {
    expected: '2026-11-22 09:14:03.0',
    stopped: { detection: { firstEvent: Date.UTC(12_026, 0, 1) } },
    extra: (fields, { ticket }) => {
      assert.equal(ticket.firstRecordAt, detection().firstEvent)
      assert.equal(
        readBack(cut({ detection: { firstEvent: Date.parse('2026-11-21T16:00:00.987Z') } }).ticket).Start_Time,
        '2026-11-22 00:00:00.9',
      )
      assert.notEqual(problem(fields, 'Start_Time', '2026-13-01 00:00:00.0'), null)
    },
  },
  End_Time: {
    expected: '2026-11-22 09:20:41.0',
    stopped: { detection: { lastEvent: Date.UTC(12_026, 0, 1) } },
    extra: (fields) => {
      assert.ok(fields.End_Time >= fields.Start_Time)
      assert.match(problem(fields, 'End_Time', '2026-11-22 09:14:02.9') ?? '', /before Start_Time/)
    },
  },
  Connector_Translated_Zone_Reference_ID: {
    expected: 'C017 dmz-collector',
    tooLong: { changes: { source: { name: 'c'.repeat(36) } }, whole: `C017 ${'c'.repeat(36)}` },
    absent: { source: null },
    extra: (fields) => {
      assert.ok(fields.Connector_Translated_Zone_Reference_ID.startsWith(`${source().sourceId} `))
    },
  },
  Source_Address: {
    expected: '203.0.113.9',
    absent: { detection: { participants: [side('source', 'not an address', 1)] } },
    extra: (fields) => {
      const six = readBack(cut({ detection: { participants: [side('source', '2001:0DB8:0:0:1:0:0:1', 1)] } }).ticket)
      assert.equal(six.Source_Address, '2001:db8::1:0:0:1')
      assert.notEqual(problem(fields, 'Source_Address', '2001:DB8::1'), null)
      const most = cut({
        detection: {
          participants: [side('source', '192.0.2.1', 1, { count: 1 }), side('source', '192.0.2.2', 2, { count: 9 })],
        },
      })
      assert.equal(readBack(most.ticket).Source_Address, '192.0.2.2')
      assert.ok(most.attachment?.content.includes('192.0.2.1'))
    },
  },
  Target_Address: {
    expected: '192.0.2.10',
    absent: { detection: { participants: [] } },
    extra: (fields) => {
      const six = readBack(cut({ detection: { participants: [side('target', '::FFFF:192.0.2.10', 1)] } }).ticket)
      assert.equal(six.Target_Address, '::ffff:192.0.2.10')
      assert.notEqual(problem(fields, 'Target_Address', '192.0.2.256'), null)
    },
  },
  Source_Port: {
    expected: '51544',
    absent: { detection: { participants: [side('source', '203.0.113.9', null)] } },
    extra: (fields) => {
      assert.equal(
        readBack(cut({ detection: { participants: [side('source', '203.0.113.9', 70_000)] } }).ticket).Source_Port,
        '',
      )
      assert.notEqual(problem(fields, 'Source_Port', '65536'), null)
      assert.equal(problem(fields, 'Source_Port', '0'), null)
    },
  },
  Target_Port: {
    expected: '22',
    absent: { detection: { participants: [] } },
    extra: (fields) => {
      assert.notEqual(problem(fields, 'Target_Port', '-1'), null)
      assert.equal(problem(fields, 'Target_Port', '65535'), null)
    },
  },
  Source_Geo_Descriptor: {
    expected: '121.5319,25.0478',
    absent: { detection: { participants: [side('source', '10.0.0.5', 1, { lon: 121, lat: 25 })] } },
    extra: (fields) => {
      assert.notEqual(problem(fields, 'Source_Geo_Descriptor', '(121.5,25.0)'), null)
      assert.notEqual(problem(fields, 'Source_Geo_Descriptor', '181.0,25.0'), null)
    },
  },
  Target_Geo_Descriptor: {
    expected: '120.6839,24.1388',
    absent: { detection: { participants: [side('target', 'fd00::5', 1, { lon: 121, lat: 25 })] } },
    extra: (fields) => {
      assert.notEqual(problem(fields, 'Target_Geo_Descriptor', '121.5,91.0'), null)
    },
  },
  Event_Attacking_Technical: {
    expected: 'T1110 Brute Force',
    tooLong: {
      changes: { detection: { techniques: Array.from({ length: 60 }, (_, index) => `T9${100 + index}`) } },
      whole: Array.from({ length: 60 }, (_, index) => `T9${100 + index}`).join('; '),
    },
    absent: { detection: { techniques: ['nonsense'] } },
    extra: (fields) => {
      assert.notEqual(problem(fields, 'Event_Attacking_Technical', 'Brute Force'), null)
    },
  },
  Events_Description: {
    expected:
      '疑似密碼猜測攻擊：自 2026-11-22 09:14:03.0 至 2026-11-22 09:20:41.0，來源 203.0.113.9，目標 192.0.2.10，共 128 筆紀錄。',
    tooLong: {
      changes: { detection: { titles: { 'zh-Hant': '題' }, participants: [], description: cjk(300) } },
      whole: `題：自 2026-11-22 09:14:03.0 至 2026-11-22 09:20:41.0，共 128 筆紀錄。 ${cjk(300)}`,
    },
    extra: () => {
      assert.ok(FIELDS.some(({ no, name }) => no === 18 && name === 'Events_Description'))
    },
  },
  Event_Message: {
    expected: '建議封鎖來源並檢查帳號',
    tooLong: { changes: { detection: { recommendations: { 'zh-Hant': cjk(256) } } }, whole: cjk(256) },
    absent: { detection: { recommendations: {} } },
    extra: (fields) => {
      assert.notEqual(fields.Event_Message, '')
    },
  },
  Event_Vulnerability: {
    expected: 'CVE-2024-6387',
    tooLong: {
      changes: { detection: { tags: Array.from({ length: 20 }, (_, index) => `cve.2024-1${1000 + index}`) } },
      whole: Array.from({ length: 20 }, (_, index) => `CVE-2024-1${1000 + index}`).join('; '),
    },
    absent: { detection: { tags: ['cve.nothing'] } },
    extra: (fields) => {
      assert.notEqual(problem(fields, 'Event_Vulnerability', 'CVE-24-1'), null)
      assert.equal(problem(fields, 'Event_Vulnerability', 'weak password'), null)
    },
  },
  Event_Severity: {
    expected: '6',
    extra: (fields) => {
      const of = (severity: number) => readBack(cut({ detection: { severity } }).ticket).Event_Severity
      assert.deepEqual([0, 10, 11, 100].map(of), ['1', '1', '2', '10'])
      assert.notEqual(problem(fields, 'Event_Severity', '0'), null)
      assert.notEqual(problem(fields, 'Event_Severity', '11'), null)
    },
  },
  Device_Translated_Zone_Reference_ID: {
    expected: 'IDS-03 (Suricata 7)',
    tooLong: { changes: { source: { deviceName: cjk(256) } }, whole: cjk(256) },
    absent: { source: { deviceName: null } },
    extra: (fields) => {
      assert.equal(fields.Device_Translated_Zone_Reference_ID, source().deviceName)
    },
  },
  Triggered_Rule_Name: {
    expected: 'ET SCAN SSH BruteForce',
    tooLong: { changes: { detection: { triggeredRuleName: 'x'.repeat(256) } }, whole: 'x'.repeat(256) },
    absent: { detection: { triggeredRuleName: null } },
    extra: () => {
      const odd = 'A && B <"x"> ]]> \u{1F600}'
      assert.equal(readBack(cut({ detection: { triggeredRuleName: odd } }).ticket).Triggered_Rule_Name, odd)
    },
  },
  Correlated_Rule_Name: {
    expected: 'ssh-bruteforce-v3',
    tooLong: { changes: { detection: { ruleName: cjk(256) } }, whole: cjk(256) },
    absent: { detection: { ruleName: '', ruleId: '' } },
    extra: (fields) => {
      assert.equal(defaultLists().index.ruleName(fields.Correlated_Rule_ID), fields.Correlated_Rule_Name)
    },
  },
  Correlated_Rule_ID: {
    expected: detection().ruleId,
    tooLong: { changes: { detection: { ruleId: 'r'.repeat(256) } }, whole: 'r'.repeat(256) },
    absent: { detection: { ruleId: '' } },
    extra: () => {
      const unknown = cut({ detection: { ruleId: 'another' } }).ticket
      assert.equal(unknown.state, 'quarantined')
      assert.match(unknown.reason ?? '', /^Correlated_Rule_ID /)
    },
  },
  Correlated_Raw_Event_ID: {
    expected: '01jd00a7;01jd00b2',
    tooLong: {
      changes: { detection: { eventIds: Array.from({ length: 40 }, (_, index) => `id-${1000 + index}`) } },
      whole: Array.from({ length: 40 }, (_, index) => `id-${1000 + index}`).join(';'),
    },
    absent: { detection: { eventIds: [] } },
    extra: () => {
      const ids = Array.from({ length: 40 }, (_, index) => `id-${1000 + index}`)
      const { Correlated_Raw_Event_ID: text } = readBack(cut({ detection: { eventIds: ids } }).ticket)
      assert.match(text, /;…\(40\)$/)
      const listed = text.replace(/;…\(40\)$/, '').split(';')
      assert.deepEqual(listed, ids.slice(0, listed.length))
    },
  },
  Aggregated_Count: {
    expected: '128',
    extra: (fields) => {
      assert.equal(Number(fields.Aggregated_Count), detection().eventCount)
      assert.notEqual(problem(fields, 'Aggregated_Count', '0'), null)
    },
  },
  Attachment: {
    expected: '',
    extra: () => {
      const long = cut({ detection: { triggeredRuleName: 'x'.repeat(256) } })
      assert.equal(readBack(long.ticket).Attachment, 'EXSOC-20261122-000042_1.json')
      assert.equal(long.attachment?.name, 'EXSOC-20261122-000042_1.json')
    },
  },
}

for (const { no, name, maxCodePoints, mandatory } of FIELDS) {
  const id = `TW-R${String(no).padStart(2, '0')}`
  test(`${id} field ${no} ${name} stands in its place with its value, length and rule for no value`, () => {
    const row = ROWS[name]
    const plain = cut()
    assert.equal(plain.ticket.state, 'queued', plain.ticket.reason ?? '')
    const fields = readBack(plain.ticket)
    // (a) a valid value passes, (d) what is read back is what the ticket says.
    assert.equal(fields[name], row.expected)
    assert.equal(fields[name], plain.ticket.fields[name])
    assert.equal(checkFields(fields)[no - 1]?.problem, null)
    // (b) one character too many never leaves over-long.
    if (maxCodePoints !== null) {
      const over = { ...fields, [name]: '字'.repeat(maxCodePoints + 1) }
      assert.match(checkFields(over)[no - 1]?.problem ?? '', /at most|characters/)
      if (name !== 'Customer_ID') assert.equal(schema.validate(toXml(over)).ok, false)
    }
    if (row.tooLong !== undefined) {
      const long = cut(row.tooLong.changes)
      const { [name]: text } = readBack(long.ticket)
      assert.ok(codePointsOf(text) <= (maxCodePoints ?? 0))
      assert.ok(text.includes('…'))
      const { fields: whole } = JSON.parse(long.attachment?.content ?? '{}') as { fields: Record<string, string> }
      assert.equal(whole[name], row.tooLong.whole)
    }
    if (row.stopped !== undefined) assert.equal(cut(row.stopped).ticket.state, 'quarantined')
    // (c) nothing to say: NULL where something is owed, empty elsewhere.
    if (row.absent !== undefined) {
      assert.equal(readBack(cut(row.absent).ticket)[name], mandatory ? 'NULL' : '')
    }
    row.extra(fields, plain)
  })
}

test('XC-6 a text of 256 characters beyond the basic plane is cut to 255 without splitting one, and the whole is attached', () => {
  const emoji = '\u{1F6A8}'.repeat(256)
  const { ticket, attachment } = cut({ detection: { titles: { 'zh-Hant': emoji } } })
  const { Subject } = readBack(ticket)
  assert.equal(codePointsOf(Subject), 255)
  assert.equal(Subject, `${'\u{1F6A8}'.repeat(254)}…`)
  assert.ok(Subject.isWellFormed())
  const whole = JSON.parse(attachment?.content ?? '{}') as { fields: { Subject: string } }
  assert.equal(whole.fields.Subject, emoji)
})

test('TW-S3 element names are those of the SOP, byte for byte', () => {
  const names = FIELDS.map(({ name }) => name).join(' ')
  assert.equal(
    names,
    'Organization Event_ID Customer_Name Customer_ID Subject Base_Event_ID Event_Name Start_Time End_Time Connector_Translated_Zone_Reference_ID Source_Address Target_Address Source_Port Target_Port Source_Geo_Descriptor Target_Geo_Descriptor Event_Attacking_Technical Events_Description Event_Message Event_Vulnerability Event_Severity Device_Translated_Zone_Reference_ID Triggered_Rule_Name Correlated_Rule_Name Correlated_Rule_ID Correlated_Raw_Event_ID Aggregated_Count Attachment',
  )
  const elements = [...cut().ticket.xml.matchAll(/<([A-Za-z_]+)[ />]/g)].map(([, name]) => name)
  assert.deepEqual(elements, ['Incident', ...names.split(' ')])
})

test('TW-S5 a ticket without a target address says NULL, four letters in capitals', () => {
  const { ticket } = cut({ detection: { participants: [] } })
  assert.ok(ticket.xml.includes('<Target_Address>NULL</Target_Address>'))
  assert.equal(readBack(ticket).Target_Address, 'NULL')
})

test('TW-S2 the file is UTF-8 without a byte order mark, and 10,000 random texts give no file that a parser refuses', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % below
  }
  const text = () => String.fromCharCode(...Array.from({ length: 1 + random(40) }, () => random(65_536)))
  const paths: string[] = []
  for (let index = 0; index < 500; index++) {
    const texts = Array.from({ length: 20 }, text)
    const { ticket } = cut({
      detection: {
        titles: { 'zh-Hant': texts.slice(0, 5).join('') },
        recommendations: { 'zh-Hant': texts.slice(5, 10).join('') },
        description: texts.slice(10, 15).join(''),
        triggeredRuleName: texts.slice(15).join(''),
      },
    })
    assert.equal(ticket.state, 'queued', ticket.reason ?? '')
    const path = join(folder, `fuzz-${index}.xml`)
    writeFileSync(path, ticket.xml)
    paths.push(path)
  }
  for (const [path, read] of readWithPython(...paths)) {
    assert.equal(read.bom, false)
    assert.match(read.declaration, /encoding="UTF-8"/)
    assert.equal(Buffer.from(readFileSync(path, 'utf8')).equals(readFileSync(path)), true)
  }
  assert.notEqual(validateWithXmllint(...paths), false)
})
