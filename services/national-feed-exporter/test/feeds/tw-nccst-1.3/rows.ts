import assert from 'node:assert/strict'
import { checkReferences } from '../../../src/feeds/tw-nccst-1.3/check.ts'
import { FIELDS, type FieldName, type FieldValues } from '../../../src/feeds/tw-nccst-1.3/fields.ts'
import type { CutTicket } from '../../../src/feeds/tw-nccst-1.3/ticket.ts'
import { defaultLists, detection, profile, side, source } from '../../fixtures.ts'
import { type Changes, cjk, cut, problem, readBack } from './cut-and-read.ts'

/** What a row needs besides its place: how to make its value, too long a one, and none; and what else it must hold. */
export interface Row {
  expected: string
  tooLong?: { changes: Changes; whole: string }
  /** A value that reaches the file whole when it could not be cut: it must be stopped instead. */
  stopped?: Changes
  absent?: Changes
  extra: (fields: FieldValues, ticket: CutTicket) => void
}

/** The 28 rows of the requirement matrix, by element name. */
export const ROWS: Readonly<Record<FieldName, Row>> = {
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
