import { idFrom, inLanguage } from '@tocsin/events'
import { offsetAt } from './calendar.ts'
import type { Clock } from './clock.ts'
import type { ClockHappening } from './clock-event.ts'
import type { CaseFacts } from './facts.ts'
import type { Pack } from './pack.ts'
import type { MessageSpec } from './pack-schema.ts'
import { nationalClassOf, nationalSeverityOf } from './taxonomy.ts'
import { type NoticeFields, type Rendered, render, type Template } from './template.ts'
import { inTexts, textOf } from './texts.ts'

/** Someone who can be reached, as far as planning needs it. */
export interface Contact {
  contactId: string
  constituent: string
  role: string
  name: string
  language: string
  channels: readonly string[]
  /** Receives exercise notices only. */
  test: boolean
}

/** A message owed to one person or desk. */
export interface PlannedNotice {
  /** From (case, clock, recipient, purpose): planned again it is the same notice. */
  noticeId: string
  caseId: string
  constituent: string
  clockKey: string
  requirements: readonly string[]
  purpose: string
  recipientRole: string
  contactId: string
  channels: readonly string[]
  /** It may be told together with others to the same recipient, each listed. */
  groupable: boolean
  /** A copy informs; its delivery never meets the clock (KZ-10.3g). */
  copy: boolean
  exercise: boolean
  /** Legal instant at which it became owed, and by which it must be there. UTC ms. */
  owedAt: number
  dueAt: number
  language: string
  templateId: string
  fields: NoticeFields
  rendered: Rendered
}

/** Nobody is registered who could receive it: an alarm to the sender's side, never silence (VN-14.6c). */
export interface MissingRecipient {
  caseId: string
  clockKey: string
  roles: readonly string[]
  templateId: string
  requirements: readonly string[]
}

/** What the case itself says, in words; the rest of the fields come from the pack and the clocks. */
export interface CaseWords extends NoticeFields {
  rsitClass: string
  rsitType: string
  severityScore: number
  /** Recommendation and subject by language, from the rule. */
  recommendations?: Readonly<Record<string, string>>
}

export interface NoticePlan {
  notices: PlannedNotice[]
  missing: MissingRecipient[]
}

/**
 * Plans the notices that happenings of one case's clocks make owed. Takes the pack with its templates, the case, the
 * happenings, all its clocks, the contacts and the case's words; gives notices with recipient, ground, deadline, language and
 * text. The same input gives the same ids; nothing is sent here.
 */
export function planNotices(
  pack: Pack,
  subject: CaseFacts,
  happenings: readonly ClockHappening[],
  clocks: readonly Clock[],
  contacts: readonly Contact[],
  words: CaseWords,
): NoticePlan {
  const plan: NoticePlan = { notices: [], missing: [] }
  for (const happening of happenings) {
    for (const message of happening.messages) {
      const wanted = message.to.flatMap((role) => reachable(pack, subject, contacts, role))
      const unreached = message.to.filter((role) => !wanted.some((contact) => contact.role === role))
      if (message.all === true ? unreached.length > 0 : wanted.length === 0) {
        plan.missing.push(missingFor(happening, message, unreached))
      }
      const copies = (message.copies ?? []).flatMap((role) => reachable(pack, subject, contacts, role))
      for (const [contact, copy] of [
        ...wanted.map((c) => [c, false] as const),
        ...copies.map((c) => [c, true] as const),
      ]) {
        const template = templateFor(pack, message.template, contact.language)
        if (template !== null)
          plan.notices.push(noticeFor(pack, subject, happening, message, clocks, contact, copy, template, words))
      }
    }
  }
  return plan
}

function reachable(pack: Pack, subject: CaseFacts, contacts: readonly Contact[], role: string): Contact[] {
  const own = pack.roles[role]?.scope === 'constituent'
  const exercise = subject.exercise === true
  return contacts.filter(
    (contact) =>
      contact.role === role && contact.test === exercise && (!own || contact.constituent === subject.constituent),
  )
}

function missingFor(happening: ClockHappening, message: MessageSpec, roles: string[]): MissingRecipient {
  const { caseId, clockKey, clock } = happening
  return { caseId, clockKey, roles, templateId: message.template, requirements: clock.requirements }
}

function templateFor(pack: Pack, id: string, language: string): Template | null {
  const byLanguage = pack.templates?.get(id)
  if (byLanguage === undefined) return null
  for (const wanted of [language, ...pack.languages, 'en']) {
    const template = byLanguage.get(wanted)
    if (template !== undefined) return template
  }
  return null
}

