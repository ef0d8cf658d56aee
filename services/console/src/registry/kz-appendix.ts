import type { CsvRow, CsvTable } from '@tocsin/sheets'
import { assetIds } from './asset-ids.ts'
import type { Entry } from './entries.ts'
import type { Registry } from './held.ts'

/** Languages of the form; the law is published in the first two. */
export const APPENDIX_LANGUAGES = ['kk', 'ru', 'en'] as const
export type AppendixLanguage = (typeof APPENDIX_LANGUAGES)[number]

type Titles = Readonly<Record<AppendixLanguage, string>>

/** The two sections of the form, by circuit (AMB-KZ3). */
const CIRCUITS = {
  inner: { kk: 'Ішкі контур', ru: 'Внутренний контур', en: 'Inner circuit' },
  outer: { kk: 'Сыртқы контур', ru: 'Внешний контур', en: 'Outer circuit' },
} as const satisfies Record<string, Titles>
type Circuit = keyof typeof CIRCUITS

/** The eight columns of the appendix of Order 199/НҚ, in its order, with the field that each one is (KZ-A). */
const COLUMNS = [
  { field: 'row', titles: { kk: '№', ru: '№', en: '№' } },
  {
    field: 'constituent',
    titles: {
      kk: 'Мемлекеттік органның атауы',
      ru: 'Наименование государственного органа',
      en: 'Name of the state body',
    },
  },
  {
    field: 'unit',
    titles: { kk: 'Құрылымдық бөлімше', ru: 'Структурное подразделение', en: 'Structural unit' },
  },
  {
    field: 'place',
    titles: {
      kk: 'Орналасқан жері (қабат, кабинет)',
      ru: 'Расположение (этаж, кабинет)',
      en: 'Location (floor, office)',
    },
  },
  {
    field: 'responsible',
    titles: {
      kk: 'Пайдаланушының / жауапты адамның аты-жөні',
      ru: 'ФИО пользователя / ответственного лица',
      en: 'User or responsible person',
    },
  },
  {
    field: 'hostname',
    titles: {
      kk: 'Жұмыс станциясының / серверлік жабдықтың желілік атауы',
      ru: 'Сетевое имя рабочей станции / серверного оборудования',
      en: 'Network name',
    },
  },
  { field: 'ip', titles: { kk: 'IP-мекенжай', ru: 'IP-адрес', en: 'IP address' } },
  {
    field: 'os',
    titles: {
      kk: 'Операциялық жүйенің атауы',
      ru: 'Наименование операционной системы',
      en: 'Operating system',
    },
  },
] as const satisfies readonly { field: string; titles: Titles }[]

/** In a file of one table the section is a column of its own. */
const CIRCUIT_TITLES: Titles = { kk: 'Контур', ru: 'Контур', en: 'Circuit' }

/** Fields of an asset that the form does not show: a row that is known keeps them. */
const KEPT = ['id', 'systemId', 'criticality'] as const
const READ = ['constituent', 'circuit', 'unit', 'floor', 'office', 'responsible', 'hostname', 'ip', 'os'] as const

/** One section of the form: its name and its rows, header first; № begins at 1 in each. */
export interface AppendixSection {
  circuit: Circuit
  name: string
  rows: string[][]
}

/** The form of one body as it stands in the registry, both sections, in a language. */
export function appendixOf(registry: Registry, constituent: string, language: AppendixLanguage): AppendixSection[] {
  const body = registry.constituents.get(constituent)?.entry
  const names = (body?.['names'] ?? {}) as Readonly<Record<string, string>>
  const name = names[language] ?? (textOf(body?.['name']) || constituent)
  return (Object.keys(CIRCUITS) as Circuit[]).map((circuit) => {
    const assets = [...registry.assets.values()]
      .map(({ entry }) => entry)
      .filter((entry) => entry['constituent'] === constituent && entry['circuit'] === circuit)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
    const rows = assets.map((asset, index) => COLUMNS.map(({ field }) => cellOf(asset, field, index + 1, name)))
    return {
      circuit,
      name: CIRCUITS[circuit][language],
      rows: [COLUMNS.map(({ titles }) => titles[language]), ...rows],
    }
  })
}

