// `rules coverage` and `rules backtest` over real topics, beside what production said.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ecsMapping, viewOfRecord } from '@tocsin/sigma'
import { withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { detectionOfMatch } from '../src/detection.ts'
import { logSourceOf } from '../src/event-log-source.ts'
import { summaryOf } from '../src/event-summary.ts'
import { loadRules } from '../src/load-rules.ts'
import { enrichedWith } from './enriched-events.ts'
import { run } from './run-command.ts'

const prefix = `history-${process.pid}.`
const topics = ['enriched-events', 'detections', 'source-counts', 'health-events', 'dead-letters']
const folder = mkdtempSync(join(tmpdir(), 'tocsin-history-'))
const rulesFile = join(folder, 'rules.yml')
const START = Date.UTC(2026, 7, 10, 8)
let stack: Stack
let env: Record<string, string>

const text = (outcome: string): string =>
  `title: Failure\nname: failure\nlevel: low\nlogsource:\n  product: linux\ndetection:\n  s:\n    event.outcome: ${outcome}\n  condition: s\n---\ntitle: Of a mail\nlevel: low\nlogsource:\n  category: email\ndetection:\n  s:\n    email.subject: x\n  condition: s\n`

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  env = { ...stack.env, TOCSIN_TOPIC_PREFIX: prefix }
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: topics.map((name) => ({ topic: prefix + name, numPartitions: 2, replicationFactor: 1 })),
    }),
  )
  const { rules } = loadRules([{ file: 'x.yml', text: text('failure') }], {}, ecsMapping)
  const kafka = await openKafkaForCommand(env)
  const publisher = await kafka.publisher()
  for (let n = 0; n < 20; n++) {
    const event = enrichedWith({
      eventId: `e${n}`,
      occurredAt: START + n * 60_000,
      logProduct: 'linux',
      outcome: n % 2 === 0 ? 'failure' : 'success',
      sourceId: `s${n % 3}`,
    })
    await publisher.send({ topic: 'enriched-events', key: event.sourceId, value: event })
    for (const match of rules.match(viewOfRecord(event), logSourceOf(event))) {
      const value = detectionOfMatch(match, summaryOf(event), START, 'set@1')
      await publisher.send({ topic: 'detections', key: event.constituent, value })
    }
  }
  await kafka.close()
})
after(async () => {
  await withAdmin(stack.kafka, (admin) => admin.deleteTopics({ topics: topics.map((name) => prefix + name) }))
  await stack.stop()
  rmSync(folder, { recursive: true })
})

test('the rules of production say over the past what production said; others show their difference; a span bounds both', async () => {
  writeFileSync(rulesFile, text('failure'))
  const words = ['rules', 'backtest', '--rules', rulesFile]
  assert.match(
    (await run(words, [], env)).out.at(-1) ?? '',
    /^20 events: 10 detections as production said, 0 more \(\+\), 0 less/,
  )
  writeFileSync(rulesFile, text('success'))
  const other = await run(words, [], env)
  assert.match(other.out.at(-1) ?? '', /^20 events: 0 detections as production said, 10 more \(\+\), 10 less \(-\)$/)
  assert.match(other.out[0] ?? '', /^\+ 2026-08-10T08:01:00\.000Z body-a Failure e1$/)
  const span = await run([...words, '--from', '2026-08-10T08:05:00Z', '--to', '2026-08-10T08:09:00Z'], [], env)
  assert.match(span.out.at(-1) ?? '', /^4 events: 0 detections as production said, 2 more \(\+\), 2 less/)
})

test('the matrix says of each rule and body whether it can fire', async () => {
  writeFileSync(rulesFile, text('failure'))
  const span = ['--to', '2026-08-10T08:30:00Z']
  const { out } = await run(['rules', 'coverage', '--rules', rulesFile, ...span], [], env)
  assert.match(out[0] ?? '', /^body-a +can-fire +Failure: fired 10 times$/)
  assert.match(out[1] ?? '', /^body-a +blind +Of a mail: no source of this body sends such a log$/)
  assert.equal(out[2], '1 bodies: 1 fired, 0 never fired, 1 blind, 0 with a silent source')
  const later = await run(['rules', 'coverage', '--rules', rulesFile, '--state', 'source-silent'], [], env)
  assert.match(later.out[0] ?? '', /^body-a +source-silent +Failure/)
})
