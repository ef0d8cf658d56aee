import assert from 'node:assert/strict'
import { type Entry, readEntry, type Section } from '../../src/registry/entries.ts'
import { copyOf, emptyRegistry, type Registry } from '../../src/registry/held.ts'
import { type ImportFile, planImport } from '../../src/registry/plan-import.ts'
import { entryOf, type RegistryRecord } from '../../src/registry/records.ts'

export const change = { changedBy: 'tester', changedAt: 1_000, reason: 'test' }

/** An entry as a file would give it. */
export function entry(section: Section, raw: object): Entry {
  const read = readEntry(section, raw)
  assert.ok('entry' in read, JSON.stringify(read))
  return read.entry
}

/** A registry with these entries in force. */
export function registryOf(entries: readonly (readonly [Section, object])[]): Registry {
  const registry = emptyRegistry()
  for (const [section, raw] of entries) {
    const held = entry(section, raw)
    registry[section].set(held.id, { entry: held, changedAt: 0 })
  }
  return registry
}

/** The registry as it is after files were imported. */
export function afterPlan(current: Registry, files: ImportFile[]): Registry {
  const registry = copyOf(current)
  for (const { change: made, outputs } of planImport(files, current, change).changes) {
    const section = made.section as Section
    const held = entryOf(section, made.recordId, outputs[0]?.value as RegistryRecord)
    registry[section].set(made.recordId, { entry: held, changedAt: made.changedAt })
  }
  return registry
}
