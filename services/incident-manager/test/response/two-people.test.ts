// The life of a response action inside a case: who may do what, in which order, and what is written down of it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HOUR, MINUTE, T0 } from '../world.ts'
import { responseWorld } from './filters.ts'

const BORIS = { actor: 'boris' }

describe('two people', () => {
  test('XC-12 KZ-10.3j nothing is asked of a filter before a second person approves, and each step is in the audit', async () => {
    const w = responseWorld()
    await w.detect()
    assert.equal((await w.propose(T0 + MINUTE)).code, 'accepted')
    assert.deepEqual(w.states(), ['proposed'])
    const own = await w.give('approve-response', T0 + 2 * MINUTE)
    assert.equal(own.code, 'not-permitted')
    assert.match(own.reason, /Somebody else must approve/)
    assert.equal((await w.give('approve-response', T0 + 3 * MINUTE, BORIS)).code, 'accepted')
    assert.deepEqual(w.states(), ['proposed', 'approved'])
    const [action] = w.harness.written('response-actions').slice(-1)
    assert.deepEqual([action?.requestedBy, action?.approvedBy], ['anna', ['boris']])
    assert.equal(action?.technicallyPossible, true)
    assert.deepEqual(
      w.harness
        .written('audit-entries')
        .filter(({ action: what }) => what.includes('response'))
        .map(({ actor, action: what, outcome }) => [actor, what, outcome]),
      [
        ['anna', 'incident.propose-response', 'allowed'],
        ['anna', 'incident.approve-response', 'denied'],
        ['boris', 'incident.approve-response', 'allowed'],
      ],
    )
  })

  test('SEC-S15 the same person is refused in another session, in other letters and by another way in', async () => {
    const w = responseWorld()
    await w.detect()
    await w.propose(T0)
    for (const change of [
      { actor: 'anna' },
      { actor: 'ANNA' },
      { actor: ' anna ' },
      { actor: 'ａｎｎａ' },
      { actor: 'anna', channel: 'cli' },
      { actor: 'anna', actorRoles: ['officer'] },
    ])
      assert.equal(
        (await w.give('approve-response', T0 + MINUTE, change)).code,
        'not-permitted',
        JSON.stringify(change),
      )
    for (const channel of ['mail', 'form', 'api'])
      assert.equal(
        (await w.give('approve-response', T0 + MINUTE, { actor: 'boris', channel })).code,
        'not-permitted',
        channel,
      )
    for (const role of ['manager', 'operator', 'constituent', 'inspector', 'packet-filter'])
      assert.equal(
        (await w.give('approve-response', T0 + MINUTE, { actor: 'boris', actorRoles: [role] })).code,
        'not-permitted',
        role,
      )
    assert.deepEqual(w.states(), ['proposed'])
  })

  test('SEC-S15 a proposal lapses, an approval sent twice is one, and of two approvers one wins', async () => {
    const w = responseWorld()
    await w.detect()
    await w.propose(T0)
    const late = await w.give('approve-response', T0 + 4 * HOUR + 1, {
      ...BORIS,
      fields: { response: w.actions()[0]?.actionId ?? '' },
    })
    assert.match(late.reason, /lapsed at 2026-11-20T21:30:00.000Z/)
    assert.equal((await w.propose(T0 + 5 * HOUR)).code, 'accepted', 'a lapsed one stands in nobody’s way')
    const first = await w.give('approve-response', T0 + 5 * HOUR, BORIS)
    assert.equal(first.code, 'accepted')
    await w.harness.give('incident-commands', first.command.constituent, first.command)
    const second = await w.give('approve-response', T0 + 5 * HOUR, { actor: 'carol' })
    assert.equal(second.code, 'not-permitted')
    assert.match(second.reason, /is approved; there is nothing to approve/)
    assert.deepEqual(w.states(), ['proposed', 'proposed', 'approved'])
    assert.deepEqual(w.harness.written('response-actions').at(-1)?.approvedBy, ['boris'])
    const audited = w.harness.written('audit-entries').filter(({ action }) => action === 'incident.approve-response')
    assert.deepEqual(
      audited.map(({ actor, outcome }) => `${actor} ${outcome}`),
      ['boris denied', 'boris allowed', 'carol denied'],
    )
  })

  test('KZ-11d the body’s own people may ask for a measure; only the centre, or who asked, refuses it', async () => {
    const w = responseWorld()
    await w.detect()
    const dana = { actor: 'dana', actorRoles: ['operator'] }
    assert.equal((await w.propose(T0, dana)).code, 'accepted')
    const refusal = { fields: {}, reason: 'a partner' }
    const other = await w.give('refuse-response', T0, { ...refusal, actor: 'erik', actorRoles: ['manager'] })
    assert.equal(other.code, 'not-permitted')
    assert.equal((await w.give('refuse-response', T0, { ...refusal, ...dana })).code, 'accepted')
    assert.equal((await w.propose(T0, { ...dana, actorRoles: ['inspector'] })).code, 'not-permitted')
    assert.deepEqual(w.states(), ['proposed', 'refused'])
  })
})

