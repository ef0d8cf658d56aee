import type { Incident, Participant } from '@tocsin/events'
import fc from 'fast-check'

/** Texts as others write them: any Unicode, control characters, lone surrogates, signs that a format gives a meaning. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    ']]>',
    '=cmd|calc',
    '\u0000',
    '\r\n\t',
    '\uD800',
    '"',
    "'=1",
    'ữ ғ ү 聯 😀',
    '<b>&amp;',
    '\u202Eright',
    ' ',
  ),
)
const word = fc.stringMatching(/^[a-zA-Z0-9.-]{1,20}$/)
const instant = fc.integer({ min: 0, max: Date.UTC(2100, 0) })
const orNull = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.option(arbitrary, { nil: null })
const languages = fc.dictionary(fc.constantFrom('vi', 'kk', 'ru', 'zh-Hant', 'en'), text, {
  maxKeys: 3,
  noNullPrototype: true,
})

const participant: fc.Arbitrary<Participant> = fc.record({
  role: fc.constantFrom('source', 'target', 'relay', 'c2'),
  ip: orNull(fc.oneof(fc.ipV4(), fc.ipV6())),
  port: orNull(fc.integer({ min: 0, max: 65_535 })),
  protocol: orNull(fc.constantFrom('tcp', 'udp', 'icmp')),
  host: orNull(text),
  domain: orNull(fc.domain()),
  account: orNull(text),
  country: orNull(fc.constantFrom('VN', 'KZ', 'TW')),
  asn: orNull(fc.integer({ min: 1, max: 4_294_967_295 })),
  lon: orNull(fc.double({ min: -180, max: 180, noNaN: true })),
  lat: orNull(fc.double({ min: -90, max: 90, noNaN: true })),
  count: fc.integer({ min: 0, max: 1_000_000_000 }),
})

const fields = fc.record({
  caseId: fc.uuid(),
  revision: fc.nat(),
  constituent: word,
  kind: fc.constantFrom('event', 'incident', 'threat'),
  status: fc.constantFrom('new', 'unverified', 'confirmed', 'false-positive', 'closed', 'merged'),
  severity: fc.integer({ min: 0, max: 100 }),
  exercise: fc.boolean(),
  tlp: fc.constantFrom('AMBER', 'TLP:CLEAR', 'green', 'AMBER+STRICT', 'RED', 'purple'),
  restriction: fc.constantFrom('none', 'need-to-know', 'private'),
  pack: word,
  packVersion: word,
  verification: fc.constantFrom('unverified', 'confirmed', 'supplementary-asked'),
  confidence: orNull(fc.integer({ min: 0, max: 100 })),
  detectedAt: instant,
  createdAt: instant,
  modifiedAt: instant,
  occurredFirst: instant,
  occurredLast: instant,
  promotedAt: orNull(instant),
  verifiedAt: orNull(instant),
  acknowledgedAt: orNull(instant),
  noticeReceivedAt: orNull(instant),
  answeredAt: orNull(instant),
  causesEliminatedAt: orNull(instant),
  consequencesEliminatedAt: orNull(instant),
  closedAt: orNull(instant),
  groupKey: text,
  number: text,
  ruleId: text,
  ruleName: text,
  triggeredRuleName: orNull(text),
  deviceName: orNull(text),
  titles: languages,
  description: text,
  primaryAnalysis: orNull(text),
  conclusion: orNull(text),
  recommendations: languages,
  rsitClass: text,
  rsitType: text,
  nationalClass: orNull(text),
  nationalSeverity: orNull(text),
  techniques: fc.array(fc.constantFrom('T1110', 'T1059.001', 'T1566'), { maxLength: 3 }),
  effects: fc.array(text, { maxLength: 3 }),
  serial: orNull(fc.boolean()),
  vnKind: orNull(text),
  measuresPossible: orNull(fc.boolean()),
  measuresReason: orNull(text),
  assignee: orNull(text),
  detectionIds: fc.array(word, { maxLength: 2 }),
  detectionCount: fc.nat(),
  eventCount: fc.nat(),
  rawRefs: fc.constant([]),
  participants: fc.array(participant, { maxLength: 4 }),
  assetIds: fc.array(word, { maxLength: 2 }),
  systemIds: fc.array(word, { maxLength: 2 }),
  sourceIds: fc.array(word, { maxLength: 2 }),
  indicatorIds: fc.array(text, { maxLength: 2 }),
  related: fc.array(fc.constantFrom('continues:case-7', 'origin:vn-child/case-9'), { maxLength: 2 }),
  clocks: fc.constant([]),
  notices: fc.constant([]),
  history: fc.constant([]),
  reportedBy: orNull(text),
  responses: fc.constant([]),
  visits: fc.constant([]),
  shares: fc.constant([]),
})

/** Any case that the model can hold; of the fields that never leave, those that are listed above. */
export const incident = fields as unknown as fc.Arbitrary<Incident>

/** Some cases with ids of their own. */
export const incidents = fc.uniqueArray(incident, { minLength: 1, maxLength: 3, selector: ({ caseId }) => caseId })
