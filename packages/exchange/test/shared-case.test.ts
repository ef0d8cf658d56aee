import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  FORMATS,
  PARTICIPANT_FIELDS,
  readSharedCase,
  SHARED_FIELDS,
  secrecyMarksIn,
  sharedCaseOf,
} from '../src/index.ts'
import { incident } from './arbitrary-case.ts'

const [example] = fc.sample(incident, { numRuns: 1, seed: 3 })

test('SEC-S19 of a case with a secret in every field only the listed ones leave, in no format any other, and a field that is new stays', () => {
  assert.ok(example !== undefined)
  let planted = 0
  const canary = (name: string, listed: boolean) => (listed ? `listed-${name}` : `canary-${name}-${planted++}`)
  const participant = Object.fromEntries(
    Object.keys(example.participants[0] ?? { role: '', account: null, host: null }).map((name) => [
      name,
      (PARTICIPANT_FIELDS as readonly string[]).includes(name) ? null : canary(name, false),
    ]),
  )
  const full = {
    ...Object.fromEntries(
      Object.entries(example).map(([name, value]) => {
        const listed = (SHARED_FIELDS as readonly string[]).includes(name)
        if (listed) return [name, typeof value === 'string' ? canary(name, true) : value]
        return [name, Array.isArray(value) ? [{ at: 1, text: canary(name, false) }] : canary(name, false)]
      }),
    ),
    participants: [
      { ...participant, role: 'source', account: canary('account', false), host: canary('host', false), count: 1 },
    ],
    fieldOfTomorrow: canary('tomorrow', false),
  } as unknown as typeof example
  const shared = sharedCaseOf({ ...full, related: [], tlp: 'amber' }, 'vn-mic')
  assert.ok(planted > 15, `${planted} planted`)
  assert.doesNotMatch(JSON.stringify(shared), /canary/)
  for (const format of Object.values(FORMATS)) {
    const text = format.write([shared], { deployment: 'vn-mic', at: 0 })
    assert.doesNotMatch(text, /canary/, format.name)
    assert.match(text, /listed-description/, format.name)
  }
})

test('SEC-S19 the list of one export narrows what leaves, and can add nothing to it', () => {
  assert.ok(example !== undefined)
  const told = { ...example, description: 'told', conclusion: 'kept', assignee: 'kept', ruleName: 'kept' }
  const shared = sharedCaseOf(told, 'vn-mic', ['description', 'assignee' as 'description'])
  assert.equal(shared.description, 'told')
  assert.deepEqual([shared.conclusion, shared.ruleName, shared.participants, shared.titles], [null, '', [], {}])
  assert.doesNotMatch(JSON.stringify(shared), /kept/)
  assert.equal(shared.exercise, example.exercise)
})

test('SEC-S19 a mark of state secrecy in any text is found, in the words of each country', () => {
  assert.ok(example !== undefined)
  const plain = {
    ...sharedCaseOf(example, 'vn-mic'),
    description: 'Password guessing, the secretary was told',
    titles: {},
  }
  const clean = { ...plain, conclusion: null, primaryAnalysis: null, recommendations: {} }
  assert.deepEqual(secrecyMarksIn(clean), [])
  for (const words of [
    'TUYỆT MẬT',
    'Tối mật'.normalize('NFD'),
    'Совершенно секретно',
    'для служебного  пользования',
    'Аса құпия',
    '極機密',
    '公務機密',
    'TOP SECRET',
  ]) {
    assert.deepEqual(secrecyMarksIn({ ...clean, description: `x ${words} y` }), ['description'], words)
    assert.deepEqual(secrecyMarksIn({ ...clean, recommendations: { vi: words } }), ['recommendations'], words)
  }
})

test('a case that came from elsewhere keeps its origin, one of ours gets it', () => {
  assert.ok(example !== undefined)
  assert.equal(sharedCaseOf({ ...example, caseId: 'c', related: [] }, 'vn-mic').origin, 'vn-mic/c')
  const received = sharedCaseOf({ ...example, related: ['continues:x', 'origin:vn-child/c7'] }, 'vn-mic')
  assert.equal(received.origin, 'vn-child/c7')
})

test('what others send is a case whole or none', () => {
  assert.ok(example !== undefined)
  const good = sharedCaseOf(example, 'vn-mic')
  assert.deepEqual(readSharedCase({ ...good, another: 1 }), good)
  for (const wrong of [
    null,
    'text',
    {},
    { ...good, severity: '5' },
    { ...good, detectedAt: 1.5 },
    { ...good, detectedAt: Number.MAX_SAFE_INTEGER },
    { ...good, description: 'x'.repeat(20_001) },
    { ...good, techniques: 'T1110' },
    { ...good, techniques: Array.from({ length: 1_001 }, () => 'T') },
    { ...good, participants: [null] },
    { ...good, titles: ['x'] },
    { ...good, origin: '' },
  ])
    assert.throws(() => readSharedCase(wrong), RangeError)
  fc.assert(
    fc.property(fc.anything(), (value) => {
      try {
        readSharedCase(value)
      } catch (error) {
        assert.ok(error instanceof RangeError)
      }
    }),
    { numRuns: 300 },
  )
})
