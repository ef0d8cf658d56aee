import { type HealthEvent, type Incident, idFrom, type Notice, type NoticeState } from '@tocsin/events'
import {
  type CaseFacts,
  type Clock,
  type ClockHappening,
  type MissingRecipient,
  type NoticePlan,
  type PlannedNotice,
  planNotices,
} from '@tocsin/obligations'
import type { Output } from '@tocsin/stage'
import type { CaseState } from './case.ts'
import type { Law, Registry } from './registry.ts'
import { wordsOf } from './words.ts'

/** Notices kept on a case's record; all of them are on the topic. */
const MAX_NOTICES = 500

/**
 * Plans the notices that clock happenings make owed and writes each once, in the recipient's language. A duty with nobody to
 * receive it becomes a health event, so that the centre hears of it (VN-14.6c).
 */
export function oweNotices(
  state: CaseState,
  law: Law,
  registry: Registry,
  owed: readonly ClockHappening[],
  clocks: readonly Clock[],
  subject: CaseFacts,
  nowMs: number,
): { state: CaseState; outputs: Output[] } {
  const telling = owed.filter((happening) => happening.messages.length > 0 && !wasTold(happening, state.toldBefore))
  if (telling.length === 0) return { state, outputs: [] }
  const plan = planByLanguage(state, law, registry, telling, clocks, subject, nowMs)
  const known = new Set(state.record.notices.map((notice) => notice.noticeId))
  const fresh = plan.notices.filter((notice) => !known.has(notice.noticeId))
  const added: NoticeState[] = fresh.map((notice) => ({
    noticeId: notice.noticeId,
    clockId: notice.copy ? null : notice.clockKey,
    recipientRole: notice.recipientRole,
    state: 'owed',
    dueAt: notice.dueAt,
    deliveredAt: null,
  }))
  const notices = [...state.record.notices, ...added].slice(-MAX_NOTICES)
  return {
    state: { ...state, record: { ...state.record, notices } },
    outputs: [
      ...fresh.map((notice) => noticeRecordOf(notice, state.record, nowMs)),
      ...plan.missing.map((missing) => missingRecipient(missing, state.record, nowMs)),
    ],
  }
}

/** What happened before a case was split off or taken over was told under the other number; only a duty still open is told again. */
function wasTold({ at, what, clock }: ClockHappening, toldBefore: number | null): boolean {
  return toldBefore !== null && at < toldBefore && !(what === 'started' && clock.state === 'running')
}

/** The case's words depend on the language, so contacts are planned for language by language. */
function planByLanguage(
  state: CaseState,
  law: Law,
  registry: Registry,
  owed: readonly ClockHappening[],
  clocks: readonly Clock[],
  subject: CaseFacts,
  nowMs: number,
): NoticePlan {
  const contacts = registry.contacts(state.record.constituent, nowMs)
  const all = planNotices(law.pack, subject, owed, clocks, contacts, wordsOf(state, registry, 'en', nowMs))
  const wanted = new Set(all.notices.map((notice) => notice.contactId))
  const languages = new Set(all.notices.map((notice) => notice.language))
  if (languages.size === 0) return all
  const notices: PlannedNotice[] = []
  for (const language of languages) {
    const words = wordsOf(state, registry, language, nowMs)
    const reached = contacts.filter((contact) => wanted.has(contact.contactId))
    const plan = planNotices(law.pack, subject, owed, clocks, reached, words)
    notices.push(...plan.notices.filter((notice) => notice.language === language))
  }
  return { notices, missing: all.missing }
}

/** The record of a notice that was planned for a case or a request. */
export function noticeRecordOf(
  notice: PlannedNotice,
  { pack, tlp }: Pick<Incident, 'pack' | 'tlp'>,
  nowMs: number,
): Output {
  const fields = Object.entries(notice.fields).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  const value: Notice = {
    noticeId: notice.noticeId,
    constituent: notice.constituent,
    caseId: notice.caseId,
    // A copy names no clock, so that its delivery can never meet one (KZ-10.3g).
    clockId: notice.copy ? null : notice.clockKey,
    requirementIds: [...notice.requirements],
    pack,
    purpose: notice.purpose,
    recipientRole: notice.recipientRole,
    contactId: notice.contactId,
    exercise: notice.exercise,
    tlp,
    createdAt: nowMs,
    dueAt: notice.dueAt,
    language: notice.language,
    subject: notice.rendered.subject,
    body: notice.rendered.text,
    fields: {
      ...Object.fromEntries(fields),
      caseId: notice.caseId,
      owedAt: String(notice.owedAt),
      copy: String(notice.copy),
    },
    attachments: [],
    channels: [...notice.channels],
    groupable: notice.groupable,
  }
  return { topic: 'notices', key: notice.constituent, value }
}

/** Nobody can be told: the centre hears of it instead (VN-14.6c). `number` is what people call the case or the request. */
export function missingRecipient(
  missing: MissingRecipient,
  { constituent, number }: Pick<Incident, 'constituent' | 'number'>,
  nowMs: number,
): Output {
  const value: HealthEvent = {
    healthId: idFrom('incident-manager', 'no_recipient', missing.caseId, missing.clockKey, missing.templateId),
    code: 'no_recipient',
    service: 'incident-manager',
    slot: '',
    constituent,
    sourceId: null,
    level: 'critical',
    state: 'raised',
    at: nowMs,
    message: `Nobody is registered as ${missing.roles.join(' or ')} for ${constituent}: the notice that ${missing.clockKey} of ${number} owes (${missing.requirements.join(', ')}) reaches no one; add a contact and tell them by hand.`,
    values: { caseId: missing.caseId, clock: missing.clockKey, roles: missing.roles.join(',') },
  }
  return { topic: 'health-events', key: constituent, value }
}
