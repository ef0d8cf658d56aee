import type { ReceivedItem } from '@tocsin/events'
import { blankSharedCase, canonicalJson, type SharedCase, type SharedParticipant } from '@tocsin/exchange'

/** Where a body stands in the registry, by its OID. */
export type BodyByOid = (oid: string) => string | undefined

/**
 * Takes an item as the receiving half judged it; gives it with the case that its 28 fields say and the registered body that it is
 * about. Lists and attachments, files that were not accepted, and bodies that nobody registered give none.
 */
export function withCase(item: ReceivedItem, bodyOf: BodyByOid): ReceivedItem {
  const { caseFields: fields, verdict, sender } = item
  const eventId = fields['Event_ID'] ?? ''
  if (verdict !== 'accepted' || eventId === '') return item
  return {
    ...item,
    constituent: bodyOf(fields['Customer_ID'] ?? '') ?? '',
    sharedCase: canonicalJson(caseOf(`${sender}/${eventId}`, eventId, item)),
  }
}

function caseOf(
  origin: string,
  eventId: string,
  { caseFields, receivedAt, sender, exercise }: ReceivedItem,
): SharedCase {
  const field = (name: string): string => {
    const text = caseFields[name] ?? ''
    return text === 'NULL' ? '' : text
  }
  const inChinese = (name: string): Record<string, string> => (field(name) === '' ? {} : { 'zh-Hant': field(name) })
  const base = field('Base_Event_ID')
  const count = Number(field('Aggregated_Count'))
  return {
    ...blankSharedCase(eventId, origin),
    number: eventId,
    revision: 1,
    severity: Math.min(100, Math.max(0, Number(field('Event_Severity')) * 10 || 50)),
    exercise,
    detectedAt: receivedAt,
    createdAt: receivedAt,
    modifiedAt: receivedAt,
    occurredFirst: taipeiInstant(field('Start_Time')) ?? receivedAt,
    occurredLast: taipeiInstant(field('End_Time')) ?? receivedAt,
    ruleId: field('Correlated_Rule_ID'),
    ruleName: field('Correlated_Rule_Name') || field('Event_Name'),
    triggeredRuleName: field('Triggered_Rule_Name') || null,
    titles: inChinese('Subject'),
    description: field('Events_Description'),
    recommendations: inChinese('Event_Message'),
    techniques: field('Event_Attacking_Technical').match(/\bT\d{4}(?:\.\d{3})?\b/g) ?? [],
    eventCount: Number.isSafeInteger(count) && count >= 0 ? count : 0,
    participants: [
      ...side('source', field('Source_Address'), field('Source_Port')),
      ...side('target', field('Target_Address'), field('Target_Port')),
    ],
    related: base === '' ? [] : [`base:${sender}/${base}`],
  }
}

function side(role: string, ip: string, port: string): SharedParticipant[] {
  if (ip === '') return []
  const number = /^\d{1,5}$/.test(port) ? Number(port) : null
  return [
    { role, ip, port: number, protocol: null, domain: null, country: null, asn: null, lon: null, lat: null, count: 0 },
  ]
}

/** Reads a time of the 28 fields, which is that of Taipei; null where it is none. */
function taipeiInstant(text: string): number | null {
  const found = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{1,5})?$/.exec(text)
  const ms = found === null ? Number.NaN : Date.parse(`${found[1]}T${found[2]}${(found[3] ?? '').slice(0, 4)}+08:00`)
  return Number.isNaN(ms) ? null : ms
}
