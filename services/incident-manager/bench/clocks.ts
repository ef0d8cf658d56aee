import { join } from 'node:path'
import type { Figure, StageBench } from '@tocsin/bench/figures'
import { measure } from '@tocsin/bench/measure'
import { type CaseFacts, clocksOf, happeningsOf, nextWakeOf, type Pack } from '@tocsin/obligations'
import { loadLaws } from '../src/adapters/packs.ts'

const PACKS = join(import.meta.dirname, '../../../regulations')
const MINUTE_MS = 60_000
const T0 = Date.UTC(2026, 10, 20, 17, 30)

/** An incident that was an event first, told of and answered: all of its clocks have run. */
function subject(number: number): CaseFacts {
  const at = (minutes: number): number => T0 + number + minutes * MINUTE_MS
  const told = (kind: string, role: string, minutes: number) => ({
    name: 'delivery',
    at: at(minutes),
    role,
    proof: 'delivered' as const,
    clocks: [`C1/${kind}`, `C2/${kind}`],
  })
  return {
    caseId: `case-${number}`,
    constituent: 'kz-ministry',
    kind: 'incident',
    attributes: { level: 'high', rsitClass: 'intrusions' },
    facts: [
      { name: 'detectedAt', at: at(0) },
      told('event', 'constituent', 4),
      told('event', 'nsc', 5),
      { name: 'promotedAt', at: at(20) },
      told('incident', 'constituent', 22),
      told('incident', 'nsc', 23),
      { name: 'measuresReceivedAt', at: at(600) },
      { name: 'causesEliminatedAt', at: at(700) },
    ],
  }
}

async function evaluation(pack: Pack, cases: number, rounds: number): Promise<Figure[]> {
  const subjects = Array.from({ length: cases }, (_, number) => subject(number))
  const now = T0 + 800 * MINUTE_MS
  const clocksOfCase = clocksOf(pack, subjects[0] as CaseFacts, now).length
  let seen = 0
  const micros = await measure(
    () => {
      for (const one of subjects) seen += clocksOf(pack, one, now).length
    },
    { events: cases * clocksOfCase, rounds, warmUpRounds: 2 },
  )
  const history = await measure(
    () => {
      for (const one of subjects) {
        const clocks = clocksOf(pack, one, now)
        for (const clock of clocks) seen += happeningsOf(one.caseId, clock, now).length
        seen += nextWakeOf(clocks, now) ?? 0
      }
    },
    { events: cases * clocksOfCase, rounds, warmUpRounds: 2 },
  )
  if (seen === 0) throw new Error('No clock ran.')
  const perSecond = Math.round(1_000_000 / micros)
  const what = `a clock of ${pack.id} evaluated from its case's facts: ${perSecond.toLocaleString('en')} a CPU second`
  const base = { budget: null, peer: null, peerValue: null }
  return [
    { stage: 'clocks', value: micros, ...base, what },
    {
      stage: 'clocks/happenings',
      value: history,
      ...base,
      what: 'the same with everything that it did, ids hashed, and the next wake-up',
    },
  ]
}

/** What a legal clock costs: pure, no broker. */
export const bench: StageBench = {
  async run({ quick }) {
    const { laws } = loadLaws(PACKS)
    const pack = laws.law('kz-order-199', { at: T0 })?.pack
    if (pack === undefined) return { figures: [], skipped: ['the pack kz-order-199 does not load'] }
    return { figures: await evaluation(pack, quick ? 500 : 5_000, quick ? 5 : 15), skipped: [] }
  },
}
