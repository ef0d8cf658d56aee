// Alarms for what the law wants of a body's registry, without being asked.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RegistryContact, RegistrySystem } from '@tocsin/events'
import { DAY, registry, T0, world } from './world.ts'

const CERTIFICATE_END = T0 + 60 * DAY
const contact = (over: Partial<RegistryContact> = {}) =>
  ({
    contactId: 'vn-unit',
    constituent: 'vn-province',
    role: 'unit-in-charge',
    certificate: null,
    certificateExpiresAt: null,
    test: false,
    ...over,
  }) as RegistryContact
const system = { systemId: 'portal', name: 'Portal', systemClass: 3, state: 'active' } as RegistrySystem

function watching(contacts: RegistryContact[], systems: RegistrySystem[]) {
  const bodies = [registry.constituent('vn-province')].filter((body) => body !== undefined)
  const w = world(T0, {
    ...registry,
    constituents: () => bodies,
    systemsOf: () => systems,
    contactRecords: () => contacts,
  })
  const codes = () =>
    w.harness
      .written('health-events')
      .filter(({ code }) => code !== 'no_recipient' && code !== 'request_overdue')
      .map(({ code, state }) => `${code} ${state}`)
  return { w, codes }
}

test('VN-7.1 removing the last contact in charge of a system of class 3 or higher raises an alarm; a new one ends it', async () => {
  const contacts = [contact()]
  const { w, codes } = watching(contacts, [system, { ...system, systemId: 'small', systemClass: 2 }])
  await w.begin()
  await w.until(T0)
  assert.deepEqual(codes(), [])
  contacts.pop()
  await w.until(T0 + 60_000)
  assert.deepEqual(codes(), ['nobody_in_charge raised'])
  assert.match(w.harness.written('health-events').at(-1)?.message ?? '', /Portal \(portal, class 3\) of vn-province/)
  w.harness.crash()
  await w.until(T0 + 120_000)
  assert.deepEqual(codes(), ['nobody_in_charge raised'], 'once')
  contacts.push(contact({ role: 'manager' }))
  await w.until(T0 + 180_000)
  contacts.push(contact({ role: 'operator' }))
  await w.until(T0 + 240_000)
  assert.deepEqual(codes(), ['nobody_in_charge raised', 'nobody_in_charge cleared'])
  contacts.pop()
  await w.until(T0 + 300_000)
  const ids = w.harness.written('health-events').filter(({ code }) => code === 'nobody_in_charge')
  assert.equal(ids.length, 3)
  assert.equal(ids[0]?.healthId, ids[1]?.healthId)
  assert.notEqual(ids[2]?.healthId, ids[0]?.healthId, 'wrong again: the notice of it is another one')
})

test('VN-7.4 the end of a certificate is warned of 30 days before, once, and a new one ends the warning', async () => {
  const contacts = [contact({ certificateExpiresAt: CERTIFICATE_END })]
  const { w, codes } = watching(contacts, [])
  await w.begin()
  await w.until(CERTIFICATE_END - 30 * DAY - 60_000)
  assert.deepEqual(codes(), [])
  await w.until(CERTIFICATE_END - 30 * DAY)
  await w.until(CERTIFICATE_END - 29 * DAY)
  assert.deepEqual(codes(), ['certificate_ending raised'])
  contacts[0] = contact({ certificateExpiresAt: CERTIFICATE_END + 700 * DAY })
  await w.until(CERTIFICATE_END - 28 * DAY)
  assert.deepEqual(codes(), ['certificate_ending raised', 'certificate_ending cleared'])
})
