import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, TocsinError } from '@tocsin/runtime'
import { atCluster, readRegistry, writeChanges } from '../registry/cluster.ts'
import { SECTIONS } from '../registry/entries.ts'
import { faultText, type ImportFile, planImport } from '../registry/plan-import.ts'
import { sectionNamed } from '../registry/sheet.ts'

const usage = 'registry import FILE|FOLDER… [--section SECTION] [--reason TEXT] [--check]'
const MAX_FILE_BYTES = 64 * 1024 * 1024

/** `tocsin registry import`: publishes constituents, systems, assets, sources and contacts from files. */
export const registryImport: Command = {
  name: 'registry import',
  summary: 'read registry files (YAML, JSON, CSV) and publish what changes; faults are named by row and column',
  usage,
  examples: [
    'tocsin registry import registry.yaml --reason "quarterly update"',
    'tocsin registry import assets.csv --check',
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
      },
    })
    if (positionals.length === 0) throw new TocsinError('bad_arguments', `No file is named. Usage: tocsin ${usage}`)
    const paths = positionals.flatMap(filesOf)
    const files = paths.map((path) => importFile(path, values.section))
    return atCluster(io, async (cluster) => {
      const change = { changedBy: io.env['USER'] ?? 'cli', changedAt: cluster.clock.now(), reason: values.reason }
      const plan = planImport(files, await readRegistry(cluster), change)
      if (!values.check) await writeChanges(cluster, plan.changes)
      for (const [index, { accepted, faults, faultyRows }] of plan.files.entries()) {
        const path = paths[index] ?? ''
        for (const fault of faults) io.stderr.write(`${faultText(path, fault)}\n`)
        io.stdout.write(`${path}: ${accepted} accepted, ${faults.length} faults\n`)
        if (faultyRows !== null && !values.check)
          io.stdout.write(
            `  the rows with faults are in ${keep(path, faultyRows)}: mend them there and import that file\n`,
          )
      }
      const created = plan.changes.filter(({ change: { action } }) => action === 'created').length
      const changed = plan.changes.length - created
      io.stdout.write(
        `${values.check ? 'nothing written; it would be: ' : ''}${created} created, ${changed} changed, ${plan.accepted - plan.changes.length} as they were\n`,
      )
      return plan.files.every(({ faults }) => faults.length === 0) ? 0 : 1
    })
  },
}

/** A file is itself; a folder is its YAML files and its tables that are named after a section, in order of their names. */
export function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path).filter(
    (name) => /\.ya?ml$/.test(name) || SECTIONS.some((section) => name === `${section}.csv`),
  )
  return names.sort().map((name) => join(path, name))
}

/** Reads a file; a table holds the section that `--section` names, else the one that its name begins with. */
export function importFile(path: string, named: string | undefined): ImportFile {
  const { size } = statSync(path)
  if (size > MAX_FILE_BYTES)
    throw new TocsinError('bad_arguments', `${path} has ${size} octets; at most ${MAX_FILE_BYTES} are read.`)
  const name = basename(path)
  const octets = readFileSync(path)
  if (!/\.csv$/i.test(name)) return { name, octets, section: null }
  const section = sectionNamed(named ?? name.split('.')[0] ?? '')
  if (section === null)
    throw new TocsinError('bad_arguments', `${path}: say what the table holds: --section ${SECTIONS.join(', ')}.`)
  return { name, octets, section }
}

/** Writes the rows to mend beside their file, over no other file; for the owner's eyes, because they name people. */
function keep(path: string, text: string): string {
  const stem = path.replace(/\.csv$/i, '')
  for (let count = 1; ; count++) {
    const beside = `${stem}.faults${count === 1 ? '' : `-${count}`}.csv`
    if (existsSync(beside)) continue
    writeFileSync(beside, text, { flag: 'wx', mode: 0o600 })
    return beside
  }
}