/** Both sections as one table, the section in a column of its own before the eight. */
export function appendixTable(sections: readonly AppendixSection[], language: AppendixLanguage): string[][] {
  const [header = []] = sections[0]?.rows ?? []
  const rows = sections.flatMap(({ name, rows: [, ...body] }) => body.map((row) => [name, ...row]))
  return [[CIRCUIT_TITLES[language], ...header], ...rows]
}

function cellOf(asset: Entry, field: (typeof COLUMNS)[number]['field'], number: number, body: string): string {
  if (field === 'row') return String(number)
  if (field === 'constituent') return body
  if (field === 'place') return [asset['floor'], asset['office']].map(textOf).join(', ')
  return textOf(asset[field])
}

/** The circuit that the name of a sheet means, in any of the languages; null where it means none. */
export function circuitNamed(name: string): Circuit | null {
  const wanted = name.trim().toLowerCase()
  const found = (Object.keys(CIRCUITS) as Circuit[]).find((circuit) =>
    [circuit, ...Object.values(CIRCUITS[circuit])].some((title) => title.toLowerCase() === wanted),
  )
  return found ?? null
}

/** True where the first row is the header of the form, in any of its languages. */
export function isAppendix(table: CsvTable): boolean {
  const fields = (table.rows[0]?.cells ?? []).map(fieldNamed)
  return ['constituent', 'ip', 'os', 'place'].every((field) => fields.includes(field))
}

/**
 * Turns a filled form into a table of assets as `readSheet` takes it, with the numbers of its rows. The body may stand there by
 * its name in any language or its id; what the form does not show is kept from the asset that has this address.
 */
export function assetTableOf(table: CsvTable, circuit: string | null, current: Registry): CsvTable {
  const [header, ...rows] = table.rows
  const fields = (header?.cells ?? []).map(fieldNamed)
  const bodies = bodiesByName(current)
  const idOf = assetIds(current)
  const asAsset = (row: CsvRow): CsvRow => {
    const cell = (field: string): string => row.cells[fields.indexOf(field)]?.trim() ?? ''
    const [floor = '', ...office] = cell('place').split(/[,;/]/)
    const named = cell('constituent')
    const values: Record<string, string> = {
      constituent: bodies.get(named.toLowerCase()) ?? named,
      circuit: circuit ?? circuitNamed(cell('circuit')) ?? cell('circuit'),
      unit: cell('unit'),
      floor: floor.trim(),
      office: office.join(',').trim(),
      responsible: cell('responsible'),
      hostname: cell('hostname'),
      ip: cell('ip'),
      os: cell('os'),
    }
    const known = current.assets.get(idOf(values))?.entry
    const kept = KEPT.map((field) => textOf(known?.[field]))
    return { number: row.number, cells: [...READ.map((field) => values[field] ?? ''), ...kept] }
  }
  const first: CsvRow = { number: header?.number ?? 1, cells: [...READ, ...KEPT] }
  return { ...table, rows: [first, ...rows.map(asAsset)] }
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function fieldNamed(title: string): string | null {
  const wanted = title
    .replace(/^\uFEFF/, '')
    .trim()
    .toLowerCase()
  const is = (titles: Titles) => Object.values(titles).some((known) => known.toLowerCase() === wanted)
  return COLUMNS.find(({ titles }) => is(titles))?.field ?? (is(CIRCUIT_TITLES) ? 'circuit' : null)
}

/** A name that two bodies share means neither: their rows must not change places. */
function bodiesByName(registry: Registry): Map<string, string | null> {
  const found = new Map<string, string | null>()
  for (const { entry } of registry.constituents.values()) {
    const names = Object.values((entry['names'] ?? {}) as Readonly<Record<string, string>>)
    for (const name of new Set([textOf(entry['name']), ...names].map((one) => one.trim().toLowerCase())))
      found.set(name, found.has(name) ? null : entry.id)
  }
  return found
}