describe('what is refused', () => {
  const cases: readonly [string, Record<string, string>, RegExp][] = [
    ['no kind', { kind: 'destroy', target: '203.0.113.9' }, /kind is block-address or isolate-host/],
    ['a name', { kind: 'block-address', target: 'evil.example' }, /single IPv4 or IPv6 address/],
    ['a network', { kind: 'block-address', target: '203.0.113.0/24' }, /single IPv4/],
    ['a command', { kind: 'block-address', target: '203.0.113.9; reboot' }, /single IPv4/],
    ['a number', { kind: 'block-address', target: '3405803785' }, /single IPv4/],
    ['an octal form', { kind: 'block-address', target: '0313.0.113.9' }, /single IPv4/],
    ['an IPv4 address in other clothes', { kind: 'block-address', target: '::ffff:203.0.113.9' }, /single IPv4/],
    ['the same in hexadecimal', { kind: 'block-address', target: '::ffff:cb00:7109' }, /single IPv4/],
    ['a zone', { kind: 'block-address', target: 'fe80::1%eth0' }, /single IPv4/],
    ['this host', { kind: 'block-address', target: '127.0.0.1' }, /protected network 127\.0\.0\.0\/8/],
    ['everybody', { kind: 'block-address', target: '255.255.255.255' }, /protected network 224\.0\.0\.0\/3/],
    ['the link', { kind: 'block-address', target: 'FE80::1' }, /protected network fe80::\/10/],
    ['the centre', { kind: 'block-address', target: '198.51.100.7' }, /protected network 198\.51\.100\.0\/24/],
    ['the centre, written long', { kind: 'block-address', target: '2001:DB8:FFFF:0:0:0:0:7' }, /2001:db8:ffff::\/48/],
    ['a bystander', { kind: 'isolate-host', target: '192.0.2.99' }, /took no part in the case/],
    [
      'another body’s filter',
      { kind: 'block-address', target: '203.0.113.9', via: 'vn-north' },
      /no packet filter "vn-north"/,
    ],
  ]
  for (const [name, fields, reason] of cases)
    test(`SEC-S12 ${name} is not blocked`, async () => {
      const w = responseWorld()
      await w.detect()
      const answer = await w.propose(T0, { fields })
      assert.match(answer.reason, reason)
      assert.notEqual(answer.code, 'accepted')
      assert.deepEqual(w.states(), [])
    })

  test('a second measure of the same kind for the same address, and one without a reason', async () => {
    const w = responseWorld()
    await w.detect()
    assert.match((await w.propose(T0, { reason: ' ' })).reason, /Say why/)
    await w.propose(T0)
    assert.match((await w.propose(T0)).reason, /such an action already; it is proposed/)
    const host = { kind: 'isolate-host', target: '192.0.2.10' }
    assert.equal((await w.propose(T0, { fields: host })).code, 'accepted')
    assert.match((await w.give('approve-response', T0, BORIS)).reason, /Say which action/)
  })
})

