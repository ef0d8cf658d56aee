import type { StoryFacts } from './facts.ts'
import type { StoryLine } from './line.ts'
import type { ExpectedDetection } from './story.ts'

/** One thing that was expected, and whether it is so. */
export interface Check {
  ok: boolean
  text: string
}

/** Lines sent, by what must become of them. */
export function fates(lines: readonly StoryLine[]): Record<StoryLine['fate'], number> {
  const sums = { normalized: 0, rejected: 0, refused: 0 }
  for (const { fate } of lines) sums[fate]++
  return sums
}

const same = (text: string, actual: number, expected: number): Check => ({
  ok: actual === expected,
  text: `${text}: ${actual}${actual === expected ? '' : `, expected ${expected}`}`,
})

/** Loss accounting: each hop's sums agree with what was sent and with the hop before. */
export function accountingChecks(facts: StoryFacts, lines: readonly StoryLine[]): Check[] {
  const { normalized, rejected, refused } = fates(lines)
  const ingest = facts.hop('syslog-ingest')
  const normalizer = facts.hop('normalizer')
  return [
    same('received at the door', ingest.received, lines.length),
    same('accepted', ingest.accepted, normalized + rejected),
    same('refused at the door', ingest.refused, refused),
    same('dropped', ingest.dropped, 0),
    same('normalized', normalizer.normalized, normalized),
    same('rejected to dead letters', normalizer.rejected, rejected),
    same('dead letters', facts.deadLetters.size, rejected),
    same('enriched', facts.hop('enrichment').accepted, normalized),
    same('seen by the rules', facts.hop('correlation-engine').received, normalized),
  ]
}

/** Every expected detection is there, and no other. */
export function detectionChecks(facts: StoryFacts, expected: readonly ExpectedDetection[]): Check[] {
  const key = ({ constituent, rule }: ExpectedDetection) => `${constituent}: ${rule}`
  const found = new Set(
    [...facts.detections.values()].map(({ constituent, ruleName }) => key({ constituent, rule: ruleName })),
  )
  const wanted = new Set(expected.map(key))
  return [
    ...[...wanted].map((text): Check => ({ ok: found.has(text), text: `detection ${text}` })),
    ...[...found]
      .filter((text) => !wanted.has(text))
      .map((text): Check => ({ ok: false, text: `unexpected detection ${text}` })),
  ]
}

/** Each case has its clocks, and each notice that is owed reached a mail server. */
export function caseChecks(facts: StoryFacts, expectedCases: ReadonlyMap<string, number>): Check[] {
  const cases = [...facts.cases.values()]
  const checks: Check[] = []
  for (const [constituent, count] of expectedCases) {
    checks.push(
      same(`cases of ${constituent}`, cases.filter((entry) => entry.constituent === constituent).length, count),
    )
  }
  const strange = cases.filter((entry) => !expectedCases.has(entry.constituent))
  if (strange.length > 0)
    checks.push({
      ok: false,
      text: `unexpected cases of ${[...new Set(strange.map((entry) => entry.constituent))].join(', ')}`,
    })
  const withoutClock = cases.filter((entry) => entry.clocks.length === 0)
  checks.push({
    ok: withoutClock.length === 0,
    text: `every case has legal clocks${withoutClock.length === 0 ? '' : `, but not ${withoutClock.map((entry) => entry.number).join(', ')}`}`,
  })
  const breached = cases.flatMap((entry) =>
    entry.clocks.filter((clock) => clock.state === 'breached').map((clock) => `${entry.number} ${clock.clockId}`),
  )
  checks.push({
    ok: breached.length === 0,
    text: breached.length === 0 ? 'no clock is breached' : `breached: ${breached.join(', ')}`,
  })
  const delivered = new Set(
    [...facts.deliveries.values()]
      .filter((delivery) => delivery.state === 'delivered')
      .map((delivery) => delivery.noticeId),
  )
  const missing = [...facts.notices.values()].filter((notice) => !delivered.has(notice.noticeId))
  checks.push({
    ok: missing.length === 0,
    text: `notices delivered: ${facts.notices.size - missing.length} of ${facts.notices.size}`,
  })
  return checks
}

/** The refused senders are reported, and nothing else is wrong with our own sight. */
export function alarmChecks(facts: StoryFacts, expected: ReadonlySet<string>): Check[] {
  const alarms = facts.healthEvents.filter((event) => event.state === 'raised' && event.level !== 'info')
  const codes = new Set(alarms.map((event) => event.code))
  const strange = alarms.filter((event) => !expected.has(event.code))
  return [
    ...[...expected].map((code): Check => ({ ok: codes.has(code), text: `operators are told: ${code}` })),
    {
      ok: strange.length === 0,
      text:
        strange.length === 0
          ? 'no other alarm'
          : `unexpected alarms: ${strange.map((event) => event.message).join('; ')}`,
    },
  ]
}
