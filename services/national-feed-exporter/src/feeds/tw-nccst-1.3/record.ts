import { type Detection, inLanguage } from '@tocsin/events'
import { canonicalIp, isPrivateIp } from './address.ts'
import { type Attachment, attachmentOf } from './attachment.ts'
import { FIELDS, type FieldName, type FieldValues, NULL_TEXT } from './fields.ts'
import { officialName, type Profile, type TicketInput } from './profile.ts'
import type { Readings } from './readings.ts'
import { taipeiTime } from './taipei-time.ts'
import { techniquesText } from './techniques.ts'
import { cleanLine, cutLine, joinIds } from './text.ts'

type Participant = Detection['participants'][number]

/** The 28 fields of a ticket, what was cut from them, and the attachment that holds the whole. */
export interface TicketRecord {
  fields: FieldValues
  attachment: Attachment | null
  /** Fields that were cut (XC-6). */
  cut: readonly FieldName[]
}

/**
 * Takes what a ticket is made from; gives its 28 fields (TW-R01 to TW-R28): cleaned, cut by code points with the whole in an
 * attachment, NULL where a mandatory one has no value, empty where an optional one has none (AMB-TW6).
 */
export function buildRecord(input: TicketInput, profile: Profile, issuedAt: number): TicketRecord {
  const whole = wholeValues(input, profile, issuedAt)
  const cut: FieldName[] = []
  const nullOptional = profile.readings.optionalEmpty === 'null'
  const fields = {} as Record<FieldName, string>
  for (const { name, maxCodePoints, mandatory } of FIELDS) {
    const clean = cleanLine(whole[name])
    const fitted = fit(name, clean, maxCodePoints, input.detection, profile.readings.lengthUnit)
    if (fitted.cut) cut.push(name)
    fields[name] = fitted.text === '' && (mandatory || nullOptional) ? NULL_TEXT : fitted.text
  }
  const attachment = attachmentOf(input, cut, whole, profile.name)
  fields.Attachment = attachment?.name ?? ''
  return { fields, attachment, cut }
}

function fit(
  name: FieldName,
  text: string,
  maxCodePoints: number | null,
  detection: Detection,
  unit: 'characters' | 'bytes',
): { text: string; cut: boolean } {
  if (maxCodePoints === null) return { text, cut: false }
  if (name === 'Correlated_Raw_Event_ID') {
    // The mark of a cut is three octets.
    return joinIds(detection.eventIds, detection.eventIds.length, unit === 'bytes' ? maxCodePoints - 2 : maxCodePoints)
  }
  return cutLine(text, maxCodePoints, unit)
}

function wholeValues(input: TicketInput, profile: Profile, issuedAt: number): Record<FieldName, string> {
  const { detection, constituent, source } = input
  const from = primary(detection, 'source') ?? primary(detection, 'c2')
  const to = primary(detection, 'target')
  const title = inLanguage(detection.titles, 'zh-Hant') || detection.ruleName
  const lastAt = profile.readings.endTime === 'issued' ? issuedAt : detection.lastEvent
  return {
    Organization: profile.organization,
    Event_ID: input.eventId,
    Customer_Name: officialName(constituent),
    Customer_ID: constituent.oid ?? '',
    Subject: title,
    Base_Event_ID: input.baseEventId ?? '',
    Event_Name: detection.ruleName,
    Start_Time: taipeiTime(detection.firstEvent, profile.timeDigits),
    // A single record begins and ends at once; an end before the start would be our fault and fails the check of TW-R09.
    End_Time: taipeiTime(Math.max(detection.firstEvent, lastAt), profile.timeDigits),
    Connector_Translated_Zone_Reference_ID: source === null ? '' : collectorText(source.sourceId, source.name),
    Source_Address: from?.ip ?? '',
    Target_Address: to?.ip ?? '',
    Source_Port: portText(from),
    Target_Port: portText(to),
    Source_Geo_Descriptor: geoText(from, profile.readings.geoForm),
    Target_Geo_Descriptor: geoText(to, profile.readings.geoForm),
    Event_Attacking_Technical: techniquesText(detection.techniques),
    Events_Description: describe(detection, title, from, to, profile),
    Event_Message: inLanguage(detection.recommendations, 'zh-Hant'),
    Event_Vulnerability: vulnerabilities(detection),
    Event_Severity: profile.severityCode(detection.severity),
    Device_Translated_Zone_Reference_ID: source?.deviceName ?? detection.deviceName ?? '',
    Triggered_Rule_Name: detection.triggeredRuleName ?? '',
    Correlated_Rule_Name: detection.ruleName,
    Correlated_Rule_ID: detection.ruleId,
    Correlated_Raw_Event_ID: detection.eventIds.join(';'),
    Aggregated_Count: String(Math.max(1, detection.eventCount)),
    Attachment: '',
  }
}

/** The participant of that role with most records (AMB-TW12); the others stand in the attachment. */
function primary(detection: Detection, role: string): (Participant & { ip: string }) | null {
  let best: (Participant & { ip: string }) | null = null
  for (const participant of detection.participants) {
    const ip = participant.role === role && participant.ip !== null ? canonicalIp(participant.ip) : null
    if (ip !== null && (best === null || participant.count > best.count)) best = { ...participant, ip }
  }
  return best
}

function collectorText(id: string, name: string): string {
  return name === '' || name === id ? id : `${id} ${name}`
}

function portText(participant: Participant | null): string {
  const port = participant?.port ?? -1
  return Number.isInteger(port) && port >= 0 && port <= 65_535 ? String(port) : ''
}

/** Longitude, latitude, no parentheses (AMB-TW7); nothing for addresses that have no place. */
function geoText(participant: (Participant & { ip: string }) | null, form: Readings['geoForm']): string {
  if (participant === null || isPrivateIp(participant.ip)) return ''
  const { lon, lat } = participant
  if (lon === null || lat === null) return ''
  if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) return ''
  const [x, y] = [lon.toFixed(4), lat.toFixed(4)]
  return form === 'lon,lat' ? `${x},${y}` : form === 'lat,lon' ? `${y},${x}` : `(${x},${y})`
}

function describe(
  detection: Detection,
  title: string,
  from: { ip: string } | null,
  to: { ip: string } | null,
  profile: Profile,
): string {
  const start = taipeiTime(detection.firstEvent, profile.timeDigits)
  const end = taipeiTime(Math.max(detection.firstEvent, detection.lastEvent), profile.timeDigits)
  const sides = [from === null ? '' : `來源 ${from.ip}`, to === null ? '' : `目標 ${to.ip}`].filter(
    (text) => text !== '',
  )
  const course = [`自 ${start} 至 ${end}`, ...sides, `共 ${Math.max(1, detection.eventCount)} 筆紀錄`].join('，')
  return [`${title}：${course}。`, detection.description ?? ''].join(' ').trim()
}

/** CVE numbers that the rule names by Sigma's tags (cve.2024-6387, cve.2024.6387). */
function vulnerabilities(detection: Detection): string {
  const found = detection.tags.flatMap((tag) => {
    const [, year, number] = /^cve[.-](\d{4})[.-](\d{4,7})$/i.exec(tag) ?? []
    return year === undefined ? [] : [`CVE-${year}-${number}`]
  })
  return [...new Set(found)].join('; ')
}