describe('technically possible: yes or no, and why', () => {
  const incident = { level: 'critical', severity: 95 }

  test('KZ-10.3j stands on every incident as soon as it is one, and a person may say otherwise', async () => {
    for (const [constituent, possible, why] of [
      ['kz-ministry', true, /The packet filter kz-border is connected/],
      ['kz-agency', false, /No packet filter of kz-agency is connected/],
    ] as const) {
      const w = responseWorld()
      await w.detect({ constituent })
      const promotion = { fields: { effects: 'copying', serial: 'single' } }
      assert.equal((await w.give('promote', T0, promotion)).code, 'accepted')
      assert.deepEqual([w.latest().kind, w.latest().measuresPossible], ['incident', possible])
      assert.match(w.latest().measuresReason ?? '', why)
      const fields = { measuresPossible: 'no', measuresReason: 'The source is behind another body.' }
      await w.give('classify', T0, { fields })
      assert.deepEqual([w.latest().measuresPossible, w.latest().measuresReason], [false, fields.measuresReason])
    }
  })

  test('KZ-10.3j where a body has no filter the measure is refused and says so; of several one is named', async () => {
    const none = responseWorld()
    await none.detect({ constituent: 'kz-agency' })
    assert.match((await none.propose(T0)).reason, /Not technically possible: No packet filter of kz-agency/)
    const several = responseWorld()
    await several.detect({ constituent: 'vn-province', ...incident })
    assert.match((await several.propose(T0)).reason, /vn-north, vn-south: name one/)
    const fields = { kind: 'block-address', target: '203.0.113.9', via: 'vn-south' }
    assert.equal((await several.propose(T0, { fields })).code, 'accepted')
    assert.equal(several.actions()[0]?.viaSourceId, 'vn-south')
  })
})

describe('effect and undoing', () => {
  test('XC-12 what the filter did is taken once and only for the state that was asked; a closed case can be undone', async () => {
    const w = responseWorld()
    await w.detect()
    await w.propose(T0)
    await w.give('approve-response', T0, BORIS)
    const response = w.actions()[0]?.actionId ?? ''
    const filter = { actor: 'incident-manager', actorRoles: ['packet-filter'], channel: 'packet-filter' }
    const effect = (revision: number, outcome: string) => ({
      ...filter,
      fields: { response, revision: String(revision), outcome, reply: `${outcome} it` },
    })
    assert.equal((await w.give('response-effect', T0, effect(1, 'applied'))).code, 'illegal-transition')
    assert.equal(
      (await w.give('response-effect', T0, { ...effect(2, 'applied'), actorRoles: ['national'] })).code,
      'not-permitted',
    )
    assert.equal((await w.give('response-effect', T0, effect(2, 'reverted'))).code, 'illegal-transition')
    const told = await w.give('response-effect', T0 + MINUTE, effect(2, 'applied'))
    assert.equal(told.code, 'accepted')
    await w.harness.give('incident-commands', told.command.constituent, told.command)
    assert.equal((await w.give('response-effect', T0, effect(2, 'applied'))).code, 'illegal-transition')
    assert.deepEqual(w.states(), ['proposed', 'approved', 'applied'])
    assert.equal(w.latest().responses.at(-1)?.text, 'block-address 203.0.113.9 through kz-border: applied')

    await w.give('mark-false-positive', T0 + HOUR, { reason: 'a scanner of ours' })
    assert.equal(
      (await w.give('revert-response', T0 + HOUR, { fields: { response } })).code,
      'invalid',
      'a reason is asked for',
    )
    assert.equal(
      (await w.give('revert-response', T0 + HOUR, { fields: { response }, reason: 'ours' })).code,
      'accepted',
    )
    await w.give('response-effect', T0 + HOUR, effect(4, 'failed'))
    assert.deepEqual([w.actions()[0]?.state, w.actions()[0]?.reply], ['applied', 'failed it'], 'it is still in effect')
    await w.give('revert-response', T0 + 2 * HOUR, { fields: { response }, reason: 'ours' })
    await w.give('response-effect', T0 + 2 * HOUR, effect(6, 'reverted'))
    const [action] = w.actions()
    assert.deepEqual([action?.state, action?.endedBy, action?.revertedAt], ['reverted', 'anna', T0 + 2 * HOUR])
    assert.deepEqual(w.states().slice(3), ['reverting', 'applied', 'reverting', 'reverted'])
  })

  test('an exercise goes through every state and asks no filter', async () => {
    const w = responseWorld()
    await w.detect({ exercise: true })
    await w.propose(T0)
    await w.give('approve-response', T0, BORIS)
    await w.give('revert-response', T0, {
      reason: 'end of the exercise',
      fields: { response: w.actions()[0]?.actionId ?? '' },
    })
    assert.deepEqual(w.states(), ['proposed', 'applied', 'reverted'])
    assert.ok(w.harness.written('response-actions').every(({ exercise }) => exercise))
  })
})
