import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ticket } from '@tocsin/events'
import fc from 'fast-check'
import { choose, isDone, type Queued, step, type UploadEvent, withholdingOf } from '../src/upload.ts'

const ticket = (changes: Partial<Ticket> = {}): Ticket =>
  ({
    ticketId: 't',
    number: 1,
    issuedAt: 0,
    state: 'queued',
    reason: null,
    attempts: 0,
    reply: null,
    ...changes,
  }) as Ticket
const queued = (changes: Partial<Ticket> = {}, retryAt = 0): Queued => ({ ticket: ticket(changes), retryAt })

const events: fc.Arbitrary<UploadEvent> = fc.oneof(
  fc.constantFrom<UploadEvent>(
    { kind: 'gate', withholding: null },
    { kind: 'gate', withholding: 'suspended' },
    { kind: 'gate', withholding: 'exercise' },
    { kind: 'chosen' },
    { kind: 'not-tried', retryAt: 5 },
    { kind: 'delivered', verified: true, reply: '226' },
    { kind: 'delivered', verified: false, reply: '226' },
    { kind: 'failed', reply: '550', retryAt: 5 },
    { kind: 'quarantined', reason: 'Customer_ID' },
    { kind: 'released', ticket: ticket() },
  ),
)

test('whatever happens, a ticket that left stays so, only one on the way can leave, and none is without a reason to stand still', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 40 }), (happened) => {
      let entry = queued()
      happened.forEach((event, index) => {
        const next = step(entry, event, index)
        if (isDone(entry.ticket.state)) assert.equal(next, entry)
        if (isDone(next.ticket.state) && next !== entry) assert.equal(entry.ticket.state, 'uploading')
        const stands = next.ticket.state === 'withheld' || next.ticket.state === 'quarantined'
        assert.equal(next.ticket.reason !== null, stands)
        assert.ok(next.ticket.attempts - entry.ticket.attempts <= 1)
        entry = next
      })
    }),
  )
})

test('whatever happened before, an open gate, time and a server that takes it bring every ticket out', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 40 }), (happened) => {
      let entry = happened.reduce((at, event) => step(at, event, 1), queued())
      for (const event of [
        { kind: 'released', ticket: ticket() },
        { kind: 'gate', withholding: null },
        { kind: 'chosen' },
        { kind: 'delivered', verified: true, reply: '226' },
      ] satisfies UploadEvent[]) {
        entry = step(entry, event, 1_000)
      }
      assert.ok(isDone(entry.ticket.state))
    }),
  )
})

test('the gate: exercises never reach production, a suspended profile holds everything, lists go first', () => {
  assert.equal(withholdingOf('production', true, true), 'exercise')
  assert.equal(withholdingOf('test', true, true), null)
  assert.equal(withholdingOf('production', false, false), 'lists-not-uploaded')
  assert.equal(withholdingOf('production', false, true), null)
  assert.equal(withholdingOf('suspended', false, true), 'suspended')
  assert.equal(withholdingOf('terminated', false, true), 'terminated')
})

test('after a pause the backlog goes out oldest first', () => {
  const waiting = [
    queued({ issuedAt: 3, number: 3 }),
    queued({ issuedAt: 1, number: 9 }),
    queued({ issuedAt: 1, number: 2 }),
    queued({ issuedAt: 0, number: 1 }, 99),
  ]
  assert.deepEqual(
    choose(waiting, 10, 2).map(({ ticket: { number } }) => number),
    [2, 9],
  )
})
