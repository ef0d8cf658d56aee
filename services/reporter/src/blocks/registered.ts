import type { RegistryAsset } from '@tocsin/events'
import type { Cell } from '../document/document.ts'
import { valuesOf } from '../versions.ts'
import type { Block } from './context.ts'
import { contactsOf, systemsOf } from './manager.ts'

/** First block of Appendix 1: one row for each system under surveillance (A1-1 to A1-6). */
export const appendixSystems: Block = (context) => {
  const { label } = context
  return [
    {
      part: 'table',
      columns: [
        { title: label('system'), width: 1.8 },
        { title: label('addresses'), width: 1.3 },
        { title: label('domains'), width: 1.3 },
        { title: label('provided'), width: 1.6 },
        { title: label('os'), width: 1.4 },
        { title: label('webApps'), width: 1.4 },
      ],
      rows: systemsOf(context).map((system) => [
        `${system.name}\n${system.description}`,
        system.ips.join('\n'),
        system.domains.join('\n') || '–',
        system.services.join('\n'),
        system.os.join('\n'),
        system.webApps.join('\n') || '–',
      ]),
      empty: label('none'),
    },
  ]
}

/** Second block: where the surveillance stands, its lines, what it will collect and how (A1-7 to A1-10). */
export const appendixSurveillance: Block = (context) => {
  const { label } = context
  const rows = systemsOf(context).flatMap((system) =>
    system.expectedInputs.map((input, index): Cell[] => {
      const [what, protocol] = splitOnce(input)
      const first = index === 0
      return [
        first ? system.name : '',
        first ? (system.monitoringPosition ?? '') : '',
        first ? system.linkCapacityMbps.map((value) => context.number(value)).join('\n') : '',
        what,
        protocol,
      ]
    }),
  )
  return [
    {
      part: 'table',
      columns: [
        { title: label('system'), width: 1.6 },
        { title: label('position'), width: 2 },
        { title: label('capacity') },
        { title: label('expected'), width: 1.6 },
        { title: label('protocol') },
      ],
      rows,
      empty: label('none'),
    },
  ]
}

function splitOnce(text: string): [string, string] {
  const at = text.lastIndexOf(':')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** Manager, classes, contacts, date and version of the form (A1-11). */
export const appendixHead: Block = (context) => {
  const { label, input } = context
  const classes = [...new Set(systemsOf(context).map(({ systemClass }) => systemClass))].sort(
    (one, other) => one - other,
  )
  const roleOf = (role: string): string => {
    const known = input.pack.roles[role]
    return known === undefined ? role : context.text(known.title)
  }
  const contacts = contactsOf(context).map(({ name, role, phone, email }) =>
    [name, roleOf(role), phone, email].filter((text) => text !== null && text !== '').join(', '),
  )
  return [
    {
      part: 'fields',
      rows: [
        [label('manager'), input.constituent === null ? '–' : context.bodyName(input.constituent)],
        [label('systemClass'), classes.join(', ') || '–'],
        [label('contact'), contacts.join('\n') || label('notEntered')],
        [label('date'), context.day(input.createdAt)],
        [label('formVersion'), String(input.revision)],
      ],
    },
  ]
}

/** What differs from the version before, field by field. */
export const differences: Block = (context) => {
  const { label, input } = context
  if (input.former === null)
    return [{ part: 'text', text: label(input.revision > 1 ? 'differencesKept' : 'firstVersion'), note: true }]
  const now = valuesOf(input.data)
  const before = input.former.values
  const paths = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()
  const rows = paths
    .filter((path) => before[path] !== now[path])
    .map((path): Cell[] => [path, before[path] ?? '–', now[path] ?? '–'])
  return [
    {
      part: 'table',
      columns: [
        { title: label('fields'), width: 2 },
        { title: label('before'), width: 2 },
        { title: label('after'), width: 2 },
      ],
      rows,
      empty: label('none'),
    },
  ]
}

/** One section of the Kazakh appendix: the assets of a circuit with its eight columns (KZ-A). */
export const assets: Block = (context, options) => {
  const { label, input } = context
  const nameOf = new Map(input.bodies.map((body) => [body.constituentId, context.bodyName(body)]))
  const rows = context.evidence
    .list<RegistryAsset>(
      'registry-assets',
      { circuit: String(options['circuit'] ?? 'inner'), deleted: false, constituent: [...nameOf.keys()] },
      ({ assetId, unit, floor, office, hostname, ip, os }) => [assetId, unit, floor, office, hostname, ip, os],
    )
    .filter(({ validFrom, validTo }) => validFrom < input.to && (validTo === null || validTo >= input.to))
    .sort((one, other) => (`${one.constituent} ${one.ip}` < `${other.constituent} ${other.ip}` ? -1 : 1))
    .map((asset, index): Cell[] => [
      String(index + 1),
      nameOf.get(asset.constituent) ?? asset.constituent,
      asset.unit ?? '',
      [asset.floor, asset.office].filter((part) => part !== null).join(', '),
      asset.responsible ?? '',
      asset.hostname ?? '',
      asset.ip,
      asset.os ?? '',
    ])
  return [
    {
      part: 'table',
      columns: [
        { title: label('rowNumber'), width: 0.4 },
        { title: label('body'), width: 1.6 },
        { title: label('unit'), width: 1.4 },
        { title: label('place'), width: 1.1 },
        { title: label('responsible'), width: 1.4 },
        { title: label('hostname'), width: 1.3 },
        { title: label('address'), width: 1.1 },
        { title: label('os'), width: 1.4 },
      ],
      rows,
      empty: label('none'),
    },
  ]
}
