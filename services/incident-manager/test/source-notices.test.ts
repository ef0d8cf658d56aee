// Who hears that a source is silent, and in which language.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HealthEvent, Notice, RegistrySource } from '@tocsin/events'
import { LANGUAGES } from '@tocsin/events'
import type { Contact } from '@tocsin/obligations'
import { noticesOfHealth } from '../src/health-notices.ts'
import { healthWords } from '../src/health-words.ts'
import { healthEvent, registry, T0 } from './world.ts'

const silent = (over: Partial<HealthEvent> = {}) =>
  healthEvent({
    code: 'source_silent',
    service: 'reporter',
    constituent: 'kz-ministry',
    sourceId: 'kz-gateway',
    level: 'warning',
    values: { source: 'Шлюз', lastSeenAt: '2026-03-01T00:00:00.000Z', limitMinutes: '15', limitBasis: 'default' },
    ...over,
  })

const contact = (contactId: string, constituent: string, role: string, language = 'ru'): Contact => ({
  contactId,
  constituent,
  role,
  name: contactId,
  language,
  channels: ['mail'],
  test: false,
})

const contacts = [
  contact('kz-operator', 'kz-ministry', 'operator'),
  contact('kz-firewall-team', 'kz-ministry', 'unit-in-charge', 'kk'),
  contact('vn-team', 'vn-portal', 'unit-in-charge', 'vi'),
  contact('centre-operator', 'centre', 'operator', 'en'),
]

function noticesTo(contactIds: string[], health: HealthEvent): Notice[] {
  const source = { contactIds } as Partial<RegistrySource> as RegistrySource
  const outcome = noticesOfHealth(health, { ...registry, contacts: () => contacts, source: () => source }, T0)
  return outcome.kind === 'emit' ? outcome.outputs.map(({ value }) => value as Notice) : []
}

test('the notice of a silent source goes to whoever runs it, in their language, and to the centre', () => {
  const notices = noticesTo(['kz-firewall-team'], silent())
  assert.deepEqual(
    notices.map(({ contactId }) => contactId),
    ['kz-firewall-team', 'centre-operator'],
  )
  assert.match(notices[0]?.body ?? '', /Шлюз дереккөзі .* бастап ештеңе жіберген жоқ/)
  assert.match(notices[1]?.body ?? '', /The source Шлюз has sent nothing since/)
  assert.deepEqual(
    notices.map(({ caseId, clockId, dueAt }) => [caseId, clockId, dueAt]),
    [
      [null, null, null],
      [null, null, null],
    ],
  )
})

test('its end is told to the same people, as a notice of its own', () => {
  const values = { source: 'Шлюз', heardAgainAt: '2026-03-01T01:00:00.000Z', silentMinutes: '60' }
  const [raised] = noticesTo(['kz-firewall-team'], silent())
  const [cleared] = noticesTo(['kz-firewall-team'], silent({ state: 'cleared', values }))
  assert.equal(cleared?.contactId, raised?.contactId)
  assert.notEqual(cleared?.noticeId, raised?.noticeId)
  assert.match(cleared?.body ?? '', /қайта жіберіп тұр; 60 минут/)
})

test('without named contacts the body’s operators hear of it', () => {
  assert.deepEqual(
    noticesTo([], silent()).map(({ contactId }) => contactId),
    ['kz-operator', 'centre-operator'],
  )
})

test('SEC-S1 a contact of another body is not told, whatever the source says', () => {
  assert.deepEqual(
    noticesTo(['vn-team'], silent()).map(({ contactId }) => contactId),
    ['kz-operator', 'centre-operator'],
  )
})

test('XC-10 every sentence is there in five languages and names the source', () => {
  const values = Object.fromEntries(
    ['lastSeenAt', 'limitMinutes', 'heardAgainAt', 'silentMinutes', 'hour', 'lines', 'usualLines', 'skewSeconds'].map(
      (name) => [name, '7'],
    ),
  )
  for (const code of ['source_silent', 'source_rate_low', 'source_rate_high', 'source_clock_wrong']) {
    for (const state of ['raised', 'cleared']) {
      const texts = LANGUAGES.map((language) =>
        healthWords(silent({ code, state, values: { ...values, source: 'GW-7' } }), language),
      )
      assert.equal(new Set(texts).size, 5, code)
      for (const text of texts) assert.match(text ?? '', /GW-7/)
    }
  }
  assert.equal(healthWords(silent({ values: {} }), 'vi'), null, 'a missing value gives the event’s own sentence')
})
