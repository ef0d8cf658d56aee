import { type HealthEvent, idFrom, type Notice } from '@tocsin/events'
import type { Contact } from '@tocsin/obligations'
import { drop, emit, type Outcome } from '@tocsin/stage'
import { healthWords } from './health-words.ts'
import { CENTRE, type Registry } from './registry.ts'

/**
 * Turns a health event into operators' notices: no case, no clock (AMB-X2). Its ids come from the health event, so a repeat is
 * the same notice. Faults of one constituent's sources go to whoever runs the source (its `contactIds`; where it names none, the
 * body's own operators) and to the centre.
 */
export function noticesOfHealth(health: HealthEvent, registry: Registry, nowMs: number): Outcome {
  if (health.level === 'info') return drop('informational-health-event')
  const constituent = health.constituent ?? CENTRE
  const contacts = registry.contacts(constituent, nowMs).filter((contact) => !contact.test)
  const reached = recipientsOf(contacts, constituent, registry.source(health.sourceId ?? '')?.contactIds ?? [])
  if (reached.length === 0) return drop('no-operator-contact')
  const pack = registry.constituent(constituent)?.pack ?? 'none'
  return emit(
    ...reached.map((contact) => ({
      topic: 'notices' as const,
      key: constituent,
      value: noticeOf(health, contact, constituent, pack, nowMs),
    })),
  )
}

/** Who runs the source, else the constituent's own operators; and the centre's, where it has none its duty shift. */
function recipientsOf(contacts: readonly Contact[], constituent: string, runs: readonly string[]): Contact[] {
  const of = (owner: string, role: string): Contact[] =>
    contacts.filter((contact) => contact.role === role && contact.constituent === owner)
  // A contact of another body is not told, whatever the registry says of the source.
  const named = contacts.filter(
    (contact) => runs.includes(contact.contactId) && [constituent, CENTRE].includes(contact.constituent),
  )
  const operators = constituent === CENTRE ? [] : of(constituent, 'operator')
  const own = named.length > 0 ? named : operators
  const centre = of(CENTRE, 'operator')
  return [...new Set([...own, ...(centre.length > 0 ? centre : of(CENTRE, 'shift'))])]
}

const STATE_WORDS: Readonly<Record<string, { raised: string; cleared: string }>> = {
  en: { raised: 'Fault', cleared: 'Fault over' },
  vi: { raised: 'Sự cố vận hành', cleared: 'Đã khắc phục' },
  kk: { raised: 'Ақау', cleared: 'Ақау жойылды' },
  ru: { raised: 'Неисправность', cleared: 'Неисправность устранена' },
  'zh-Hant': { raised: '系統異常', cleared: '異常解除' },
}

function noticeOf(health: HealthEvent, contact: Contact, constituent: string, pack: string, nowMs: number): Notice {
  const language = contact.language in STATE_WORDS ? contact.language : 'en'
  const state = health.state === 'cleared' ? 'cleared' : 'raised'
  const word = STATE_WORDS[language]?.[state] ?? 'Fault'
  const about = health.values['source'] ?? health.sourceId ?? health.constituent ?? health.service
  const values = Object.entries(health.values).map(([name, value]) => `${name}: ${value}`)
  const lines = [
    healthWords(health, language) ?? health.message,
    '',
    `${health.service} · ${health.code} · ${new Date(health.at).toISOString()}`,
    ...values,
  ]
  return {
    noticeId: idFrom('health-notice', health.healthId, health.state, contact.contactId),
    constituent,
    caseId: null,
    clockId: null,
    requirementIds: [],
    pack,
    purpose: 'operate',
    recipientRole: contact.role,
    contactId: contact.contactId,
    exercise: false,
    tlp: 'AMBER',
    createdAt: nowMs,
    dueAt: null,
    language,
    subject: `${word}: ${health.code} (${about})`.replace(/\s+/g, ' ').slice(0, 200),
    body: `${lines.join('\n')}\n`,
    fields: {
      healthId: health.healthId,
      code: health.code,
      level: health.level,
      state: health.state,
      service: health.service,
    },
    attachments: [],
    channels: [...contact.channels],
    groupable: true,
  }
}
