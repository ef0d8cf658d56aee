// Who is in charge and how they are reached, as the registry takes it (Article 7 of Circular 31).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Section } from '../../src/registry/entries.ts'
import type { Registry } from '../../src/registry/held.ts'
import { type ImportFile, planImport } from '../../src/registry/plan-import.ts'
import { writeRegistryFile } from '../../src/registry/registry-file.ts'
import { change, entry, registryOf } from './registry-of.ts'

const BODY = { id: 'vn-body', name: 'B', country: 'VN', pack: 'vn-circular-31', roles: ['manager'], group: 'b' }
const body = ['constituents', { ...BODY, timeZone: 'Asia/Ho_Chi_Minh', languages: ['vi'] }] as const
const PERSON = {
  id: 'lan',
  constituent: 'vn-body',
  kind: 'person',
  role: 'unit-in-charge',
  name: 'Trần Thị Lan',
  department: 'Phòng ATTT',
  position: 'Trưởng phòng',
  address: '1 Phố Mẫu, Hà Nội',
  phone: '024 0000 0101',
  mobile: '090 000 0101',
  email: 'lan@body.example',
  language: 'vi',
  channels: ['mail'],
}
const system = { id: 'portal', constituent: 'vn-body', name: 'P', systemClass: 3, ips: ['192.0.2.10'] }

function faultsOf(section: Section, raw: object, inForce: Registry): string[] {
  const made = entry(section, raw)
  const text = writeRegistryFile((of) => (of === section ? [made] : []))
  const file: ImportFile = { name: 'registry.yaml', section: null, octets: Buffer.from(text) }
  return planImport([file], inForce, change).files.flatMap(({ faults }) =>
    faults.map(({ place, reason }) => `${place} ${reason}`),
  )
}

test('VN-7.1 a system of class 3 or higher is set active only where its body has somebody in charge', () => {
  const nobody = registryOf([body])
  for (const systemClass of [3, 4, 5])
    assert.match(
      faultsOf('systems', { ...system, systemClass }, nobody)[0] ?? '',
      /state is active, but vn-body has no/,
    )
  assert.deepEqual(faultsOf('systems', { ...system, systemClass: 2 }, nobody), [])
  assert.deepEqual(faultsOf('systems', { ...system, state: 'planned' }, nobody), [])
  const appointed = registryOf([body, ['contacts', PERSON]])
  assert.deepEqual(faultsOf('systems', system, appointed), [])
  for (const other of [{ role: 'manager' }, { test: true }])
    assert.equal(faultsOf('systems', system, registryOf([body, ['contacts', { ...PERSON, ...other }]])).length, 1)
})

test('VN-7.4 a contact has eight fields; of a person the first seven are never empty, a department may leave out the name', () => {
  const inForce = registryOf([body])
  assert.deepEqual(faultsOf('contacts', PERSON, inForce), [])
  for (const field of ['name', 'department', 'position', 'address', 'phone', 'mobile', 'email'])
    assert.match(
      faultsOf('contacts', { ...PERSON, [field]: field === 'name' ? '' : null }, inForce).join(),
      new RegExp(`${field} must not be empty`),
    )
  const department = { ...PERSON, kind: 'department', name: '' }
  assert.deepEqual(faultsOf('contacts', department, inForce), [])
  assert.equal(faultsOf('contacts', { ...department, department: null }, inForce).length, 1)
  const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
  assert.equal(entry('contacts', { ...PERSON, certificate })['certificate'], certificate)
})

test('KZ-4 an object that belongs to no state body of the registry is not taken', () => {
  const kz = registryOf([
    [
      'constituents',
      {
        ...BODY,
        id: 'kz-body',
        country: 'KZ',
        pack: 'kz-order-199',
        roles: ['state-body'],
        timeZone: 'Asia/Almaty',
        languages: ['kk'],
      },
    ],
    [
      'constituents',
      {
        ...BODY,
        id: 'kz-firm',
        country: 'KZ',
        pack: 'kz-order-199',
        roles: ['enterprise'],
        timeZone: 'Asia/Almaty',
        languages: ['kk'],
      },
    ],
  ])
  const object = { ...system, systemClass: 2 }
  assert.deepEqual(faultsOf('systems', { ...object, constituent: 'kz-body' }, kz), [])
  assert.match(faultsOf('systems', { ...object, constituent: 'nobody' }, kz)[0] ?? '', /is no body of the registry/)
  assert.match(faultsOf('systems', { ...object, constituent: 'kz-firm' }, kz)[0] ?? '', /is no state body \(KZ-4\)/)
})
