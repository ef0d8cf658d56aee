import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gapsOf, gapText } from '../../src/registry/completeness.ts'
import { readEntry, type Section } from '../../src/registry/entries.ts'
import { emptyRegistry, type Registry } from '../../src/registry/held.ts'

/** Ends on 19 November 2036; made for this test, its key thrown away. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBiTCCAS+gAwIBAgIUfm0ZNMw3CRDs5tN4FXwflOOLJMIwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPY29udGFjdC5leGFtcGxlMB4XDTI2MTEyMjA5MzkwOVoXDTM2
MTExOTA5MzkwOVowGjEYMBYGA1UEAwwPY29udGFjdC5leGFtcGxlMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEqDF1w9n8NN/+eXpRs1ybcqvAVyfNuCuQn3Ijj+Op
U05WM1krSj5f1867GkfuvRJ651rQoMMr6D4qxXjjWvXeG6NTMFEwHQYDVR0OBBYE
FJai1shXwLl1qIuMA1QYG+C37XauMB8GA1UdIwQYMBaAFJai1shXwLl1qIuMA1QY
G+C37XauMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAMe4SklF
yx5a1a2tuXaQgWJ2pRsz3Gvsy8n5Z6be+G/iAiBLgQ0Rd1N9W+qVXk7hqugdchif
f1yKaCC8cn6luxyGjA==
-----END CERTIFICATE-----`
const END = Date.parse('2036-11-19T09:39:09Z')
const DAY_MS = 86_400_000
const CONTACT = { department: 'ATTT', position: 'trực', address: '1', phone: '1', mobile: '2', email: 'a@b.example' }

function registryOf(country: string, entries: readonly (readonly [Section, object])[]): Registry {
  const body = {
    id: 'body',
    name: 'B',
    country,
    pack: 'p',
    roles: ['r'],
    group: 'b',
    timeZone: 'UTC',
    languages: ['vi'],
  }
  const registry = emptyRegistry()
  for (const [section, raw] of [['constituents', body] as const, ...entries]) {
    const given = section === 'constituents' ? raw : { constituent: 'body', ...raw }
    const read = readEntry(section, given)
    assert.ok('entry' in read, JSON.stringify(read))
    registry[section].set(read.entry.id, { entry: read.entry, changedAt: 0 })
  }
  return registry
}

const contact = (more: object) =>
  ['contacts', { id: 'duty', role: 'r', name: 'N', language: 'vi', channels: ['mail'], ...more }] as const
const textOf = (registry: Registry, now = 0) => gapsOf(registry, now).map(gapText).join('')

test('each field of a contact that VN-7.4 wants and that is empty is named, in Vietnam', () => {
  assert.equal(textOf(registryOf('VN', [contact(CONTACT)])), '')
  for (const field of Object.keys(CONTACT))
    assert.equal(
      textOf(registryOf('VN', [contact({ ...CONTACT, [field]: null })])),
      `contacts duty of body: ${field} is empty (VN-7.4)\n`,
    )
  assert.equal(textOf(registryOf('TW', [contact({})])), '')
})

test('each item of the Vietnamese form of a system, and each column of the Kazakh appendix, is named where it is empty', () => {
  const system = ['systems', { id: 'portal', name: 'P', systemClass: 3 }] as const
  assert.deepEqual(
    gapsOf(registryOf('VN', [system]), 0).map(({ ground }) => ground),
    ['A1-1', 'A1-2', 'A1-4', 'A1-5', 'A1-7', 'A1-8', 'A1-9'],
  )
  const asset = ['assets', { id: 'ws', circuit: 'inner', ip: '10.0.0.5', floor: '3', os: 'Linux' }] as const
  assert.deepEqual(
    gapsOf(registryOf('KZ', [asset]), 0).map(({ field }) => field),
    ['unit', 'office', 'responsible', 'hostname'],
  )
})

test('a certificate is named from 30 days before it ends, by the certificate itself', () => {
  const registry = registryOf('VN', [contact({ ...CONTACT, certificate: CERTIFICATE })])
  assert.equal(textOf(registry, END - 30 * DAY_MS - 1), '')
  assert.equal(textOf(registry, END - 30 * DAY_MS), 'contacts duty of body: certificate ends on 2036-11-19 (VN-7.4)\n')
  assert.equal(textOf(registry, END), 'contacts duty of body: certificate ended on 2036-11-19 (VN-7.4)\n')
  const wrong = { ...CONTACT, certificate: CERTIFICATE, certificateExpiresAt: '2040-01-01' }
  assert.match(textOf(registryOf('VN', [contact(wrong)])), /says 2040-01-01; the certificate itself ends on 2036-11-19/)
  assert.match(textOf(registryOf('TW', [contact({ certificate: 'x' })])), /certificate is no certificate in PEM/)
})
