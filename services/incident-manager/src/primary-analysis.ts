import type { Incident, Participant } from '@tocsin/events'

const NAMED = 5

/**
 * The automatic first analysis of a case (KZ-10.3f): what was seen, who took part, what it touches, what is known of it.
 * It says only what the records say; an officer's own text takes its place.
 */
export function automaticAnalysis(record: Incident, level: string): string {
  const parts = [
    `Automatic first analysis. Rule "${record.ruleName}" reported ${record.eventCount} records in ${record.detectionCount} detections`,
    ` between ${iso(record.occurredFirst)} and ${iso(record.occurredLast)}, level ${level}, severity ${record.severity} of 100.`,
  ]
  const say = (label: string, values: readonly string[]): void => {
    if (values.length === 0) return
    const more = values.length > NAMED ? ` and ${values.length - NAMED} more` : ''
    parts.push(` ${label}: ${values.slice(0, NAMED).join(', ')}${more}.`)
  }
  say('Techniques', record.techniques)
  say('From', record.participants.filter((side) => side.role === 'source').map(sideText))
  say('Against', record.participants.filter((side) => side.role === 'target').map(sideText))
  say(
    'Relays and control hosts',
    record.participants.filter((side) => ['relay', 'c2'].includes(side.role)).map(sideText),
  )
  say('Systems', record.systemIds)
  say('Registered assets', record.assetIds)
  say('Listed indicators', record.indicatorIds)
  if (record.deviceName !== null) parts.push(` Reported by ${record.deviceName}.`)
  return parts.join('').slice(0, 4000)
}

const iso = (at: number): string => new Date(at).toISOString()

function sideText(side: Participant): string {
  const name = side.ip ?? side.host ?? side.domain ?? side.account ?? 'unknown'
  const known = [
    side.host !== null && side.host !== name ? side.host : null,
    side.country,
    side.asn === null ? null : `AS${side.asn}`,
  ].filter((word) => word !== null)
  return `${name}${side.port === null ? '' : ` port ${side.port}`}${known.length === 0 ? '' : ` (${known.join(', ')})`}`
}
