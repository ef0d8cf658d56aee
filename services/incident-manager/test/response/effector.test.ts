// The part that asks packet filters, with a filter in memory that can hang, fail, lie about time and be killed with us.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IncidentCommand, ResponseAction } from '@tocsin/events'
import { LANGUAGES } from '@tocsin/events'
import { harnessOf } from '@tocsin/stage/testing'
import fc from 'fast-check'
import { sshArguments } from '../../src/adapters/ssh-filter.ts'
import { blankRecord } from '../../src/blank-record.ts'
import { healthWords } from '../../src/health-words.ts'
import { approve, propose, recordOf, revert, type Step, settle } from '../../src/response/action.ts'
import { GIVE_UP_AFTER_MS, responseEffector } from '../../src/response/effector.ts'
import { type FilterAnswer, filterGate } from '../../src/response/filter-gate.ts'
import { T0 } from '../world.ts'
import { reach } from './filters.ts'

const incident = { ...blankRecord(), caseId: 'case-1', constituent: 'kz-ministry', exercise: false }
const proposal = {
  actionId: 'a'.repeat(32),
  kind: 'block-address' as const,
  target: '203.0.113.9',
  viaSourceId: 'kz-border',
  reason: 'it guesses passwords',
  requestedBy: 'anna',
}
const taken = (step: Step) => {
  assert.ok(typeof step !== 'string', JSON.stringify(step))
  return step
}
const proposed = propose(proposal, T0)
const approved = taken(approve(proposed, 'boris', T0, false))
const applied = taken(settle(approved, { revision: 2, outcome: 'applied', reply: '' }, T0))
const reverting = taken(revert(applied, 'anna', 'cleaned', T0, false))
const record = (action: typeof approved): ResponseAction => recordOf(action, incident, T0)

/** A filter as the script is one: what an id asks for holds once, whatever is repeated. */
function memoryFilter() {
  const inEffect = new Map<string, string>()
  const asked: string[] = []
  let answer: FilterAnswer | null = null
  return {
    inEffect,
    asked,
    answers: (next: FilterAnswer | null) => {
      answer = next
    },
    ask: async (_filter: unknown, words: readonly string[]): Promise<FilterAnswer> => {
      asked.push(words.join(' '))
      const [verb = '', id = '', address = ''] = words
      if (answer?.kind !== 'refused') {
        if (verb === 'revert') inEffect.delete(id)
        else inEffect.set(id, address)
      }
      return answer ?? { kind: 'done', reply: `${verb} done` }
    },
  }
}

function world() {
  const filter = memoryFilter()
  const harness = harnessOf(responseEffector(filterGate(reach, filter.ask)), T0)
  return {
    filter,
    harness,
    give: (action: ResponseAction) => harness.give('response-actions', action.actionId, action),
    /** Ticks, lets what was asked answer, ticks again. */
    async turn(nowMs: number): Promise<void> {
      await harness.tick(nowMs)
      await new Promise((resolve) => setImmediate(resolve))
      await harness.tick(nowMs)
    },
    told: (): IncidentCommand[] => harness.written('incident-commands'),
  }
}

test('XC-12 an approved action is asked of its filter and told to its case; proposals and exercises are not', async () => {
  const w = world()
  await w.give(record(proposed))
  await w.give({ ...record(approved), exercise: true })
  await w.turn(T0)
  assert.deepEqual(w.filter.asked, [])
  await w.give(record(approved))
  await w.turn(T0)
  assert.deepEqual(w.filter.asked, [`block-address ${proposal.actionId} 203.0.113.9`])
  assert.deepEqual(
    w
      .told()
      .map(({ action, caseId, actorRoles, fields }) => [
        action,
        caseId,
        actorRoles,
        fields['outcome'],
        fields['revision'],
      ]),
    [['response-effect', 'case-1', ['packet-filter'], 'applied', '2']],
  )
  await w.give(record(reverting))
  await w.turn(T0)
  assert.equal(w.filter.asked.at(-1), `revert ${proposal.actionId}`)
  assert.deepEqual(
    w.told().map(({ fields }) => fields['outcome']),
    ['applied', 'reverted'],
  )
})

