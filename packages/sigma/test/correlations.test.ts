import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baseRules, correlationText, fold, type Happening, heldAt, run } from './correlation-run.ts'
import { load, refusals } from './rule-text.ts'

const many = (count: number, kind: string, everySeconds = 1, fields: object = {}): Happening[] =>
  Array.from({ length: count }, (_, index) => ({ at: index * everySeconds, kind, ...fields }))
const count = (condition: string, extra = ''): string =>
  correlationText(
    `    type: event_count\n    rules: [a, b]\n    timespan: 10s\n${extra}    condition:\n        ${condition}`,
  )

test('SIG-C1 event_count counts events in the window, both ends included', () => {
  assert.deepEqual(
    heldAt(
      run(count('gte: 3'), [
        { at: 0, kind: 'a' },
        { at: 5, kind: 'a' },
        { at: 10, kind: 'a' },
      ]),
    ),
    [10],
  )
  assert.deepEqual(
    heldAt(
      run(count('gte: 3'), [
        { at: 0, kind: 'a' },
        { at: 5, kind: 'a' },
        { at: 10.001, kind: 'a' },
      ]),
    ),
    [],
  )
})

test('SIG-C1 an event that matches several referenced rules counts once, and so does a repeated one', () => {
  assert.deepEqual(heldAt(run(count('gte: 2'), [{ at: 0, kind: 'ab' }])), [])
  assert.deepEqual(
    heldAt(
      run(count('gte: 2'), [
        { at: 0, kind: 'a', id: 'x' },
        { at: 0, kind: 'a', id: 'x' },
      ]),
    ),
    [],
  )
})

test('SIG-C2 value_count counts distinct values, tuples for several fields, and skips events without them', () => {
  const text = (field: string): string =>
    correlationText(
      `    type: value_count\n    rules: a\n    timespan: 1m\n    condition:\n        field: ${field}\n        gte: 3`,
    )
  const ports = [22, 22, 80, 443].map((port, at) => ({ at, kind: 'a', port, host: at % 2 }))
  assert.deepEqual(heldAt(run(text('port'), ports)), [3])
  assert.deepEqual(heldAt(run(text('[port, host]'), ports)), [2, 3])
  assert.deepEqual(
    heldAt(
      run(
        text('port'),
        ports.map(({ at, kind }) => ({ at, kind })),
      ),
    ),
    [],
  )
  assert.deepEqual(
    heldAt(
      run(
        text('port'),
        [80, 443, 80, 22].map((port, at) => ({ at: at * 40, kind: 'a', port })),
      ),
    ),
    [],
  )
})

test('SIG-C3 value_sum and value_avg take numbers and numeric texts and skip the rest', () => {
  const text = (type: string, limit: string): string =>
    correlationText(
      `    type: ${type}\n    rules: a\n    timespan: 1m\n    condition:\n        field: n\n        ${limit}`,
    )
  const numbers: Happening[] = [4, '6.5', 'many', true, 10].map((n, at) => ({ at, kind: 'a', n }))
  assert.deepEqual(heldAt(run(text('value_sum', 'gte: 20.5'), numbers)), [4])
  assert.deepEqual(heldAt(run(text('value_avg', 'gt: 5.2'), numbers)), [1, 2, 3, 4])
})

test('SIG-C4 percentiles and medians interpolate, and a percentile without its number is refused', () => {
  const text = (type: string, rest: string): string =>
    correlationText(`    type: ${type}\n    rules: a\n    timespan: 1m\n    condition:\n        field: n\n${rest}`)
  const numbers = [10, 20, 30, 40].map((n, at) => ({ at, kind: 'a', n }))
  assert.equal(run(text('value_median', '        gte: 25'), numbers).positions.at(-1)?.value, 25)
  assert.equal(
    run(text('value_percentile', '        percentile: 90\n        gte: 37'), numbers).positions.at(-1)?.value,
    37,
  )
  assert.deepEqual(refusals(baseRules + text('value_percentile', '        gte: 37')), ['rule_bad_correlation'])
})

test('SIG-C5 temporal needs all rules by default, or as many distinct ones as the condition says', () => {
  const text = (condition = ''): string =>
    correlationText(`    type: temporal\n    rules: [a, b, c]\n    timespan: 10s\n${condition}`)
  const events = [
    { at: 0, kind: 'b' },
    { at: 1, kind: 'b' },
    { at: 2, kind: 'a' },
    { at: 10, kind: 'c' },
    { at: 11.5, kind: 'a' },
  ]
  assert.deepEqual(heldAt(run(text(), events)), [10])
  assert.deepEqual(heldAt(run(text('    condition:\n        gte: 2'), events)), [2, 10, 11.5])
  assert.deepEqual(heldAt(run(text(), [{ at: 0, kind: 'abc' }])), [0])
})

