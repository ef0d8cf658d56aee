// The life of cases against a small reference: which command is legal in which state, written down a second time in the
// plainest way, and played at random with fast-check. What the service answers must be what the reference says.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CommandResult, Incident } from '@tocsin/events'
import fc from 'fast-check'
import { verifyChain } from '../src/audit.ts'
import { ACTIONS, type Action } from '../src/permissions.ts'
import { verifyClocks } from '../src/verify-clocks.ts'
import { command, MINUTE, registry, T0, world } from './world.ts'

/** All that the reference knows of one case. */
interface Model {
  status: 'new' | 'unverified' | 'confirmed' | 'false-positive' | 'closed' | 'merged'
  kind: 'event' | 'incident'
  acknowledged: boolean
  asked: boolean
  causes: boolean
  consequences: boolean
  judged: boolean
  effects: boolean
  /** Visits without a result. */
  visits: number
  suppressed: boolean
  verified: boolean
}

const fresh = (kind: Model['kind']): Model => ({
  status: 'new',
  kind,
  acknowledged: false,
  asked: false,
  causes: false,
  consequences: false,
  judged: false,
  effects: false,
  visits: 0,
  suppressed: false,
  verified: false,
})

type Code = CommandResult['code']
const LEGAL = 'accepted'
const ILLEGAL = 'illegal-transition'

/** One command with arguments that are right in themselves. */
const ARGUMENTS: Readonly<Record<string, Record<string, string>>> = {
  promote: { effects: 'receipt', serial: 'single' },
  'ask-supplementary': { what: 'a capture' },
  'supplementary-collected': { text: 'captured', confidence: '60' },
  'mark-false-positive': { suppress: 'yes' },
  assign: { assignee: 'boris' },
  classify: { measuresPossible: 'no', measuresReason: 'no sensor there', effects: 'copying' },
  answer: { kind: 'measures', text: 'done' },
  'measure-taken': { text: 'blocked' },
  'causes-eliminated': { evidence: 'log' },
  'consequences-eliminated': { evidence: 'log' },
  dispatch: { decidedBy: 'sts', employee: 'D. Omarov' },
  'dispatch-result': { arrivedAt: '', result: 'imaged' },
  'hand-over': { to: 'dana', note: 'look at it' },
  share: { group: 'banks', confirm: 'yes' },
  close: {},
  reopen: { withdraw: 'causes' },
}

const has = (model: Model): boolean => ['closed', 'false-positive', 'merged'].includes(model.status)

/** What the reference answers, and what it becomes: the whole law of a case's life in one table. */
const REFERENCE: Readonly<Partial<Record<Action, (model: Model) => Code | Partial<Model>>>> = {
  promote: (m) => (has(m) || m.kind === 'incident' ? ILLEGAL : { kind: 'incident', effects: true }),
  verify: (m) => (has(m) || m.verified ? ILLEGAL : { status: 'confirmed', verified: true }),
  'ask-supplementary': (m) => (has(m) || m.verified || m.asked ? ILLEGAL : { asked: true }),
  'supplementary-collected': (m) => (has(m) || !m.asked ? ILLEGAL : { asked: false }),
  'mark-false-positive': (m) => (has(m) ? ILLEGAL : { status: 'false-positive', suppressed: true }),
  'lift-suppression': (m) => (m.suppressed ? { suppressed: false } : ILLEGAL),
  acknowledge: (m) =>
    has(m) || m.acknowledged ? ILLEGAL : { acknowledged: true, status: m.status === 'new' ? 'unverified' : m.status },
  assign: (m) => (has(m) ? ILLEGAL : LEGAL),
  classify: (m) => (has(m) ? ILLEGAL : { judged: true, effects: true }),
  answer: (m) => (m.status === 'merged' ? ILLEGAL : LEGAL),
  'measure-taken': (m) => (has(m) ? ILLEGAL : LEGAL),
  'causes-eliminated': (m) => (has(m) || m.kind === 'event' || m.causes ? ILLEGAL : { causes: true }),
  'consequences-eliminated': (m) => (has(m) || m.kind === 'event' || m.consequences ? ILLEGAL : { consequences: true }),
  dispatch: (m) => (has(m) ? ILLEGAL : { visits: m.visits + 1 }),
  'dispatch-result': (m) => (m.status === 'merged' ? ILLEGAL : m.visits > 0 ? { visits: m.visits - 1 } : 'invalid'),
  'hand-over': (m) => (has(m) ? ILLEGAL : LEGAL),
  close: (m) => (has(m) || (m.kind === 'incident' && (!m.judged || !m.effects)) ? ILLEGAL : { status: 'closed' }),
  reopen: (m) =>
    m.status === 'closed' || m.status === 'false-positive'
      ? { status: m.verified ? 'confirmed' : 'unverified', suppressed: false, causes: false }
      : ILLEGAL,
  share: (m) => (m.status === 'merged' || m.status === 'false-positive' ? ILLEGAL : LEGAL),
}

const played = Object.keys(REFERENCE) as Action[]

test('the reference knows every command but those that make, join and part cases, and measures', () => {
  const measures = ['propose', 'approve', 'refuse', 'revert'].map((word) => `${word}-response`)
  const others = ['create', 'merge', 'split', 'acknowledge-notice', ...measures, 'response-effect']
  assert.deepEqual([...played, ...others].toSorted(), [...ACTIONS].toSorted())
})