test('a filter that cannot be reached is asked again with growing pauses, then people are told', async () => {
  const w = world()
  w.filter.answers({ kind: 'unreachable', reply: 'ssh: connect to host: timed out' })
  await w.give(record(approved))
  let nowMs = T0
  for (; nowMs < T0 + GIVE_UP_AFTER_MS; nowMs += 1_000) await w.turn(nowMs)
  assert.ok(w.filter.asked.length > 10 && w.filter.asked.length < 40, String(w.filter.asked.length))
  assert.deepEqual(w.told(), [])
  await w.turn(nowMs + 30_000)
  assert.deepEqual(
    w.told().map(({ fields }) => fields['outcome']),
    ['failed'],
  )
  const [alarm] = w.harness.written('health-events')
  assert.ok(alarm)
  assert.deepEqual([alarm.code, alarm.level, alarm.constituent], ['response_failed', 'critical', 'kz-ministry'])
  for (const language of LANGUAGES) {
    const words = healthWords(alarm, language) ?? ''
    assert.match(
      words,
      /block-address 203\.0\.113\.9[\s\S]*kz-border|kz-border[\s\S]*block-address 203\.0\.113\.9/,
      language,
    )
    assert.match(words, /timed out/, language)
  }
})

test('SEC-S12 a record that names a protected address, a strange word or another body’s filter reaches no filter', async () => {
  for (const change of [
    { target: '127.0.0.1' },
    { target: '198.51.100.3' },
    { target: '203.0.113.9; reboot' },
    { target: '2001:DB8::1' },
    { kind: 'list' },
    { actionId: '../../etc/passwd' },
    { viaSourceId: 'vn-north' },
    { constituent: 'nobody' },
  ]) {
    const w = world()
    await w.give({ ...record(approved), ...change })
    await w.turn(T0)
    assert.deepEqual(w.filter.asked, [], JSON.stringify(change))
    assert.deepEqual(
      w.told().map(({ fields }) => fields['outcome']),
      ['failed'],
      JSON.stringify(change),
    )
  }
})

test('XC-12 killed at any moment: one effect for each action and one command for each state that was asked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('tick', 'answer', 'crash', 'repeat', 'undo', 'lost', 'found'), { maxLength: 40 }),
      async (steps) => {
        const w = world()
        let wanted = record(approved)
        let nowMs = T0
        await w.give(wanted)
        for (const step of steps) {
          nowMs += 31_000 / 40
          if (step === 'tick') await w.harness.tick(nowMs)
          if (step === 'answer') await new Promise((resolve) => setImmediate(resolve))
          if (step === 'crash') w.harness.crash()
          if (step === 'lost') w.filter.answers({ kind: 'unreachable', reply: 'the answer was lost' })
          if (step === 'found') w.filter.answers(null)
          if (step === 'undo' && w.told().some(({ fields }) => fields['revision'] === '2')) wanted = record(reverting)
          if (step === 'repeat' || step === 'undo') await w.give(wanted)
        }
        w.filter.answers(null)
        for (const again of [1, 2, 3]) await w.turn(nowMs + again * 31_000)
        const ids = w.told().map(({ commandId }) => commandId)
        // A state that was given again after its answer is answered again under the same id: the case takes it once.
        assert.equal(new Set(ids).size, new Set(w.told().map(({ fields }) => fields['revision'])).size)
        assert.deepEqual([...w.filter.inEffect.values()], wanted.state === 'approved' ? ['203.0.113.9'] : [])
      },
    ),
    { numRuns: 300 },
  )
})

test('SEC-S12 nothing that decides where SSH goes is read from elsewhere, and no word can be an option', () => {
  const filter = reach.filterOf('kz-ministry', null)
  assert.ok(!('why' in filter))
  const words = sshArguments(filter)
  assert.deepEqual(words.slice(0, 3), ['-F', 'none', '-T'])
  assert.deepEqual(words.slice(-4), ['-l', 'tocsin', '--', '192.0.2.1'])
  for (const option of [
    'StrictHostKeyChecking=yes',
    'UserKnownHostsFile=/etc/tocsin/known_hosts',
    'GlobalKnownHostsFile=/dev/null',
    'IdentitiesOnly=yes',
    'BatchMode=yes',
    'ClearAllForwardings=yes',
  ])
    assert.ok(words.includes(option), option)
})