function noticeFor(
  pack: Pack,
  subject: CaseFacts,
  happening: ClockHappening,
  message: MessageSpec,
  clocks: readonly Clock[],
  contact: Contact,
  copy: boolean,
  template: Template,
  words: CaseWords,
): PlannedNotice {
  const { clock } = happening
  const purposeId = `${happening.what}:${message.id ?? happening.by}:${happening.ordinal}:${message.template}`
  const notify = happening.what === 'started'
  const purpose = message.purpose ?? (notify ? 'notify' : 'escalate')
  const noticeId = idFrom('notice', subject.caseId, clock.key, contact.contactId, notify ? 'notify' : purposeId)
  const fields = fieldsFor(pack, subject, clock, clocks, template.language, words)
  return {
    noticeId,
    caseId: subject.caseId,
    constituent: subject.constituent,
    clockKey: clock.key,
    requirements: clock.requirements,
    purpose,
    // What operators are told is not the law's notice; of that, the pack says what may be told together.
    groupable: message.groupable ?? purpose === 'operate',
    recipientRole: contact.role,
    contactId: contact.contactId,
    channels: contact.channels,
    copy,
    exercise: subject.exercise === true,
    owedAt: happening.at,
    dueAt: notify ? clock.dueAt : happening.at,
    language: template.language,
    templateId: template.id,
    fields: { ...fields, noticeNumber: words.noticeNumber ?? noticeId.slice(0, 12).toUpperCase() },
    rendered: render(template, { ...fields, noticeNumber: words.noticeNumber ?? noticeId.slice(0, 12).toUpperCase() }),
  }
}

function fieldsFor(
  pack: Pack,
  subject: CaseFacts,
  clock: Clock,
  clocks: readonly Clock[],
  language: string,
  words: CaseWords,
): NoticeFields {
  const { rsitClass, rsitType, severityScore, recommendations, ...given } = words
  const at = (instant: number | undefined): string => (instant === undefined ? '' : localTime(pack.timeZone, instant))
  const fact = (name: string): number | undefined => subject.facts.find((known) => known.name === name)?.at
  const answer = clocks.find((other) => other.clockId === pack.answerClock && other.kind === clock.kind)
  const national = pack.taxonomy === null ? null : nationalClassOf(pack.taxonomy, rsitClass, rsitType)
  const detectedAt = fact('detectedAt')
  return {
    detectedAt: at(detectedAt),
    detectedAtUtc: detectedAt === undefined ? '' : new Date(detectedAt).toISOString(),
    identifiedAt: at(fact('promotedAt') ?? detectedAt),
    kind: textOf(clock.kind, language),
    class: textOf(rsitClass, language),
    nationalClass: national === null ? '' : inTexts(national.title, language),
    severity: `${inTexts(nationalSeverityOf(pack, severityScore).title, language)} (${severityScore}/100)`,
    recommendation: recommendations === undefined ? '' : inLanguage(recommendations, language),
    answerDueAt: at(answer?.dueAt),
    answerState: answer === undefined ? '' : textOf(answer.state, language),
    clock: clock.clockId,
    clockStartAt: at(clock.startAt),
    clockDueAt: at(clock.dueAt),
    legalBasis: `${pack.law.reference}, ${clock.ground === null ? clock.requirements.join(', ') : inTexts(clock.ground, language)}`,
    exercise: subject.exercise === true ? (exerciseMark[language] ?? 'EXERCISE') : '',
    ...given,
  }
}

const exerciseMark: Readonly<Record<string, string>> = {
  en: 'EXERCISE',
  vi: 'DIỄN TẬP',
  kk: 'ЖАТТЫҒУ',
  ru: 'УЧЕНИЯ',
  'zh-Hant': '演練',
}

/** An instant as people of the zone read it, with the offset that was in force: `2026-03-01 09:30:00 +05:00`. */
export function localTime(zone: string, instant: number): string {
  const offsetMs = offsetAt(zone, instant)
  const minutes = Math.abs(offsetMs) / 60_000
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const sign = offsetMs < 0 ? '-' : '+'
  return `${new Date(instant + offsetMs).toISOString().slice(0, 19).replace('T', ' ')} ${sign}${two(minutes / 60)}:${two(minutes % 60)}`
}
