// The appendix of the Kazakh rules: what each of its eight columns must say, on paper and in the registry.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readCsv, readXlsx, writeCsv, writeXlsx } from '@tocsin/sheets'
import fc from 'fast-check'
import { importFiles } from '../../src/adapters/registry-import-command.ts'
import { differences } from '../../src/registry/difference.ts'
import type { Section } from '../../src/registry/entries.ts'
import type { Registry } from '../../src/registry/held.ts'
import { APPENDIX_LANGUAGES, appendixOf, appendixTable, circuitNamed } from '../../src/registry/kz-appendix.ts'
import { faultText, type ImportFile, planImport } from '../../src/registry/plan-import.ts'
import { afterPlan, change, registryOf } from './registry-of.ts'

const BODY = { country: 'KZ', pack: 'kz-order-199', roles: ['state-body'], timeZone: 'Asia/Almaty', languages: ['kk'] }
const ministry = {
  id: 'kz-ministry',
  name: 'Министерство примеров',
  names: { kk: 'Мысалдар министрлігі' },
  group: 'm',
  ...BODY,
}
const row = (id: string, more: object = {}) =>
  [
    'assets',
    {
      id,
      constituent: 'kz-ministry',
      circuit: 'inner',
      ip: '10.0.0.5',
      hostname: id,
      unit: 'Бухгалтерия',
      floor: '3',
      office: '301',
      responsible: 'А. Сотрудник',
      os: 'Windows 11',
      systemId: 'erp',
      criticality: 80,
      ...more,
    },
  ] as const satisfies readonly [Section, object]
const registry = registryOf([
  ['constituents', ministry],
  ['constituents', { ...ministry, id: 'kz-agency', name: 'Агентство', names: {}, group: 'a' }],
  row('ws-1'),
  row('ws-2', { ip: '10.0.0.6' }),
  row('gw-1', { circuit: 'outer', ip: '192.0.2.40' }),
])
const HEADER =
  'Контур,№,Наименование государственного органа,Структурное подразделение,"Расположение (этаж, кабинет)",ФИО пользователя / ответственного лица,Сетевое имя рабочей станции / серверного оборудования,IP-адрес,Наименование операционной системы'
const filled = (...rows: string[]): ImportFile => ({
  name: 'assets.csv',
  section: 'assets',
  octets: Buffer.from([HEADER, ...rows].join('\n')),
})
const GOOD = 'Внутренний контур,1,Министерство примеров,ИТ,"2, 204",Б. Сотрудник,ws-9,10.0.0.9,Debian 12'
const faultsOf = (current: Registry, file: ImportFile): string[] =>
  planImport([file], current, change).files.flatMap(({ name, faults }) => faults.map((fault) => faultText(name, fault)))

test('KZ-A-1 KZ-A-2 the form has eight columns in two sections; № begins at 1 in each, the body stands there by its name', () => {
  const sections = appendixOf(registry, 'kz-ministry', 'ru')
  assert.deepEqual(
    sections.map(({ name, rows }) => [name, rows.length - 1, rows[0]?.length]),
    [
      ['Внутренний контур', 2, 8],
      ['Внешний контур', 1, 8],
    ],
  )
  assert.deepEqual(
    sections.map(({ rows: [, ...body] }) => body.map((cells) => cells[0])),
    [['1', '2'], ['1']],
  )
  for (const [language, name] of [
    ['ru', 'Министерство примеров'],
    ['kk', 'Мысалдар министрлігі'],
  ] as const)
    assert.equal(appendixOf(registry, 'kz-ministry', language)[0]?.rows[1]?.[1], name)
  const without = GOOD.replace('Министерство примеров', '')
  assert.match(faultsOf(registry, filled(without))[0] ?? '', /row 2, column constituent must not be empty/)
  const unknown = GOOD.replace('Министерство примеров', 'Министерство чужое')
  assert.match(faultsOf(registry, filled(unknown))[0] ?? '', /row 2, column constituent has "Министерство чужое"/)
})

test('KZ-A-3 KZ-A-8 a row without its structural unit or its operating system is not taken', () => {
  assert.deepEqual(faultsOf(registry, filled(GOOD)), [])
  assert.deepEqual(faultsOf(registry, filled(GOOD.replace(',ИТ,', ',,'))), [
    'assets.csv: row 2, column unit must not be empty for a body of Kazakhstan (KZ-A).',
  ])
  assert.deepEqual(faultsOf(registry, filled(GOOD.replace('Debian 12', ''))), [
    'assets.csv: row 2, column os must not be empty for a body of Kazakhstan (KZ-A).',
  ])
})

