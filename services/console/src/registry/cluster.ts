import type { RegistryChange } from '@tocsin/events'
import type { CommandIo } from '@tocsin/runtime'
import type { Output } from '@tocsin/stage'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import type { Section } from './entries.ts'
import { emptyRegistry, type Registry } from './held.ts'
import { entryOf, type RegistryRecord } from './records.ts'

export type Cluster = Awaited<ReturnType<typeof openKafkaForCommand>>

/** Opens the cluster of a command, gives it, and closes it whatever happens. */
export async function atCluster<T>(io: CommandIo, use: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = await openKafkaForCommand(io.env, 'tocsin-registry')
  try {
    return await use(cluster)
  } finally {
    await cluster.close()
  }
}

/** The registry that is in force: the compacted topics, which are the truth. */
export async function readRegistry(cluster: Cluster): Promise<Registry> {
  const [constituents, systems, assets, sources, contacts] = await Promise.all([
    cluster.table('registry-constituents'),
    cluster.table('registry-systems'),
    cluster.table('registry-assets'),
    cluster.table('registry-sources'),
    cluster.table('registry-contacts'),
  ])
  const registry = emptyRegistry()
  const fill = (section: Section, records: Iterable<[string, RegistryRecord]>) => {
    for (const [id, record] of records)
      registry[section].set(id, { entry: entryOf(section, id, record), changedAt: record.changedAt })
  }
  fill('constituents', constituents.entries())
  fill('systems', systems.entries())
  fill('assets', assets.entries())
  fill('sources', sources.entries())
  fill('contacts', contacts.entries())
  return registry
}

/** Every change there is, in the order in which they were written. */
export async function readChanges(cluster: Cluster): Promise<RegistryChange[]> {
  // A map, because a tombstone of a forgotten change may still stand beside it.
  const changes = new Map<string, RegistryChange>()
  const following = await cluster.follow(['registry-changes'], { from: 'beginning' }, ({ key, value }) => {
    if (value === null) changes.delete(key)
    else changes.set(key, value)
  })
  await following.caughtUp
  await following.close()
  return [...changes.values()]
}

/** Writes changes and then what they changed: what is in force has always a change that says who, when and why. */
export async function writeChanges(
  cluster: Cluster,
  changes: readonly { change: RegistryChange; outputs: readonly Output[] }[],
): Promise<void> {
  const publisher = await cluster.publisher()
  await Promise.all(
    changes.map(({ change }) => publisher.send({ topic: 'registry-changes', key: change.changeId, value: change })),
  )
  await Promise.all(changes.flatMap(({ outputs }) => outputs).map((output) => publisher.send(output)))
}
