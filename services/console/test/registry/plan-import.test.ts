import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { readCsv } from '@tocsin/sheets'
import fc from 'fast-check'
import { differences } from '../../src/registry/difference.ts'
import { SECTIONS, type Section } from '../../src/registry/entries.ts'
import { emptyRegistry, entriesOf, type Registry } from '../../src/registry/held.ts'
import { faultText, type ImportFile, planImport } from '../../src/registry/plan-import.ts'
import { writeRegistryFile } from '../../src/registry/registry-file.ts'
import { writeSheet } from '../../src/registry/sheet.ts'
import { assetTable, SEEDED } from './asset-table.ts'
import { afterPlan, change, registryOf } from './registry-of.ts'

const BODY = { country: 'KZ', pack: 'kz-order-199', roles: ['state-body'], timeZone: 'Asia/Almaty', languages: ['kk'] }

const table = (text: string, section: Section = 'assets'): ImportFile => ({
  name: `${section}.csv`,
  octets: Buffer.from(text),
  section,
})
const yaml = (text: string): ImportFile => ({ name: 'registry.yaml', octets: Buffer.from(text), section: null })
const bodies = registryOf([
  ['constituents', { id: 'body-a', name: 'A', group: 'a', ...BODY }],
  ['constituents', { id: 'body-b', name: 'B', group: 'b', ...BODY }],
])
const faultsOf = (current: Registry, file: ImportFile): string[] =>
  planImport([file], current, change).files.flatMap(({ name, faults }) => faults.map((fault) => faultText(name, fault)))

describe('a table of assets', () => {
  test('1,000 rows with five faults: 995 are accepted, five are listed by row and column and kept to be mended', () => {
    const { accepted, files, changes } = planImport([table(assetTable('body-a'))], bodies, change)
    assert.equal(accepted, 995)
    assert.equal(changes.length, 995)
    const [file] = files
    assert.deepEqual(
      file?.faults.map(({ place }) => place).sort(),
      SEEDED.map(({ row, column }) => `row ${row}, column ${column}`).sort(),
    )
    const [header, ...rows] = readCsv(file?.faultyRows ?? '').rows
    assert.equal(header?.cells.at(-1), 'fault')
    assert.equal(rows.length, 5)
    assert.match(rows[0]?.cells.at(-1) ?? '', /^ip has "10\.7\.0\.0", which row 2 has too/)
  })

  test('the rows that were mended in the file of faults are accepted, and the column of faults is not read', () => {
    const first = planImport([table(assetTable('body-a'))], bodies, change)
    const mended = (first.files[0]?.faultyRows ?? '')
      .replace('10.7.300.1', '10.8.0.3')
      .replace('10.7.0.0', '10.8.0.1')
      .replace('middle', 'outer')
    const plan = planImport([table(mended)], bodies, change)
    assert.deepEqual(
      plan.files[0]?.faults.map(({ place }) => place),
      ['row 3, column os', 'row 5, column unit'],
    )
    assert.equal(plan.accepted, 3)
  })

  test('each fault is one sentence', () => {
    const rows = ['constituent,circuit,ip,os,unit,criticality,colour', 'body-a,outer,10.0.0.1,Linux,IT,high,']
    assert.deepEqual(faultsOf(bodies, table(rows.join('\n'))), [
      'assets.csv: row 1, column colour is no field of assets; it is not read.',
      'assets.csv: row 2, column criticality has "high", which is no number.',
    ])
    assert.deepEqual(faultsOf(bodies, table('constituent,circuit,ip,os,unit\nbody-z,left,10.0.0,,IT\n')), [
      'assets.csv: row 2, column circuit has "left", which must be one of inner, outer.',
      'assets.csv: row 2, column ip has "10.0.0", which must be an IPv4 or IPv6 address, or a network such as 192.0.2.0/24.',
    ])
    assert.deepEqual(faultsOf(bodies, table('constituent,circuit,ip,os,unit\nbody-z,inner,10.0.0.9,Linux,IT\n')), [
      'assets.csv: row 2, column constituent has "body-z", which is no body of the registry.',
    ])
  })

  test('KZ-A two bodies may have the same private address, one circuit of one body may not', () => {
    const rows = ['constituent,circuit,ip,os,unit', 'body-a,inner,10.0.0.5,Linux,IT', 'body-b,inner,10.0.0.5,Linux,IT']
    assert.deepEqual(faultsOf(bodies, table(rows.join('\n'))), [])
    const inForce = registryOf([
      ['assets', { id: 'old', constituent: 'body-a', circuit: 'inner', ip: '2001:db8::5', os: 'Linux', unit: 'IT' }],
    ])
    const current = { ...bodies, assets: inForce.assets }
    const second = 'id,constituent,circuit,ip,os,unit\nnew,body-a,inner,2001:DB8:0:0::5,Linux,IT\n'
    assert.deepEqual(faultsOf(current, table(second)), [
      'assets.csv: row 2, column ip has "2001:DB8:0:0::5", which the asset old has too in this circuit of the body.',
    ])
    // Without an id the row is that asset.
    const same = planImport([table(second.replace('id,', '').replace('new,', ''))], current, change)
    assert.deepEqual(
      same.changes.map((made) => [made.change.action, made.change.recordId, made.change.fields]),
      [['changed', 'old', ['ip']]],
    )
  })

  test('two assets may exchange their addresses in one file', () => {
    const asset = (id: string, ip: string) => ({
      id,
      constituent: 'body-a',
      circuit: 'inner',
      ip,
      os: 'Linux',
      unit: 'IT',
    })
    const current = {
      ...bodies,
      assets: registryOf([
        ['assets', asset('one', '10.0.0.1')],
        ['assets', asset('two', '10.0.0.2')],
      ]).assets,
    }
    const rows =
      'id,constituent,circuit,ip,os,unit\none,body-a,inner,10.0.0.2,Linux,IT\ntwo,body-a,inner,10.0.0.1,Linux,IT\n'
    assert.deepEqual(faultsOf(current, table(rows)), [])
    // Where one of the two stays as it was, because its row is faulty, the other cannot have its address.
    const [, second] = faultsOf(current, table(rows.replace('10.0.0.1,Linux,IT', '10.0.0.1,,IT')))
    assert.match(second ?? '', /row 2, column ip has "10\.0\.0\.2", which the asset two has too/)
  })

  test('octets that are no UTF-8 are refused whole, with what to do', () => {
    const octets = Buffer.from('constituent,unit\nbody-a,\xc1\xf3\xf5', 'latin1')
    assert.throws(
      () => planImport([{ name: 'x.csv', octets, section: 'assets' }], bodies, change),
      /save it as "CSV UTF-8"/,
    )
  })
})