test('SIG-C6 temporal_ordered follows event time, with ties, and one event may serve two steps', () => {
  const text = correlationText('    type: temporal_ordered\n    rules: [a, b]\n    timespan: 10s')
  assert.deepEqual(
    heldAt(
      run(text, [
        { at: 0, kind: 'a' },
        { at: 10, kind: 'b' },
      ]),
    ),
    [10],
  )
  assert.deepEqual(
    heldAt(
      run(text, [
        { at: 0, kind: 'b' },
        { at: 5, kind: 'a' },
      ]),
    ),
    [],
  )
  assert.deepEqual(
    heldAt(
      run(text, [
        { at: 5, kind: 'b' },
        { at: 5, kind: 'a' },
      ]),
    ),
    [5],
  )
  assert.deepEqual(heldAt(run(text, [{ at: 3, kind: 'ab' }])), [3])
  assert.deepEqual(
    heldAt(
      run(text, [
        { at: 0, kind: 'a' },
        { at: 11, kind: 'b' },
      ]),
    ),
    [],
  )
  assert.deepEqual(
    heldAt(
      run(
        text,
        [
          { at: 4, kind: 'b' },
          { at: 2, kind: 'a' },
        ],
        { latenessSeconds: 60 },
      ),
    ),
    [4],
  )
})

test('SIG-C8 all six comparisons and ranges hold', () => {
  const events = many(4, 'a')
  const at = (condition: string): number[] => heldAt(run(count(condition), events))
  assert.deepEqual(at('gt: 2'), [2, 3])
  assert.deepEqual(at('lt: 3'), [0, 1])
  assert.deepEqual(at('lte: 1'), [0])
  assert.deepEqual(at('eq: 2'), [1])
  assert.deepEqual(at('neq: 2'), [0, 2, 3])
  assert.deepEqual(at('gt: 1\n        lte: 3'), [1, 2])
})

test('SIG-C8 a condition that more events can make false waits for the watermark', () => {
  const { rules } = load(baseRules + count('eq: 1'))
  assert.equal(rules.correlations[0]?.immediate, false)
  const disordered = [
    { at: 5, kind: 'a' },
    { at: 2, kind: 'a' },
  ]
  assert.deepEqual(heldAt(run(count('eq: 1'), disordered, { latenessSeconds: 60 })), [2])
})

test('SIG-C9 groups are apart, an event without a group-by field is not counted, and constituents never share', () => {
  const grouped = count('gte: 2', '    group-by: [ip, user]\n')
  assert.deepEqual(
    heldAt(
      run(grouped, [
        { at: 0, kind: 'a', ip: 'x', user: 'u' },
        { at: 1, kind: 'a', ip: 'x', user: 'v' },
      ]),
    ),
    [],
  )
  assert.deepEqual(
    heldAt(
      run(grouped, [
        { at: 0, kind: 'a', ip: 'x' },
        { at: 1, kind: 'a', ip: 'x' },
      ]),
    ),
    [],
  )
  assert.deepEqual(
    heldAt(
      run(grouped, [
        { at: 0, kind: 'a', ip: 'x', user: 'u' },
        { at: 1, kind: 'b', ip: 'x', user: 'u' },
      ]),
    ),
    [1],
  )
  assert.deepEqual(
    heldAt(
      run(count('gte: 2'), [
        { at: 0, kind: 'a', ip: 'x' },
        { at: 1, kind: 'a', ip: 'y' },
      ]),
    ),
    [1],
  )
  const apart = [
    { at: 0, kind: 'a', constituent: 'm1' },
    { at: 1, kind: 'a', constituent: 'm2' },
  ]
  assert.deepEqual(heldAt(run(count('gte: 2'), apart)), [])
})

test('SIG-C10 an alias takes another field for each rule', () => {
  const text = correlationText(
    '    type: temporal\n    rules: [a, b]\n    aliases:\n        who:\n            a: user\n            b: account\n    group-by: who\n    timespan: 10s',
  )
  assert.deepEqual(
    heldAt(
      run(text, [
        { at: 0, kind: 'a', user: 'x' },
        { at: 1, kind: 'b', account: 'x' },
      ]),
    ),
    [1],
  )
  assert.deepEqual(
    heldAt(
      run(text, [
        { at: 0, kind: 'a', user: 'x' },
        { at: 1, kind: 'b', user: 'x' },
      ]),
    ),
    [],
  )
})

