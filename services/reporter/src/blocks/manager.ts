import type { RegistryContact, RegistrySystem } from '@tocsin/events'
import type { Cell } from '../document/document.ts'
import type { Label } from '../labels/index.ts'
import type { Block, BlockContext } from './context.ts'

/** Fields that say who changed an entry, and nothing of it. */
const WHO_CHANGED = new Set(['changedAt', 'changedBy', 'reason'])

/** Systems of the scope, in order of their ids; what is printed of each is part of the hash. */
export function systemsOf(context: BlockContext): RegistrySystem[] {
  const constituent = context.input.bodies.map((body) => body.constituentId)
  return context.evidence
    .list<RegistrySystem>('registry-systems', { constituent, deleted: false }, (system) =>
      Object.entries(system).filter(([field]) => !WHO_CHANGED.has(field)),
    )
    .sort((one, other) => (one.systemId < other.systemId ? -1 : 1))
}

/** Manager, unit in charge and contacts (A2 block 1, A1-11). */
export const manager: Block = (context) => {
  const { label, input } = context
  const own = contactsOf(context)
  const ofRole = (...roles: readonly string[]): string => {
    const found = own.filter(({ role }) => roles.includes(role))
    return found.length === 0 ? label('notEntered') : found.map(contactText).join('\n')
  }
  const rows: [string, Cell][] = [
    [label('manager'), input.constituent === null ? '–' : context.bodyName(input.constituent)],
    [label('unitInCharge'), ofRole('unit-in-charge')],
    [label('contact'), ofRole('contact', 'manager', 'operator')],
  ]
  context.evidence.note('contacts', own.map(contactText))
  return [{ part: 'fields', rows }]
}

/** Contacts of the bodies in scope that are in force when the report is made. */
export function contactsOf(context: BlockContext): RegistryContact[] {
  const { data, bodies, createdAt } = context.input
  const ids = new Set(bodies.map(({ constituentId }) => constituentId))
  return data.contacts.filter(
    ({ constituent, deleted, test, validFrom, validTo }) =>
      ids.has(constituent) && !deleted && !test && validFrom <= createdAt && (validTo === null || createdAt < validTo),
  )
}

function contactText({ name, position, phone, email }: RegistryContact): string {
  return [name, position, phone, email].filter((text) => text !== null && text !== '').join(', ')
}

/** Monitored systems and their class (A2 block 2). */
export const systems: Block = (context) => {
  const { label } = context
  const nameOf = new Map(context.input.bodies.map((body) => [body.constituentId, context.bodyName(body)]))
  const rows = systemsOf(context).map((system): Cell[] => [
    system.name,
    nameOf.get(system.constituent) ?? system.constituent,
    String(system.systemClass),
    system.services.join('; ') || system.description,
  ])
  return [
    {
      part: 'table',
      columns: [
        { title: label('system'), width: 2 },
        { title: label('body'), width: 2 },
        { title: label('systemClass'), width: 0.7 },
        { title: label('provided'), width: 3 },
      ],
      rows,
      empty: label('none'),
    },
  ]
}

const WORDS: Readonly<Record<string, Label>> = {
  direct: 'direct',
  indirect: 'indirect',
  both: 'both',
  self: 'self',
  provider: 'provider',
  ministry: 'ministry',
}

/** How each system is watched, and by whom (A2 block 3, VN-4.1a). */
export const surveillanceMode: Block = (context) => {
  const { label } = context
  const word = (text: string): string => {
    const known = WORDS[text]
    return known === undefined ? text : label(known)
  }
  return [
    {
      part: 'table',
      columns: [{ title: label('system'), width: 2 }, { title: label('mode') }, { title: label('performedBy') }],
      rows: systemsOf(context).map((system) => [system.name, word(system.surveillanceMode), word(system.performedBy)]),
      empty: label('none'),
    },
  ]
}

/** A text that people enter for this report: difficulties, proposals, a free annex (W-7, A2 block 7). */
export const entered: Block = (context, options) => {
  const name = String(options['name'] ?? 'annex')
  const text = context.input.entered.texts[name] ?? ''
  context.evidence.note(`entered ${name}`, [text])
  if (text.trim() === '') return [{ part: 'text', text: context.label('notEntered'), note: true }]
  return text
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => ({ part: 'text', text: paragraph.trim() }))
}
