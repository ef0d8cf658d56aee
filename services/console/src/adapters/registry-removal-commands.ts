import { parseArgs } from 'node:util'
import type { RegistryChange } from '@tocsin/events'
import { type Command, createLog } from '@tocsin/runtime'
import type { AuditFact } from '../audit-chain.ts'
import { atCluster, readChanges, readRegistry, writeChanges } from '../registry/cluster.ts'
import type { Section } from '../registry/entries.ts'
import { changeOf, forget } from '../registry/history.ts'
import { outputOf } from '../registry/records.ts'
import { openAuditLog } from './audit-log.ts'
import { sectionOf, wrong } from './registry-commands.ts'

const quiet = createLog('tocsin-registry', 0, 'error')

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
      // What is not written down is not done (XC-13): of the person the trail has a hash, and who deleted it, when and why.
      const audit = await openAuditLog(cluster, await cluster.publisher(), 'registry', quiet, change.changedAt)
      for (const { change: forgotten } of made) await audit.write(factOf(forgotten))
      await writeChanges(cluster, made)
      io.stdout.write(`${made.length} forgotten\n`)
      return 0
    })
  },
}

function factOf({ section, constituent, hash, changedBy, changedAt, reason }: RegistryChange): AuditFact {
  return {
    at: changedAt,
    constituent,
    actor: changedBy,
    roles: [],
    action: 'registry.forgotten',
    object: `${section}:sha256:${hash ?? ''}`,
    outcome: 'allowed',
    reason,
    address: null,
  }
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
