// Detections as the correlation engine writes them, with titles and recommendations of the shipped rules.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Detection, eventIdFrom, idFrom } from '@tocsin/events'
import { parseAllDocuments } from 'yaml'

interface Rule {
  id: string
  title: string
  level: string
  tags?: string[]
  custom?: {
    rsit: { class: string; type: string }
    titles: Record<string, string>
    recommendation: Record<string, string>
  }
}

const SEVERITY: Readonly<Record<string, number>> = { informational: 10, low: 30, medium: 50, high: 75, critical: 95 }
const rulesFolder = join(import.meta.dirname, '../../../rules')

function ruleOf(file: string, title: string): Rule {
  const documents = parseAllDocuments(readFileSync(join(rulesFolder, file), 'utf8'))
  const rule = documents.map((document) => document.toJS() as Rule).find((one) => one.title === title)
  if (rule === undefined) throw new Error(`no rule "${title}" in ${file}`)
  return rule
}

type Participant = Detection['participants'][number]

export function side(role: string, ip: string, count: number, more: Partial<Participant> = {}): Participant {
  const unknown = { port: null, protocol: null, host: null, domain: null, account: null }
  return { role, ip, ...unknown, country: null, asn: null, lon: null, lat: null, count, ...more }
}

export interface DetectionOf {
  constituent: string
  /** File below rules/ and title of the rule. */
  rule: readonly [file: string, title: string]
  at: number
  source: string
  lines: readonly string[]
  participants?: Participant[]
  change?: Partial<Detection>
}

export function detectionOf({ constituent, rule, at, source, lines, participants, change }: DetectionOf): Detection {
  const { id, title, level, tags = [], custom } = ruleOf(...rule)
  const eventIds = lines.map((_, index) => eventIdFrom(`${constituent} ${source}`, index, at + index))
  return {
    detectionId: idFrom(constituent, id, source, at),
    detectedAt: at,
    constituent,
    severity: SEVERITY[level] ?? 50,
    ruleId: id,
    revision: 0,
    exercise: false,
    tlp: 'amber',
    kind: 'correlation',
    method: 'direct',
    phase: 'open',
    ruleName: title,
    ruleVersion: '2026-08-10',
    ruleSetVersion: 'test@1',
    level,
    tags,
    techniques: tags.filter((tag) => /^attack\.t\d/.test(tag)).map((tag) => tag.slice(7).toUpperCase()),
    rsitClass: custom?.rsit.class ?? 'other',
    rsitType: custom?.rsit.type ?? 'undetermined',
    titles: custom?.titles ?? { en: title },
    recommendations: custom?.recommendation ?? {},
    groupKey: source,
    groupBy: { 'source.ip': source },
    anchorEventId: eventIds[0] ?? 'event',
    firstEvent: at - 95_000,
    lastEvent: at - 2_000,
    value: lines.length,
    threshold: 1,
    eventCount: lines.length,
    eventIds,
    rawRefs: lines.map((original, index) => ({
      eventId: eventIds[index] ?? '',
      blockId: 'block-1',
      frameIndex: index,
      original,
    })),
    participants: participants ?? [side('source', source, lines.length, { country: 'NL', asn: 64_500 })],
    assetIds: [],
    systemIds: [],
    sourceIds: [`${constituent}-source`],
    deviceName: null,
    triggeredRuleName: null,
    indicatorIds: [],
    indicatorHits: [],
    approximate: false,
    supersededBy: null,
    description: null,
    ...change,
  }
}