describe('export and import', () => {
  test('the bodies of the embedded stack have no fault, and no change when they are imported again', () => {
    const octets = readFileSync(join(import.meta.dirname, '../../../../deploy/registry/bodies.yaml'))
    const files = [{ name: 'bodies.yaml', octets, section: null }]
    assert.deepEqual(planImport(files, emptyRegistry(), change).files[0]?.faults, [])
    assert.deepEqual(planImport(files, afterPlan(emptyRegistry(), files), change).changes, [])
  })

  const text = fc.stringMatching(/^[A-Za-zА-яәқ中文'=+@;,"-][A-Za-z 'А-яәқ=;,"-]{0,12}[A-Za-z中"]$/)
  const name = fc.stringMatching(/^[a-z][a-z0-9]{2,8}$/)
  const system = fc.record({
    id: name,
    constituent: fc.constant('body-a'),
    name: text,
    description: text,
    systemClass: fc.integer({ min: 1, max: 5 }),
    ips: fc.array(fc.ipV4()),
    os: fc.array(text),
    linkCapacityMbps: fc.array(fc.constantFrom(1, 2.5, 1_000)),
    usesHttps: fc.boolean(),
    monitoringPosition: fc.option(text),
  })
  const constituent = fc.record({
    id: name,
    name: text,
    names: fc.dictionary(name, text),
    group: name,
    country: fc.constant('VN'),
    integratedWithEgov: fc.option(fc.boolean()),
    limits: fc.constantFrom({}, { warn: 'PT6H' }),
  })
  const contact = fc.record({
    id: name,
    constituent: fc.constant('body-a'),
    role: text,
    name: text,
    department: fc.option(text),
    mobile: fc.option(fc.constant('+7 700 000 0101')),
    language: fc.constant('kk'),
    channels: fc.constant(['mail']),
    certificate: fc.option(fc.constant('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----')),
    certificateExpiresAt: fc.option(fc.constant('2027-01-31')),
  })

  test('what is exported, as YAML or CSV, is read back as the same registry', () => {
    const every = fc.tuple(fc.array(system), fc.array(constituent), fc.array(contact))
    fc.assert(
      fc.property(every, ([systems, constituents, contacts]) => {
        const registry = registryOf([
          ['constituents', { id: 'body-a', name: 'A', group: 'a', ...BODY }],
          ...constituents.map((one) => ['constituents', { ...BODY, ...one }] as const),
          ...systems.map((one) => ['systems', one] as const),
          ...contacts.map((one) => ['contacts', one] as const),
        ])
        const of = (section: Section) => entriesOf(registry, section)
        const tables = SECTIONS.map((section) => table(writeSheet(section, of(section)), section))
        for (const files of [[yaml(writeRegistryFile(of))], tables]) {
          assert.deepEqual(
            planImport(files, emptyRegistry(), change).files.flatMap(({ faults }) => faults),
            [],
          )
          assert.deepEqual(differences(registry, afterPlan(emptyRegistry(), files)), [])
          assert.deepEqual(planImport(files, registry, change).changes, [])
        }
      }),
      { numRuns: 100 },
    )
  })
})
