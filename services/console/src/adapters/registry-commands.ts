import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import { writeXlsx } from '@tocsin/sheets'
import { assetIds } from '../registry/asset-ids.ts'
import { atCluster, type Cluster, readChanges, readRegistry } from '../registry/cluster.ts'
import { gapsOf, gapText } from '../registry/completeness.ts'
import { differences, differenceText } from '../registry/difference.ts'
import { type Entry, SECTIONS, type Section } from '../registry/entries.ts'
import { emptyRegistry, entriesOf, type Registry } from '../registry/held.ts'
import { asOf, historyText, inOrder, pointInTime } from '../registry/history.ts'
import { faultText, readImportFile } from '../registry/plan-import.ts'
import { writeRegistryFile } from '../registry/registry-file.ts'
import { sectionNamed, sheetRows, writeSheet } from '../registry/sheet.ts'
import { filesOf, importFiles } from './registry-import-command.ts'

/** `tocsin registry export`: the registry as it is, or as it was, as files that `registry import` reads back. */
export const registryExport: Command = {
  name: 'registry export',
  summary:
    'write the registry as it is, or as it was at a date, as YAML, CSV or XLSX that `registry import` reads back',
  usage:
    'registry export [--as-of DATE] [--format yaml|csv|xlsx] [--section SECTION] [--constituent ID] [--out FOLDER]',
  examples: [
    'tocsin registry export > registry.yaml',
    'tocsin registry export --as-of 2026-09-30 --format csv --out quarter-3',
    'tocsin registry export --format xlsx > registry.xlsx',
    'tocsin registry export --format csv --section assets --constituent kz-ministry > assets.csv',
  ],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        'as-of': { type: 'string' },
        format: { type: 'string', default: 'yaml' },
        section: { type: 'string' },
        constituent: { type: 'string' },
        out: { type: 'string' },
      },
    })
    const { format, section: name, constituent, out } = values
    if (format !== 'yaml' && format !== 'csv' && format !== 'xlsx')
      throw wrong(`--format is yaml, csv or xlsx, not "${format}".`)
    const section = name === undefined ? null : sectionOf(name)
    if (format === 'csv' && section === null && out === undefined)
      throw wrong('A table holds one section: name it with --section, or a folder for all of them with --out.')
    const registry = await atCluster(io, (cluster) => registryAt(cluster, values['as-of'] ?? 'now'))
    const sections = section === null ? SECTIONS : [section]
    const chosen = (of: Section) =>
      sections.includes(of) ? entriesOf(registry, of).filter((entry) => isOf(of, entry, constituent)) : []
    if (format === 'yaml') put(io, out, 'registry.yaml', writeRegistryFile(chosen))
    else if (format === 'xlsx') {
      const sheets = sections.map((name) => ({ name, rows: sheetRows(name, chosen(name)) }))
      put(io, out, 'registry.xlsx', writeXlsx(sheets))
    } else for (const of of sections) put(io, out, `${of}.csv`, writeSheet(of, chosen(of)))
    return 0
  },
}

/** `tocsin registry diff`: what differs between two files, dates, or the registry in force. */
export const registryDiff: Command = {
  name: 'registry diff',
  summary: 'show what differs between two registries: files, folders, dates or `now`; exit code 1 where anything does',
  usage: 'registry diff A [B] [--section SECTION] [--json]    A, B: FILE, FOLDER, DATE or now (B where it is left out)',
  examples: [
    'tocsin registry diff 2026-06-30 2026-09-30',
    'tocsin registry diff 2026-09-30 --section assets',
    'tocsin registry diff quarter-3 registry.yaml',
  ],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { section: { type: 'string' }, json: { type: 'boolean', default: false } },
    })
    const [before, after = 'now', ...more] = positionals
    if (before === undefined || more.length > 0) throw wrong('Name one or two of: a file, a folder, a date, now.')
    const section = values.section === undefined ? null : sectionOf(values.section)
    const [from, to] = await twoRegistries(io, before, after)
    const found = differences(from, to).filter((one) => section === null || one.section === section)
    for (const one of found) io.stdout.write(values.json ? `${JSON.stringify(one)}\n` : differenceText(one))
    if (!values.json) io.stdout.write(found.length === 0 ? 'no difference\n' : `${found.length} differences\n`)
    return found.length === 0 ? 0 : 1
  },
}