test('SIG-C11 an unknown or circular reference refuses the correlation, also one to a refused rule', () => {
  const to = (name: string, other: string): string =>
    correlationText(`    type: temporal\n    rules: [a, ${other}]\n    timespan: 10s`, name)
  assert.deepEqual(refusals(baseRules + to('one', 'nobody')), ['rule_unknown_reference'])
  assert.deepEqual(refusals(baseRules + to('one', 'two') + to('two', 'one')), [
    'rule_circular_reference',
    'rule_circular_reference',
  ])
  const broken = baseRules.replace('kind|contains: b', 'kind|contain: b')
  assert.deepEqual(refusals(broken + to('one', 'b')), ['rule_unknown_modifier', 'rule_unknown_reference'])
  const byId = correlationText(
    '    type: event_count\n    rules: 0d5d9a5c-52a4-4a52-8d0e-3f1f6a0e2000\n    timespan: 10s\n    condition:\n        gte: 1',
  )
  assert.deepEqual(heldAt(run(byId, [{ at: 1, kind: 'a' }])), [1])
})

test('SIG-C12 a correlation above another one sees its firings with its group and the fields of the event', () => {
  const child = correlationText(
    '    type: event_count\n    rules: [a]\n    group-by: [ip]\n    timespan: 10s\n    condition:\n        gte: 3',
    'burst',
  )
  const parent = correlationText(
    '    type: temporal_ordered\n    rules: [burst, b]\n    group-by: [ip, user]\n    timespan: 1m',
  )
  const events = [...many(3, 'a', 1, { ip: 'x', user: 'u' }), { at: 20, kind: 'b', ip: 'x', user: 'u' }]
  assert.deepEqual(heldAt(run(parent + child, events)), [20])
  assert.deepEqual(
    heldAt(
      run(parent + child, [...many(3, 'a', 1, { ip: 'x', user: 'u' }), { at: 20, kind: 'b', ip: 'x', user: 'v' }]),
    ),
    [],
  )
  assert.deepEqual(
    heldAt(
      run(parent + child, [...many(2, 'a', 1, { ip: 'x', user: 'u' }), { at: 20, kind: 'b', ip: 'x', user: 'u' }]),
    ),
    [],
  )
})

test('SIG-C12 a child that waits for the watermark still feeds its parent in time', () => {
  const child = correlationText(
    '    type: event_count\n    rules: [a]\n    timespan: 10s\n    condition:\n        eq: 2',
    'pair',
  )
  const parent = correlationText(
    '    type: temporal\n    rules: [pair, b]\n    timespan: 1m\n    condition:\n        eq: 2',
  )
  const events = [
    { at: 0, kind: 'a' },
    { at: 9, kind: 'b' },
    { at: 1, kind: 'a' },
    { at: 200, kind: 'c' },
  ]
  assert.deepEqual(heldAt(run(parent + child, events, { latenessSeconds: 30 })), [9])
})

test('SIG-C13 a timespan is a number and a unit, at most 31 days', () => {
  const text = (timespan: string): string =>
    baseRules +
    correlationText(`    type: event_count\n    rules: a\n    timespan: ${timespan}\n    condition:\n        gte: 1`)
  for (const good of ['30s', '5m', '24h', '31d', '2w']) assert.deepEqual(refusals(text(good)), [], good)
  for (const bad of ['32d', '1y', '5', '0s', 'soon', '1.5h'])
    assert.deepEqual(refusals(text(bad)), ['rule_bad_correlation'], bad)
})

test('SIG-C14 referenced rules alert by themselves only when generate is true', () => {
  const { rules } = load(baseRules + count('gte: 1'))
  assert.deepEqual(
    rules.rules.map((rule) => rule.alerts),
    [false, false, true],
  )
  const generated = load(baseRules + count('gte: 1', '    generate: true\n'))
  assert.deepEqual(
    generated.rules.rules.map((rule) => rule.alerts),
    [true, true, true],
  )
})

test('SIG-C15 tags of the chain are merged and the level is the highest below when none is stated', () => {
  const tagged = baseRules.replace('name: a\n', 'name: a\nlevel: high\ntags: [attack.t1110]\n')
  const { rules } = load(
    tagged +
      correlationText('    type: temporal\n    rules: [a, b]\n    timespan: 10s', 'main', 'tags: [attack.t1078]\n'),
  )
  assert.deepEqual(rules.correlations[0]?.tags, ['attack.t1078', 'attack.t1110'])
  assert.equal(rules.correlations[0]?.level, 'high')
})

test('SIG-C17 an episode opens once, is updated while it lasts and is closed after one timespan', () => {
  const { firings } = run(count('gte: 3'), [...many(6, 'a', 2), { at: 40, kind: 'b' }])
  const [episode] = fold(firings)
  assert.equal(firings[0]?.edge, 'open')
  assert.equal(firings.at(-1)?.edge, 'close')
  assert.deepEqual(
    firings.map((firing) => firing.revision),
    firings.map((_, index) => index),
  )
  assert.equal(new Set(firings.map((firing) => firing.detectionId)).size, 1)
  assert.equal(firings[0]?.anchorEventId, 'e2')
  assert.deepEqual([episode?.firstEventAtMs, episode?.lastEventAtMs, episode?.eventCount], [0, 10_000, 6])
  assert.deepEqual(
    episode?.evidence.map((event) => event.eventId),
    ['e0', 'e1', 'e2', 'e3', 'e4', 'e5'],
  )
})

