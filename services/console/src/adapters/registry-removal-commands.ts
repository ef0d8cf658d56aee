import { parseArgs } from 'node:util'
import type { Command } from '@tocsin/runtime'
import { atCluster, readChanges, readRegistry, writeChanges } from '../registry/cluster.ts'
import type { Section } from '../registry/entries.ts'
import { changeOf, forget } from '../registry/history.ts'
import { outputOf } from '../registry/records.ts'
import { sectionOf, wrong } from './registry-commands.ts'

/** `tocsin registry withdraw`: takes entries out of force; their history stays. */
export const registryWithdraw: Command = {
  name: 'registry withdraw',
  summary: 'take entries out of force; what they were stays in the history',
  usage: 'registry withdraw SECTION ID… --reason TEXT',
  examples: ['tocsin registry withdraw assets kz-ws-5 --reason "scrapped, act 14"'],
  async run(args, io) {
    const { section, ids, reason } = named(args)
    return atCluster(io, async (cluster) => {
      const registry = await readRegistry(cluster)
      const change = { changedBy: io.env['USER'] ?? 'cli', changedAt: cluster.clock.now(), reason }
      const made = ids.map((id) => {
        const entry = registry[section].get(id)?.entry
        const record = changeOf(section, entry, undefined, { ...change, origin: null })
        if (entry === undefined || record === null) throw wrong(`${section} has no ${id}; nothing was withdrawn.`)
        return { change: record, outputs: [outputOf(section, entry, change, true)] }
      })
      await writeChanges(cluster, made)
      io.stdout.write(`${made.length} withdrawn\n`)
      return 0
    })
  },
}

/** `tocsin registry forget`: deletes what is known of an entry, in force and in the past; a hash of it remains. */
export const registryForget: Command = {
  name: 'registry forget',
  summary: 'delete an entry with its whole history, such as a person who asks for it; who, when, why and a hash remain',
  usage: 'registry forget SECTION ID… --reason TEXT',
  examples: ['tocsin registry forget contacts vn-operator --reason "left; asked for it on 12 May"'],
  async run(args, io) {
    const { section, ids, reason } = named(args)
    return atCluster(io, async (cluster) => {
      const [registry, changes] = await Promise.all([readRegistry(cluster), readChanges(cluster)])
      const change = { changedBy: io.env['USER'] ?? 'cli', changedAt: cluster.clock.now(), reason, origin: null }
      const made = ids.map((id) => {
        const forgotten = forget(section, id, registry, changes, change)
        if (forgotten === null) throw wrong(`${section} has and had no ${id}; nothing was forgotten.`)
        return forgotten
      })
      await writeChanges(cluster, made)
      io.stdout.write(`${made.length} forgotten\n`)
      return 0
    })
  },
}

/** The section and the ids that a command is about, and why. */
function named(args: readonly string[]): { section: Section; ids: string[]; reason: string } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { reason: { type: 'string' } },
  })
  const [name = '', ...ids] = positionals
  const reason = values.reason?.trim() ?? ''
  const section = sectionOf(name)
  if (ids.length === 0 || reason === '') throw wrong('Name the entries by their ids, and say why with --reason.')
  return { section, ids, reason }
}