test('KZ-A-4 KZ-A-5 floor and office are two values in one cell; who is responsible is kept', () => {
  const after = afterPlan(registry, [filled(GOOD)])
  const asset = [...after.assets.values()].map(({ entry }) => entry).find(({ ip }) => ip === '10.0.0.9')
  assert.deepEqual([asset?.['floor'], asset?.['office'], asset?.['responsible']], ['2', '204', 'Б. Сотрудник'])
  const printed = appendixOf(after, 'kz-ministry', 'kk')[0]?.rows.find((cells) => cells[6] === '10.0.0.9')
  assert.deepEqual(printed?.slice(3, 5), ['2, 204', 'Б. Сотрудник'])
})

test('KZ-A-6 KZ-A-7 network name and address are each unique in a circuit of a body, and the address is one', () => {
  const twice = (line: string) => faultsOf(registry, filled(line, GOOD))
  const second = GOOD.replace('ws-9', 'WS-1')
  assert.match(
    faultsOf(registry, filled(second))[0] ?? '',
    /row 2, column hostname has "WS-1", which the asset ws-1 has too/,
  )
  // The same name is free in the other circuit and in another body.
  assert.deepEqual(faultsOf(registry, filled(second.replace('Внутренний', 'Внешний'))), [])
  assert.deepEqual(faultsOf(registry, filled(second.replace('Министерство примеров', 'Агентство'))), [])
  assert.match(
    faultsOf(registry, filled(GOOD.replace('10.0.0.9', '10.0.0.999')))[0] ?? '',
    /column ip has "10\.0\.0\.999", which must be an/,
  )
  assert.match(twice(GOOD.replace('ws-9', 'ws-10'))[0] ?? '', /row 3, column ip has "10\.0\.0\.9", which row 2 has too/)
  assert.deepEqual(faultsOf(registry, filled(GOOD.replace('10.0.0.9', '2001:db8::9'))), [])
})

describe('the filled form', () => {
  test('KZ-A what was printed is read back without a difference, as a workbook and as a table, in each language', () => {
    for (const language of APPENDIX_LANGUAGES) {
      const sections = appendixOf(registry, 'kz-ministry', language)
      const sheets: ImportFile[] = readXlsx(writeXlsx(sections)).map(({ name, table }) => ({
        name: 'filled.xlsx',
        section: 'assets',
        circuit: circuitNamed(name),
        table,
      }))
      assert.equal(sheets.length, 2)
      const csv: ImportFile = {
        name: 'assets.csv',
        section: 'assets',
        octets: Buffer.from(writeCsv(appendixTable(sections, language))),
      }
      for (const files of [sheets, [csv]]) {
        const plan = planImport(files, registry, change)
        assert.deepEqual([plan.accepted, plan.changes.length], [3, 0], language)
        assert.deepEqual(differences(registry, afterPlan(registry, files)), [])
      }
    }
  })

  test('any body printed and read into an empty list of assets shows the same form again', () => {
    const word = fc.stringMatching(/^[A-Za-zА-я'=+@;"][A-Za-z А-я=;,"]{0,8}[A-Za-z"]$/)
    const asset = fc.record({
      circuit: fc.constantFrom('inner', 'outer'),
      unit: word,
      floor: fc.option(fc.stringMatching(/^[0-9]{1,2}$/)),
      office: fc.option(fc.stringMatching(/^[0-9]{1,4}$/)),
      responsible: fc.option(word),
      os: word,
    })
    fc.assert(
      fc.property(fc.array(asset, { maxLength: 12 }), fc.constantFrom(...APPENDIX_LANGUAGES), (assets, language) => {
        const rows = assets.map((one, index) =>
          row(`a-${index}`, { ...one, ip: `10.1.0.${index}`, hostname: `h-${index}` }),
        )
        const full = registryOf([['constituents', ministry], ...rows])
        const bodies = registryOf([['constituents', ministry]])
        const csv: ImportFile = {
          name: 'assets.csv',
          section: 'assets',
          octets: Buffer.from(writeCsv(appendixTable(appendixOf(full, 'kz-ministry', language), language))),
        }
        const plan = planImport([csv], bodies, change)
        assert.deepEqual(plan.files[0]?.faults, [])
        const again = (one: Registry) =>
          appendixOf(one, 'kz-ministry', language).map(({ rows: [, ...body] }) =>
            body.map((cells) => cells.slice(1)).sort((x, y) => (String(x[5]) < String(y[5]) ? -1 : 1)),
          )
        assert.deepEqual(again(afterPlan(bodies, [csv])), again(full))
      }),
      { numRuns: 60 },
    )
  })

  test('a name that two bodies share gives neither of them the row', () => {
    const twins = registryOf([
      ['constituents', ministry],
      ['constituents', { ...ministry, id: 'kz-twin', group: 't' }],
    ])
    assert.match(faultsOf(twins, filled(GOOD))[0] ?? '', /column constituent has "Министерство примеров"/)
  })

  test('a table that is not the form is read by its own header', () => {
    assert.equal(readCsv('constituent,circuit,ip').rows.length, 1)
    assert.equal(circuitNamed('Assets'), null)
    assert.throws(() => importFiles('/nowhere.xlsx', undefined))
  })
})