test('SIG-C17 a condition that comes back within one timespan goes on with its episode, later it opens another', () => {
  const pair = [
    { at: 0, kind: 'a' },
    { at: 1, kind: 'a' },
  ]
  const shift = (seconds: number): Happening[] => pair.map((event) => ({ ...event, at: event.at + seconds }))
  assert.equal(fold(run(count('gte: 2'), [...pair, ...shift(11)]).firings).length, 1)
  assert.equal(fold(run(count('gte: 2'), [...pair, ...shift(13)]).firings).length, 2)
})

test('SIG-C17 evidence is a hundred events and the count goes on', () => {
  const [episode] = fold(run(count('gte: 3'), many(500, 'a', 0.5)).firings)
  assert.equal(episode?.evidence.length, 100)
  assert.equal(episode?.evidence[0]?.eventId, 'e0')
  assert.equal(episode?.eventCount, 500)
})

test('an event out of order that joins two episodes keeps the earlier id and closes the later one with a pointer', () => {
  const events = [
    { at: 0, kind: 'a' },
    { at: 1, kind: 'a' },
    { at: 16, kind: 'a' },
    { at: 17, kind: 'a' },
    { at: 9, kind: 'a' },
  ]
  const { firings } = run(count('gte: 2'), events, { latenessSeconds: 60 })
  const folded = fold(firings)
  const superseded = firings.find((firing) => firing.supersededBy !== null)
  assert.equal(folded.length, 1)
  assert.equal(superseded?.edge, 'close')
  assert.equal(superseded?.supersededBy, folded[0]?.detectionId)
  assert.equal(folded[0]?.eventCount, 5)
})

test('an event below the watermark is late: told, counted and not used', () => {
  const result = run(
    count('gte: 2'),
    [
      { at: 0, kind: 'a' },
      { at: 100, kind: 'c' },
      { at: 1, kind: 'a', id: 'slow' },
    ],
    { latenessSeconds: 10 },
  )
  assert.deepEqual(result.late, ['slow'])
  assert.deepEqual(heldAt(result), [])
  assert.equal(result.correlator.stats()[0]?.lateEvents, 1)
})

test('too many entries of a group are given up, counted and marked', () => {
  const result = run(count('gte: 5'), many(200, 'a', 0.01), { maxEntriesPerGroup: 100 })
  assert.ok((result.correlator.stats()[0]?.evictedEntries ?? 0) > 0)
  assert.equal(fold(result.firings)[0]?.approximate, true)
})

test('too many groups: those with least progress go, counted; one with an open episode stays', () => {
  const text = count('gte: 3', '    group-by: [ip]\n')
  const events: Happening[] = [...many(3, 'a', 0.001, { ip: 'attacker' })]
  for (let i = 0; i < 300; i++) events.push({ at: 0.01, kind: 'a', ip: `visitor-${i}` })
  events.push({ at: 1, kind: 'a', ip: 'attacker' })
  const result = run(text, events, { maxGroups: 100, latenessSeconds: 60 })
  assert.ok((result.correlator.stats()[0]?.evictedGroups ?? 0) >= 200)
  assert.equal(fold(result.firings)[0]?.eventCount, 4)
})

test('SIG-5.4 too many events in all: the correlation that holds most gives way, and one with an open episode stays', () => {
  const text = count('gte: 3', '    group-by: [ip]\n')
  const events: Happening[] = [...many(3, 'a', 0.001, { ip: 'attacker' })]
  for (let i = 0; i < 300; i++) events.push({ at: 0.01 + i * 0.001, kind: 'a', ip: `visitor-${i}` })
  events.push({ at: 1, kind: 'a', ip: 'attacker' })
  const result = run(text, events, { maxHeldEvents: 100, latenessSeconds: 60 })
  assert.ok((result.correlator.stats()[0]?.evictedGroups ?? 0) >= 200)
  assert.equal(fold(result.firings)[0]?.eventCount, 4)
})

test('idle groups leave nothing behind: their stored state is removed', () => {
  const text = count('gte: 3', '    group-by: [ip]\n')
  const { correlator } = run(
    text,
    many(50, 'a', 1).map((event, index) => ({ ...event, ip: `v${index}` })),
  )
  const last = new Map(correlator.takeChanges().map((change) => [change.key, change.state]))
  assert.equal(last.size, 100)
  assert.ok([...last.values()].every((state) => state === null))
  assert.equal(correlator.stats()[0]?.groups, 0)
})
