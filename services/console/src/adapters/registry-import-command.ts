import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Request } from '@tocsin/events'
import { type Command, messageOf, TocsinError } from '@tocsin/runtime'
import { readXlsx, type WorkbookSheet } from '@tocsin/sheets'
import { atCluster, type Cluster, readChanges, readRegistry, writeChanges } from '../registry/cluster.ts'
import { SECTIONS, type Section } from '../registry/entries.ts'
import { circuitNamed } from '../registry/kz-appendix.ts'
import { faultText, type ImportFile, planImport } from '../registry/plan-import.ts'
import { answerOfImport } from '../registry/quarter-answer.ts'
import { sectionNamed } from '../registry/sheet.ts'

const usage =
  'registry import FILE|FOLDER… [--section SECTION] [--reason TEXT] [--check] [--answers REQUEST [--role ROLE]…]'
const MAX_FILE_BYTES = 64 * 1024 * 1024

/** `tocsin registry import`: publishes constituents, systems, assets, sources and contacts from files. */
export const registryImport: Command = {
  name: 'registry import',
  summary: 'read registry files (YAML, JSON, CSV, XLSX) and publish what changes; faults are named by row and column',
  usage,
  examples: [
    'tocsin registry import registry.yaml --reason "quarterly update"',
    'tocsin registry import assets.csv --check',
    'tocsin registry import registry.xlsx --reason "as sent on 3 October"',
    'tocsin registry import filled.xlsx --answers R-KZ-2026-1-000004 --reason "fourth quarter"',
    'tocsin registry import ministry.csv --section assets --reason "third quarter"',
  ],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        reason: { type: 'string', default: 'import' },
        section: { type: 'string' },
        check: { type: 'boolean', default: false },
        answers: { type: 'string' },
        role: { type: 'string', multiple: true, default: ['national'] },
      },
    })
    if (positionals.length === 0) throw new TocsinError('bad_arguments', `No file is named. Usage: tocsin ${usage}`)
    const parts = positionals
      .flatMap(filesOf)
      .flatMap((path) => importFiles(path, values.section).map((file) => ({ path, file })))
    return atCluster(io, async (cluster) => {
      const change = { changedBy: io.env['USER'] ?? 'cli', changedAt: cluster.clock.now(), reason: values.reason }
      const plan = planImport(
        parts.map(({ file }) => file),
        await readRegistry(cluster),
        change,
      )
      const asked = values.answers === undefined ? null : await requestNamed(cluster, values.answers)
      if (!values.check) await writeChanges(cluster, plan.changes)
      for (const [index, { accepted, faults, faultyRows }] of plan.files.entries()) {
        const { path = '', file } = parts[index] ?? {}
        const section = file?.section ?? null
        const place = file !== undefined && 'table' in file ? `${path}, sheet ${section}` : path
        for (const fault of faults) io.stderr.write(`${faultText(place, fault)}\n`)
        io.stdout.write(`${place}: ${accepted} accepted, ${faults.length} faults\n`)
        if (faultyRows !== null && !values.check)
          io.stdout.write(
            `  the rows with faults are in ${keep(path, section, faultyRows)}: mend them there and import that file\n`,
          )
      }
      const created = plan.changes.filter(({ change: { action } }) => action === 'created').length
      const changed = plan.changes.length - created
      io.stdout.write(
        `${values.check ? 'nothing written; it would be: ' : ''}${created} created, ${changed} changed, ${plan.accepted - plan.changes.length} as they were\n`,
      )
      if (asked !== null && !values.check) {
        const files = positionals.flatMap(filesOf).map((path) => ({ name: basename(path), octets: readFileSync(path) }))
        const [after, changes] = [await readRegistry(cluster), await readChanges(cluster)]
        const who = { actor: change.changedBy, roles: values.role }
        const command = answerOfImport(asked, files, after, changes, who, change.changedAt)
        await (await cluster.publisher()).send({ topic: 'incident-commands', key: asked.constituent, value: command })
        io.stdout.write(`the answer to ${asked.number} is sent: tocsin request show ${asked.number}\n`)
      }
      return plan.files.every(({ faults }) => faults.length === 0) ? 0 : 1
    })
  },
}

async function requestNamed(cluster: Cluster, word: string): Promise<Request> {
  const found = [...(await cluster.table('requests')).values()].find(
    ({ requestId, number }) => requestId === word || number === word,
  )
  if (found === undefined)
    throw new TocsinError('unknown_request', `There is no request ${word}; nothing was imported.`)
  return found
}

/** A file is itself; a folder is its YAML files and its tables that are named after a section, in order of their names. */
export function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path).filter(
    (name) => /\.ya?ml$/.test(name) || SECTIONS.some((section) => name === `${section}.csv`),
  )
  return names.sort().map((name) => join(path, name))
}

/**
 * Reads a file; a table holds the section that `--section` names, else the one that its name begins with. Of a workbook these
 * are its sheets named after sections, or its first sheet where `--section` names one.
 */
export function importFiles(path: string, named: string | undefined): ImportFile[] {
  const { size } = statSync(path)
  if (size > MAX_FILE_BYTES)
    throw new TocsinError('bad_arguments', `${path} has ${size} octets; at most ${MAX_FILE_BYTES} are read.`)
  const name = basename(path)
  const octets = readFileSync(path)
  if (/\.xlsx$/i.test(name)) return sheetsOf(path, octets, named)
  if (!/\.csv$/i.test(name)) return [{ name, octets, section: null }]
  const section = sectionNamed(named ?? name.split('.')[0] ?? '')
  if (section === null)
    throw new TocsinError('bad_arguments', `${path}: say what the table holds: --section ${SECTIONS.join(', ')}.`)
  return [{ name, octets, section }]
}

function sheetsOf(path: string, octets: Buffer, named: string | undefined): ImportFile[] {
  const name = basename(path)
  const sheets = workbookOf(path, octets)
  const only = sectionNamed(named ?? '')
  const found =
    named === undefined
      ? sheets.map(({ name: sheet, table }) => {
          const circuit = circuitNamed(sheet)
          return {
            section: circuit === null ? sectionNamed(sheet.trim().toLowerCase()) : 'assets',
            circuit,
            table,
          } as const
        })
      : sheets.slice(0, 1).map(({ table }) => ({ section: only, circuit: null, table }))
  const files = found.flatMap(({ section, ...sheet }) => (section === null ? [] : [{ name, section, ...sheet }]))
  if (files.length === 0)
    throw new TocsinError(
      'bad_arguments',
      `${path}: no sheet is named after a section (${SECTIONS.join(', ')}); name the section of the first with --section.`,
    )
  return files
}

function workbookOf(path: string, octets: Buffer): WorkbookSheet[] {
  try {
    return readXlsx(octets)
  } catch (error) {
    throw new TocsinError('bad_arguments', `${path} cannot be read: ${messageOf(error)}.`, error)
  }
}

/** Writes the rows to mend beside their file, over no other file; for the owner's eyes, because they name people. */
function keep(path: string, section: Section | null, text: string): string {
  const stem = /\.csv$/i.test(path) ? path.replace(/\.csv$/i, '') : join(dirname(path), String(section))
  for (let count = 1; ; count++) {
    const beside = `${stem}.faults${count === 1 ? '' : `-${count}`}.csv`
    if (existsSync(beside)) continue
    writeFileSync(beside, text, { flag: 'wx', mode: 0o600 })
    return beside
  }
}
