import { createCodec, schemaOf } from '@tocsin/avro'
import type { Figure, StageBench } from '@tocsin/bench/figures'
import { sideBySide } from '@tocsin/bench/measure'
import type { EnrichedEvent } from '@tocsin/events'
import { detectLine, parseFlatEvent } from '@tocsin/sigma'
import { TaskStores } from '@tocsin/stage'
import { matchRules } from '../src/match-rules.ts'
import { haveCorpora, linesOf, publicRules } from './corpora.ts'
import { login, ourRules } from './our-rules.ts'

/** Design.md 8: 12 for the rules and 10 for reading. */
const BUDGET_MICROS = 22

/** Our rules on records: decode, view, rules, outputs, by the stage itself. */
async function onRecords(events: number, rounds: number): Promise<Figure> {
  const inForce = await ourRules()
  const codec = createCodec<EnrichedEvent>(schemaOf('enriched-event'), 1)
  const framed = Array.from({ length: events }, (_, n) => Buffer.from(codec.encode(login(n))))
  const stores = new TaskStores()
  const stage = matchRules({ rules: () => inForce, matchPartitions: 4, latenessMs: 60_000, slot: 0 }).create({
    partition: 0,
    store: (name) => stores.store(name),
  })
  let outputs = 0
  let decoded = 0
  const [value = 0, peerValue = 0] = await sideBySide(
    [
      async () => {
        for (const [offset, octets] of framed.entries()) {
          const record = {
            topic: 'enriched-events',
            partition: 0,
            offset,
            timestamp: 0,
            key: 's',
            framed: octets,
          } as const
          const outcome = await stage.process({ ...record, value: codec.decode(octets) }, 1_772_323_200_000)
          if (outcome.kind === 'emit') outputs += outcome.outputs.length
        }
        stage.endOfBatch?.(1_772_323_200_000)
      },
      () => {
        for (const octets of framed) decoded += codec.decode(octets).receivedAt
      },
    ],
    { events, rounds, warmUpRounds: 3 },
  )
  if (outputs === 0 || decoded === 0) throw new Error('No rule matched.')
  const what = `our ${inForce.rules.rules.length} rules on enriched logins, one in ten of which matches; no broker`
  return { stage: 'detect/records', value, budget: BUDGET_MICROS, peer: 'decoding alone', peerValue, what }
}

/** The public rules on flat events of attacks, as `tocsin detect` does. */
async function onLines(events: number, rounds: number): Promise<Figure> {
  const rules = publicRules()
  const all = linesOf('mordor/events.jsonl.gz')
  const step = Math.max(1, Math.floor(all.length / events))
  const lines = all.filter((_, index) => index % step === 0)
  let matched = 0
  let parsed = 0
  const [value = 0, peerValue = 0] = await sideBySide(
    [
      () => {
        for (const line of lines) {
          const event = parseFlatEvent(line)
          if ('view' in event && detectLine(rules, event) !== null) matched++
        }
      },
      () => {
        for (const line of lines) parsed += Object.keys(JSON.parse(line) as object).length
      },
    ],
    { events: lines.length, rounds, warmUpRounds: 1 },
  )
  if (matched === 0 || parsed === 0) throw new Error('No rule matched.')
  const octets = Math.round(lines.reduce((sum, { length }) => sum + length, 0) / lines.length)
  const what = `${rules.rules.length} public rules on ${lines.length} Windows events of attacks, ${octets} octets of JSON each`
  return { stage: 'detect', value, budget: null, peer: 'JSON.parse alone', peerValue, what }
}

/** Events against all rules. */
export const bench: StageBench = {
  async run({ quick }) {
    const records = await onRecords(quick ? 5_000 : 20_000, quick ? 5 : 15)
    if (!haveCorpora)
      return {
        figures: [{ ...records, stage: 'detect' }],
        skipped: ['public rules: ../shared/rules-corpora is not here'],
      }
    return { figures: [await onLines(quick ? 8_000 : 60_000, quick ? 3 : 5), records], skipped: [] }
  },
}