/** `tocsin registry history`: who changed what, when and why. */
export const registryHistory: Command = {
  name: 'registry history',
  summary: 'list who changed what in the registry, when and why, oldest first',
  usage: 'registry history [SECTION [ID]] [--since DATE] [--json]',
  examples: ['tocsin registry history assets kz-ws-5', 'tocsin registry history --since 2026-09-30 --json'],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { since: { type: 'string' }, json: { type: 'boolean', default: false } },
    })
    const [name, id] = positionals
    const section = name === undefined ? null : sectionOf(name)
    const since = values.since === undefined ? Number.NEGATIVE_INFINITY : timeOf(values.since)
    const changes = inOrder(await atCluster(io, readChanges)).filter(
      (change) =>
        (section === null || change.section === section) &&
        (id === undefined || change.recordId === id) &&
        change.changedAt > since,
    )
    for (const change of changes) io.stdout.write(values.json ? `${JSON.stringify(change)}\n` : historyText(change))
    if (!values.json) io.stdout.write(`${changes.length} changes\n`)
    return 0
  },
}

/** `tocsin registry check`: what the law wants of the registry and is not there. */
export const registryCheck: Command = {
  name: 'registry check',
  summary:
    'list what the law wants filled in and is empty, and certificates that end within 30 days; exit code 1 where any',
  usage: 'registry check [--constituent ID] [--json]',
  examples: ['tocsin registry check --constituent vn-portal'],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { constituent: { type: 'string' }, json: { type: 'boolean', default: false } },
    })
    const found = await atCluster(io, async (cluster) => gapsOf(await readRegistry(cluster), cluster.clock.now()))
    const gaps = found.filter(
      ({ constituent }) => values.constituent === undefined || constituent === values.constituent,
    )
    for (const gap of gaps) io.stdout.write(values.json ? `${JSON.stringify(gap)}\n` : gapText(gap))
    if (!values.json)
      io.stdout.write(gaps.length === 0 ? 'nothing is missing\n' : `${gaps.length} things are missing\n`)
    return gaps.length === 0 ? 0 : 1
  },
}

/** The two sides of a difference; the cluster is asked only where one of them is a date or `now`. */
async function twoRegistries(io: CommandIo, before: string, after: string): Promise<[Registry, Registry]> {
  const files = [before, after].map((name) => (isTime(name) ? null : fromFiles(name)))
  const [from, to] = files
  if (from && to) return [from, to]
  return atCluster(io, async (cluster) => [
    from ?? (await registryAt(cluster, before)),
    to ?? (await registryAt(cluster, after)),
  ])
}

/** The registry in force, or as it was at a date that a person typed. */
export async function registryAt(cluster: Cluster, time: string): Promise<Registry> {
  const current = await readRegistry(cluster)
  if (time === 'now') return current
  const at = timeOf(time)
  return asOf(current, await readChanges(cluster), at)
}

/** What files say, checked against nothing but each other. */
function fromFiles(path: string): Registry {
  const registry = emptyRegistry()
  const idOf = assetIds(registry)
  for (const file of filesOf(path).flatMap((name) => importFiles(name, undefined))) {
    const { entries, faults } = readImportFile(file, idOf, registry)
    const [fault] = faults
    if (fault !== undefined) throw wrong(`${faultText(file.name, fault)} A file with faults cannot be compared.`)
    for (const { section, entry } of entries) registry[section].set(entry.id, { entry, changedAt: 0 })
  }
  return registry
}

function isTime(name: string): boolean {
  return name === 'now' || typeof pointInTime(name) === 'number'
}

function timeOf(text: string): number {
  const at = pointInTime(text)
  if (typeof at !== 'number') throw wrong(`"${at.place}" ${at.reason}.`)
  return at
}

/** The section of a name that a person typed; throws where there is none. */
export function sectionOf(name: string): Section {
  const section = sectionNamed(name)
  if (section === null) throw wrong(`"${name}" is no section of the registry; these are: ${SECTIONS.join(', ')}.`)
  return section
}

/** True where an entry is a body, or belongs to it; every entry where no body is asked for. */
function isOf(section: Section, entry: Entry, constituent: string | undefined): boolean {
  return constituent === undefined || entry[section === 'constituents' ? 'id' : 'constituent'] === constituent
}

/** Writes to standard output, or into a folder; for the owner's eyes, because the registry names people. */
export function put(io: CommandIo, folder: string | undefined, name: string, text: string | Buffer): void {
  if (folder === undefined) io.stdout.write(text)
  else {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    io.stdout.write(`${join(folder, name)}\n`)
  }
}

/** What is thrown where a command was used wrongly. */
export function wrong(sentence: string): TocsinError {
  return new TocsinError('bad_arguments', sentence)
}
