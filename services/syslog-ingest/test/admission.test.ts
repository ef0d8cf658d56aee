import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RegistryConstituent, RegistrySource, RegistrySystem } from '@tocsin/events'
import { Admission, type Sender } from '../src/admission.ts'
import { constituent, source, system } from './registry-records.ts'

const SENDER: Sender = { listener: 'udp:15514', transport: 'udp', address: '192.0.2.1', certificateSubject: null }

function decide(
  sources: readonly RegistrySource[],
  change: Partial<Sender> = {},
  constituents: readonly RegistryConstituent[] = [constituent()],
  systems: readonly RegistrySystem[] = [],
) {
  return new Admission({ sources, constituents, systems }).decide({ ...SENDER, ...change }, 1_000)
}

const reasonOf = (verdict: ReturnType<typeof decide>) => (verdict.kind === 'refused' ? verdict.reason : null)

test('a registered sender is admitted as its source and constituent', () => {
  assert.deepEqual(decide([source({ exercise: true })]), {
    kind: 'admitted',
    sourceId: 'source-a',
    constituent: 'body-a',
    exercise: true,
    collector: false,
  })
})

test('KZ-12b only listed addresses may send: an unlisted one is refused under the listener', () => {
  for (const address of ['192.0.2.2', '2001:db8::1', 'nonsense']) {
    assert.deepEqual(decide([source()], { address }), {
      kind: 'refused',
      reason: 'unknown-source',
      sourceId: 'unknown:udp:15514',
      constituent: 'unknown',
      ground: null,
    })
  }
  assert.equal(decide([source({ addresses: ['192.0.2.0/24'] })]).kind, 'admitted')
  assert.equal(reasonOf(decide([source({ deleted: true })])), 'unknown-source')
  assert.equal(reasonOf(decide([source({ addresses: [] })])), 'unknown-source')
})

test('VN-1.1 records of the defence and public security ministries are refused as out of scope, whoever carries the flag', () => {
  for (const flag of ['mnd', 'mps', 'MND']) {
    const flagged = { legalScope: [flag] }
    assert.deepEqual(decide([source()], {}, [constituent(flagged)]), {
      kind: 'refused',
      reason: 'out-of-scope',
      sourceId: 'source-a',
      constituent: 'body-a',
      ground: flag.toLowerCase(),
    })
    assert.equal(reasonOf(decide([source(flagged)])), 'out-of-scope')
    const systems = [system(flagged)]
    assert.equal(reasonOf(decide([source({ systemIds: ['system-a'] })], {}, [constituent()], systems)), 'out-of-scope')
  }
})

test('KZ-4.1 an object with state secrets is refused as out of scope', () => {
  assert.equal(reasonOf(decide([source({ legalScope: ['state-secret'] })])), 'out-of-scope')
})

for (const flag of [
  'state-secret-system',
  'special-purpose',
  'governmental-communication',
  'classified-communication',
  'encrypted-communication',
  'coded-communication',
]) {
  test(`KZ-4.2 ${flag} is refused as out of scope`, () => {
    assert.equal(reasonOf(decide([source({ legalScope: [flag] })])), 'out-of-scope')
  })
}

test('KZ-4.3 a National Bank object is admitted only when integrated with electronic government', () => {
  const bank = (integratedWithEgov: boolean | null) =>
    decide([source()], {}, [constituent({ legalScope: ['national-bank'], integratedWithEgov })])
  assert.equal(reasonOf(bank(false)), 'out-of-scope')
  assert.equal(reasonOf(bank(null)), 'out-of-scope')
  assert.equal(bank(true).kind, 'admitted')
})

test('a flag that nobody knows excludes, so that a misspelt one stores no secrets', () => {
  assert.equal(reasonOf(decide([source({ legalScope: ['state-secrte'] })])), 'out-of-scope')
})

test('a source whose constituent is not registered, withdrawn or no longer valid is refused', () => {
  assert.equal(reasonOf(decide([source()], {}, [])), 'unknown-constituent')
  assert.equal(reasonOf(decide([source()], {}, [constituent({ deleted: true })])), 'unknown-constituent')
  assert.equal(reasonOf(decide([source()], {}, [constituent({ validTo: 1_000 })])), 'unknown-constituent')
})

test('the longer prefix wins; a tie between two constituents is refused and named', () => {
  const wide = source({ sourceId: 'wide', addresses: ['192.0.2.0/24'], constituent: 'body-b' })
  const bodies = [constituent(), constituent({ constituentId: 'body-b' })]
  assert.equal(decide([wide, source()], {}, bodies).sourceId, 'source-a')
  assert.equal(decide([wide, source()], { address: '192.0.2.9' }, bodies).sourceId, 'wide')
  const twin = source({ sourceId: 'twin', constituent: 'body-b' })
  assert.equal(reasonOf(decide([source(), twin], {}, bodies)), 'ambiguous-source')
})

test('a source may be bound to a listener or a transport', () => {
  for (const listeners of [['udp:15514'], ['udp']]) assert.equal(decide([source({ listeners })]).kind, 'admitted')
  for (const listeners of [['udp:514'], ['tls']])
    assert.equal(reasonOf(decide([source({ listeners })])), 'unknown-source')
})

test('a source with certificates is known by them alone, however the subject is written', () => {
  const withCertificate = source({ addresses: [], certificateSubjects: ['O = Body A, CN = fw1'] })
  assert.equal(decide([withCertificate], { certificateSubject: 'CN=fw1\nO=Body A' }).kind, 'admitted')
  assert.equal(reasonOf(decide([withCertificate], { certificateSubject: 'CN=fw2\nO=Body A' })), 'unknown-source')
  assert.equal(reasonOf(decide([withCertificate])), 'unknown-source')
  const both = source({ certificateSubjects: ['CN=fw1'] })
  assert.equal(reasonOf(decide([both], { certificateSubject: 'CN=fw1', address: '192.0.2.9' })), 'unknown-source')
  const broken = source({ addresses: ['10.0.0.0/99'], certificateSubjects: ['CN=fw1'] })
  assert.equal(reasonOf(decide([broken], { certificateSubject: 'CN=fw1' })), 'unknown-source')
})

test('an escaped comma stays part of its value', () => {
  const withComma = source({ addresses: [], certificateSubjects: ['CN=a\\,CN=b'] })
  assert.equal(reasonOf(decide([withComma], { certificateSubject: 'CN=a\nCN=b' })), 'unknown-source')
  assert.equal(decide([withComma], { certificateSubject: 'CN=a\\,CN=b' }).kind, 'admitted')
  const reordered = source({ addresses: [], certificateSubjects: ['CN=b,CN=a\\'] })
  assert.equal(reasonOf(decide([reordered], { certificateSubject: 'CN=a\\,CN=b' })), 'unknown-source')
})

test('an address of the registry that is none is reported and lets nobody in', () => {
  const admission = new Admission({
    sources: [source({ addresses: ['192.0.2.1/33'] })],
    constituents: [constituent()],
    systems: [],
  })
  assert.deepEqual(admission.problems, ['source-a: 192.0.2.1/33'])
  assert.equal(admission.decide(SENDER, 0).kind, 'refused')
})
