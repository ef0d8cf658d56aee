import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Detection, IncidentChange } from '@tocsin/events'
import { harnessOf } from '@tocsin/stage/testing'
import { createExporter } from '../src/exporter.ts'
import { CASE_WAIT_MS, UNKNOWN_BODY_WAIT_MS } from '../src/ticket-desk.ts'
import type { SendResult, Transport, UploadJob } from '../src/transport.ts'
import {
  change,
  constituent,
  contracts,
  defaultLists,
  detection,
  incident,
  NOW,
  profile,
  source,
  validator,
} from './fixtures.ts'

const schema = validator()

/** Takes the lists and never answers anything else: what is on the way stays there. */
class SilentTransport implements Transport {
  readonly address = 'ftps://nowhere'
  readonly jobs: UploadJob[] = []
  send(job: UploadJob): Promise<SendResult> {
    this.jobs.push(job)
    if (job.id.startsWith('lists')) {
      return Promise.resolve({ kind: 'delivered', verified: true, reply: '226', startedAt: NOW, at: NOW })
    }
    return new Promise(() => undefined)
  }
}

const bodies = () =>
  new Map([
    ['tw-ey', constituent()],
    ['kz-1', constituent({ constituentId: 'kz-1', country: 'KZ' })],
  ])

function exporter(constituents = bodies()) {
  const transport = new SilentTransport()
  const harness = harnessOf(
    createExporter({
      profile,
      profileState: () => 'production',
      validator: schema,
      constituents,
      sources: new Map([['C017', source()]]),
      lists: defaultLists,
      contracts: contracts(),
      deployment: 'tw-centre',
      transport,
    }),
    NOW,
  )
  const giveDetection = (changes: Partial<Detection> = {}, partition = 0) => {
    const value = detection(changes)
    return harness.give('detections', value.constituent, value, partition)
  }
  return {
    giveDetection,
    giveChange: (value: IncidentChange) => harness.give('incident-changes', value.constituent, value),
    tick: (nowMs: number) => harness.tick(nowMs),
    crash: () => harness.crash(),
    latest: () => new Map(harness.written('tickets').map((ticket) => [ticket.ticketId, ticket])),
    transport,
    constituents,
  }
}

test('the first revision that the pack calls a ticket gives one ticket; later revisions, repeats and replays give none', async () => {
  const { giveDetection, giveChange, latest } = exporter()
  assert.deepEqual(await giveDetection({ level: 'low' }), { kind: 'drop', reason: 'below_ticket_predicate' })
  await giveDetection({ revision: 1 })
  await giveChange(change(incident()))
  assert.equal(latest().size, 1)
  assert.deepEqual(await giveDetection({ revision: 2, level: 'high' }), { kind: 'drop', reason: 'ticket_already_cut' })
  await giveChange(change(incident({ revision: 2 })))
  assert.equal(latest().size, 1)
})

test('a later detection of the same case is a new ticket that names the first, whichever topic came first', async () => {
  const { giveDetection, giveChange, latest } = exporter()
  await giveDetection({ detectionId: 'd-1' })
  await giveChange(change(incident({ detectionIds: ['d-1'] })))
  await giveChange(change(incident({ revision: 2, detectionIds: ['d-1', 'd-2'] })))
  await giveDetection({ detectionId: 'd-2' })
  const [first, second] = [...latest().values()]
  assert.equal(first?.baseTicketId, null)
  assert.equal(second?.baseTicketId, first?.ticketId)
  assert.equal(second?.fields['Base_Event_ID'], first?.ticketId)
  assert.equal(second?.caseId, 'case-1')
})

test('a ticket does not wait for ever for its case: without incident-manager it is cut alone', async () => {
  const { giveDetection, tick, latest } = exporter()
  await giveDetection()
  await tick(NOW + CASE_WAIT_MS - 1)
  assert.equal(latest().size, 0)
  await tick(NOW + CASE_WAIT_MS)
  assert.equal(latest().size, 1)
})

test('detections of other countries give no ticket, and those of a body that nobody knows yet wait for the registry', async () => {
  const { giveDetection, tick, latest, constituents } = exporter()
  assert.deepEqual(await giveDetection({ detectionId: 'k', constituent: 'kz-1' }), {
    kind: 'drop',
    reason: 'other_country',
  })
  await giveDetection({ detectionId: 'n', constituent: 'tw-new' })
  await giveDetection({ detectionId: 'x', constituent: 'nobody' })
  await tick(NOW + CASE_WAIT_MS)
  assert.equal(latest().size, 0)
  constituents.set('tw-new', constituent({ constituentId: 'tw-new' }))
  await tick(NOW + CASE_WAIT_MS + 1)
  assert.deepEqual(
    [...latest().values()].map(({ constituent: id }) => id),
    ['tw-new'],
  )
  await tick(NOW + UNKNOWN_BODY_WAIT_MS + 1)
  assert.equal(latest().size, 1)
})

test('numbers are unique over partitions, crashes and days, and a re-send keeps its number', async () => {
  const { giveDetection, tick, latest, crash } = exporter()
  for (let round = 0; round < 4; round++) {
    for (let partition = 0; partition < 4; partition++) {
      await giveDetection({ detectionId: `d-${round}-${partition}` }, partition)
    }
    await tick(NOW + (round + 1) * CASE_WAIT_MS * 2 + (round > 1 ? 86_400_000 : 0))
    if (round % 2 === 0) crash()
  }
  const cutFor = new Map([...latest().values()].map(({ detectionId, ticketId }) => [detectionId, ticketId]))
  assert.equal(cutFor.size, 16)
  assert.equal(new Set(cutFor.values()).size, 16)
})

test('a ticket leaves only in a tick after the one that wrote it as uploading, which is after the one that gave its number', async () => {
  const { giveDetection, giveChange, tick, transport } = exporter()
  await giveDetection()
  await tick(NOW)
  await tick(NOW + 250)
  await giveChange(change(incident()))
  const sent = () => transport.jobs.filter(({ id }) => id.startsWith('EXSOC')).length
  assert.equal(sent(), 0)
  const chosen = await tick(NOW + 500)
  assert.deepEqual(
    chosen.map(({ value }) => (value as { state?: string }).state),
    ['uploading'],
  )
  assert.equal(sent(), 0)
  await tick(NOW + 750)
  assert.equal(sent(), 1)
  await tick(NOW + 1_000)
  assert.equal(sent(), 1)
})

test('a snapshot that is no case is rejected and stops nothing', async () => {
  const { giveChange } = exporter()
  for (const snapshot of ['', '{', '[]', 'null', '{"caseId":1}']) {
    const outcome = await giveChange({ ...change(incident()), snapshot })
    assert.equal(outcome.kind === 'reject' && outcome.code, 'bad_snapshot', snapshot)
  }
})
