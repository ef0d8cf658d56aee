import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CaseFacts,
  type CaseWords,
  type Contact,
  clocksOf,
  due,
  historyOf,
  planNotices,
  render,
} from '../src/index.ts'
import { at, pack, packNames } from './packs.ts'

const kz = pack('kz-order-199')
const T0 = at('2026-11-20T16:00:00Z')
const HOUR = 3_600_000

const contact = (role: string, more: Partial<Contact> = {}): Contact => ({
  contactId: `${role}-1`,
  constituent: 'mof',
  role,
  name: role,
  language: 'ru',
  channels: ['mail'],
  test: false,
  ...more,
})
const contacts = [
  contact('constituent'),
  contact('constituent', { contactId: 'other-body', constituent: 'moe' }),
  contact('coordinator', { language: 'kk' }),
  contact('nsc', { constituent: 'centre' }),
  contact('authorized-body', { constituent: 'centre' }),
  contact('shift', { constituent: 'centre', language: 'en' }),
]
const words: CaseWords = {
  rsitClass: 'intrusions',
  rsitType: 'system-compromise',
  severityScore: 75,
  constituent: 'Ministry of Finance',
  object: 'portal <b>',
  source: 'niscc',
  description: 'Пароль подобран & вход выполнен',
  addresses: '203.0.113.9 → 192.0.2.10',
  primaryAnalysis: 'brute force, then success',
  measuresTaken: 'none',
  coordinator: 'A. Coordinator',
  contact: 'shift@niscc.example',
  caseNumber: 'KZ-2026-000001',
  recommendations: { ru: 'Сменить пароль', en: 'Change the password' },
}
const incident = (facts: CaseFacts['facts'] = []): CaseFacts => ({
  caseId: 'case-1',
  constituent: 'mof',
  kind: 'incident',
  attributes: {},
  facts: [{ name: 'detectedAt', at: T0 }, ...facts],
})
const plan = (subject: CaseFacts, now: number, who = contacts) =>
  planNotices(kz, subject, historyOf(kz, subject, now), clocksOf(kz, subject, now), who, words)

test('C1 the coordinator gets a copy that is marked as one, and another body gets nothing', () => {
  const { notices } = plan(incident(), T0)
  const sb = notices.filter((notice) => notice.clockKey === 'C1/incident')
  assert.deepEqual(
    sb.map((notice) => [notice.contactId, notice.copy, notice.language]),
    [
      ['constituent-1', false, 'ru'],
      ['coordinator-1', true, 'kk'],
    ],
  )
  assert.deepEqual(
    sb.map((notice) => notice.dueAt),
    [T0 + HOUR / 2, T0 + HOUR / 2],
  )
})

test('KZ-N the notice to the state body carries every field in its language', () => {
  const text = plan(incident(), T0).notices[0]?.rendered.text ?? ''
  for (const part of [
    'Ministry of Finance',
    'portal <b>',
    '2026-11-20 21:00:00 +05:00',
    '2026-11-20T16:00:00.000Z',
    'Инцидент ИБ',
    'Несанкционированный доступ',
    'высокий (75/100)',
    'niscc',
    'Пароль подобран',
    '203.0.113.9',
    'brute force',
    'Сменить пароль',
    '48 часов',
    'A. Coordinator',
    'shift@niscc.example',
    '199/НҚ',
  ]) {
    assert.ok(text.includes(part), `${part} in\n${text}`)
  }
})

test('planning again after a restart gives the same notice ids, and none is planned twice', () => {
  const now = T0 + 60 * HOUR
  const first = plan(incident(), now).notices.map((notice) => notice.noticeId)
  assert.deepEqual(
    plan(incident(), now + HOUR).notices.map((notice) => notice.noticeId),
    first,
  )
  assert.equal(new Set(first).size, first.length)
})

test("C4 the escalation goes to the authorized body and the NSC with the state of the body's own answer", () => {
  const delivery = {
    name: 'delivery',
    at: T0 + HOUR,
    role: 'constituent',
    proof: 'delivered',
    clocks: ['C1/incident'],
  } as const
  const subject = incident([delivery])
  const { notices } = plan(subject, T0 + 48 * HOUR)
  const escalations = notices.filter((notice) => notice.templateId === 'failure-48h')
  assert.deepEqual(
    escalations.map((notice) => notice.recipientRole),
    ['authorized-body', 'nsc'],
  )
  assert.deepEqual(
    escalations.map((notice) => notice.owedAt),
    [T0 + 48 * HOUR, T0 + 48 * HOUR],
  )
  assert.match(escalations[0]?.rendered.text ?? '', /2026-11-22 22:00:00 \+05:00, идёт/)
})

test("a duty that reaches nobody is an alarm to the sender's side (VN-14.6c)", () => {
  assert.deepEqual(
    plan(
      incident(),
      T0,
      contacts.filter((each) => each.role !== 'constituent'),
    ).missing.map((gap) => [gap.clockKey, gap.roles]),
    [['C1/incident', ['authorised-person', 'constituent']]],
  )
  const { missing } = plan(
    incident(),
    T0 + 48 * HOUR,
    contacts.filter((each) => each.role !== 'nsc'),
  )
  assert.ok(
    missing.some((gap) => gap.clockKey === 'C4-escalation/incident' && gap.roles.includes('nsc')),
    'each of the two is needed',
  )
})

test('an exercise goes to test contacts only and says so (XC-11)', () => {
  const subject = { ...incident(), exercise: true }
  assert.deepEqual(plan(subject, T0).notices, [])
  const drill = plan(subject, T0, [...contacts, contact('constituent', { contactId: 'drill', test: true })]).notices
  assert.deepEqual(
    drill.map((notice) => [notice.contactId, notice.exercise]),
    [['drill', true]],
  )
  assert.match(drill[0]?.rendered.subject ?? '', /^УЧЕНИЯ /)
})

test('values are escaped in HTML, and no value can break the subject line or open a place', () => {
  const template = kz.templates?.get('notice')?.get('en')
  assert.ok(template !== undefined)
  const rendered = render(template, {
    constituent: 'A\r\nBcc: x@example.org',
    object: '<script>"\'&',
    description: '{{contact}}',
    contact: 'secret',
    addresses: 'a\u202eb\u0000c',
  })
  assert.doesNotMatch(rendered.subject, /[\r\n]/)
  assert.ok(rendered.html.includes('&lt;script&gt;&quot;&#39;&amp;'))
  assert.doesNotMatch(rendered.html, /<script/)
  assert.ok(rendered.text.includes('Description: {{contact}}'), 'a value is not filled a second time')
  assert.ok(rendered.text.includes('Addresses: a b c'))
})

test('every template of every pack renders in its language without an open place', () => {
  for (const name of packNames) {
    for (const byLanguage of pack(name).templates?.values() ?? []) {
      for (const template of byLanguage.values()) {
        const { subject, text, html } = render(template, {})
        assert.doesNotMatch(`${subject}${text}${html}`, /\{\{|undefined|null/)
        assert.ok(html.startsWith(`<div lang="${template.language}">`))
      }
    }
  }
})

test('messages are planned only for what is owed and not recorded yet', () => {
  const subject = incident()
  const recorded = new Set(historyOf(kz, subject, T0).map((each) => each.eventId))
  const { owed } = due(kz, subject, recorded, T0 + 20 * 60_000)
  const { notices } = planNotices(kz, subject, owed, clocksOf(kz, subject, T0 + 20 * 60_000), contacts, words)
  assert.deepEqual(
    notices.map((notice) => [notice.templateId, notice.recipientRole]),
    [['shift-alarm', 'shift']],
  )
})