const plots = fc.array(
  fc.record({
    action: fc.constantFrom(...played),
    minutes: fc.integer({ min: 0, max: 400 }),
    stale: fc.boolean(),
    crash: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
)

test('whatever commands come in whatever order, each is answered as the reference says, and the case is what it says', async () => {
  await fc.assert(
    fc.asyncProperty(plots, fc.boolean(), async (plot, grave) => {
      const w = world()
      await w.detect(grave ? { level: 'critical', rsitClass: 'intrusions', rsitType: 'system-compromise' } : {})
      const { caseId } = w.latest()
      let model = fresh(grave ? 'incident' : 'event')
      let commandRevision = 0
      let now = T0
      for (const { action, minutes, stale, crash } of plot) {
        now += minutes * MINUTE
        if (crash) w.harness.crash()
        const fields = { ...ARGUMENTS[action] }
        if (action === 'dispatch-result') fields['arrivedAt'] = new Date(now).toISOString()
        const isStale = stale && commandRevision > 0
        const change = { caseId, reason: 'so', fields, expectedRevision: isStale ? commandRevision - 1 : null }
        const verdict = isStale ? 'stale-revision' : (REFERENCE[action]?.(model) ?? 'invalid')
        const answer = await w.command(action, now, change)
        const code = typeof verdict === 'string' ? verdict : LEGAL
        assert.equal(answer.code, code, `${action} in ${JSON.stringify(model)}: ${answer.reason}`)
        if (code === LEGAL) commandRevision = answer.revision
        if (typeof verdict !== 'string') model = { ...model, ...verdict }
        compare(w.latest(caseId), model)
      }
      assert.equal(verifyChain(w.harness.written('audit-entries')), null)
      assert.deepEqual(faultsOf(w, now), [])
    }),
    { numRuns: process.env['TOCSIN_TEST_DOSE'] === 'full' ? 1_000 : 60 },
  )
})

function compare(record: Incident, model: Model): void {
  assert.deepEqual(
    {
      status: record.status,
      kind: record.kind,
      acknowledged: record.acknowledgedAt !== null,
      causes: record.causesEliminatedAt !== null,
      consequences: record.consequencesEliminatedAt !== null,
      asked: record.verification === 'supplementary-asked',
      ended: record.closedAt !== null,
    },
    {
      status: model.status,
      kind: model.kind,
      acknowledged: model.acknowledged,
      causes: model.causes,
      consequences: model.consequences,
      asked: model.asked && model.status !== 'false-positive' && !model.verified,
      ended: model.status === 'closed',
    },
  )
}

function faultsOf(w: ReturnType<typeof world>, now: number): unknown[] {
  const { faults } = verifyClocks(
    {
      changes: w.harness.written('incident-changes'),
      clockEvents: w.harness.written('clock-events'),
      deliveries: w.harness.written('deliveries'),
      requests: [],
    },
    registry,
    now,
    24 * 60 * MINUTE,
  )
  return faults.filter(({ fault }) => fault !== 'missing')
}

/** Merges and splits at random among the cases of one body. */
const joins = fc.array(
  fc.record({ what: fc.constantFrom('detect', 'merge', 'split', 'promote', 'wait'), a: fc.nat(9), b: fc.nat(9) }),
  { minLength: 3, maxLength: 30 },
)

test('however cases are merged and split, each detection is in one case, and no running duty is lost or gains time', async () => {
  await fc.assert(
    fc.asyncProperty(joins, async (plot) => {
      const w = world()
      let now = T0
      const latest = (): Map<string, Incident> =>
        new Map(w.harness.written('incidents').map((record) => [record.caseId, record]))
      for (const [index, { what, a, b }] of plot.entries()) {
        now += MINUTE
        const open = [...latest().values()].filter(({ status }) => status !== 'merged')
        const [one, other] = [open[a % Math.max(1, open.length)], open[b % Math.max(1, open.length)]]
        const before = running(latest())
        if (what === 'detect') {
          const ip = `203.0.113.${a}`
          await w.detect({ detectionId: `d-${index}`, detectedAt: now, groupBy: { 'source.ip': ip }, eventCount: 1 })
        } else if (what === 'wait') await w.until(now)
        else if (one !== undefined && other !== undefined) {
          const fields = {
            merge: { into: other.caseId },
            split: { detections: one.detectionIds[b % one.detectionIds.length] ?? '' },
            promote: { effects: 'receipt', serial: 'single' },
          }[what]
          const value = command(what, now, { caseId: one.caseId, reason: 'so', fields })
          w.harness.now(now)
          await w.harness.give('incident-commands', value.constituent, value)
        }
        if (what === 'merge' || what === 'split') assertKept(before, running(latest()), what)
      }
      const living = [...latest().values()].filter(({ status }) => status !== 'merged')
      const ids = living.flatMap(({ detectionIds }) => detectionIds)
      const given = plot.filter(({ what }) => what === 'detect').length
      assert.equal(ids.length, given, 'every detection is somewhere')
      assert.equal(new Set(ids).size, given, 'and in one place')
      assert.equal(
        living.reduce((sum, { eventCount }) => sum + eventCount, 0),
        given,
      )
      assert.deepEqual(faultsOf(w, now), [])
    }),
    { numRuns: process.env['TOCSIN_TEST_DOSE'] === 'full' ? 1_000 : 60 },
  )
})

/** Duties that run, as `C1 due instant` of every case that is not merged. */
function running(cases: ReadonlyMap<string, Incident>): { duty: string; dueAt: number }[] {
  return [...cases.values()]
    .filter(({ status }) => status !== 'merged')
    .flatMap(({ clocks }) => clocks)
    .filter(({ state }) => state === 'running')
    .map(({ clockId, dueAt }) => ({ duty: clockId.split('/')[0] ?? '', dueAt }))
}

function assertKept(before: readonly { duty: string; dueAt: number }[], after: typeof before, what: string): void {
  for (const { duty, dueAt } of before) {
    const kept = after.some((one) => one.duty === duty && one.dueAt <= dueAt)
    assert.ok(kept, `${what} lost ${duty} due ${new Date(dueAt).toISOString()}`)
  }
}
