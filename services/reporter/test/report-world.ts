import { join } from 'node:path'
import type { Incident, Language, RegistryChange, RegistryConstituent, RegistryContact } from '@tocsin/events'
import { loadPacks } from '../src/adapters/packs.ts'
import { BLOCKS } from '../src/blocks/index.ts'
import { outputOf } from '../src/outputs/index.ts'
import { inputOf, type ReportOrder, type ReportSources } from '../src/produce.ts'
import { type Rendered, render } from '../src/render.ts'
import type { Entered } from '../src/report-input.ts'
import type { ReportPack } from '../src/schedule.ts'
import type { ReportTemplate } from '../src/template.ts'
import { body, DAY0, MINUTE } from './world.ts'

const loaded = loadPacks(join(import.meta.dirname, '../../../regulations'))
if (loaded.refused.length > 0) throw new Error(JSON.stringify(loaded.refused))
export const packs = loaded.packs
export const vietnam = packOf('vn-circular-31')
export const kazakhstan = packOf('kz-order-199')
export const taiwan = packOf('tw-soc-1.3')
export const blockNames = Object.keys(BLOCKS)

function packOf(id: string): ReportPack {
  const found = packs.find(({ pack }) => pack.id === id)
  if (found === undefined) throw new Error(`no pack ${id}`)
  return found
}

/** The template of a pack. */
export function templateOf(of: ReportPack, id: string): ReportTemplate {
  const found = of.templates.find((template) => template.id === id)
  if (found === undefined) throw new Error(`no template ${id}`)
  return found
}

type Records<Of> = Of extends () => Iterable<infer Kind> ? readonly Kind[] : never
export type Given = { [Name in keyof ReportSources]?: Records<ReportSources[Name]> }

/** Topics that hold what is given, and the one body of the tests. */
export function sourcesOf(given: Given = {}): ReportSources {
  const of =
    <Name extends keyof ReportSources>(name: Name) =>
    () =>
      given[name] ?? []
  return {
    facts: of('facts'),
    incidents: of('incidents'),
    sources: of('sources'),
    systems: of('systems'),
    assets: of('assets'),
    contacts: of('contacts'),
    changes: of('changes'),
    requests: of('requests'),
    tickets: of('tickets'),
    reports: of('reports'),
    constituents: () => given.constituents ?? [body],
  } as ReportSources
}

/** An order of one report; the first minutes after its period. */
export function orderOf(
  of: ReportPack,
  id: string,
  from: number,
  to: number,
  over: Partial<ReportOrder> = {},
): ReportOrder {
  const template = templateOf(of, id)
  return {
    template,
    pack: of.pack,
    constituent: template.scope === 'national' ? null : body,
    from,
    to,
    languages: template.languages,
    revision: 1,
    createdAt: to + 10 * MINUTE,
    dueAt: null,
    missedAt: null,
    former: null,
    ...over,
  }
}

/** A report as data, made from topics. */
export function made(order: ReportOrder, given: Given, language?: Language, entered?: Entered): Rendered {
  return render(inputOf(order, sourcesOf(given), language ?? order.languages[0] ?? 'en', entered))
}

/** Its page. */
export async function pageOf(rendered: Rendered): Promise<string> {
  return (await outputOf('html', rendered)).toString()
}

export function contactOf(over: Partial<RegistryContact> = {}): RegistryContact {
  const fields: Partial<RegistryContact> = {
    contactId: 'vn-contact',
    constituent: body.constituentId,
    role: 'unit-in-charge',
    name: 'Nguyễn Thị Mẫu',
    position: 'Trưởng phòng',
    phone: '+84 24 0000 0000',
    email: 'mau@example.vn',
    language: 'vi',
    channels: ['mail'],
    test: false,
    validFrom: 0,
    validTo: null,
    deleted: false,
    ...over,
  }
  return fields as RegistryContact
}

export function registryChangeOf(over: Partial<RegistryChange> = {}): RegistryChange {
  return {
    changeId: 'change-1',
    section: 'systems',
    recordId: 'vn-system',
    constituent: body.constituentId,
    action: 'changed',
    fields: ['ips'],
    before: '{"name":"Cổng","ips":["192.0.2.1"]}',
    after: '{"name":"Cổng","ips":["192.0.2.2"]}',
    hash: null,
    origin: null,
    changedBy: 'operator',
    changedAt: DAY0,
    reason: 'new line',
    ...over,
  }
}

export function bodyOf(id: string, pack: string, over: Partial<RegistryConstituent> = {}): RegistryConstituent {
  return { ...body, constituentId: id, name: `Body ${id}`, names: {}, pack, ...over }
}

export type { Incident }
