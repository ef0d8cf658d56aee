import { createHash } from 'node:crypto'
import { type FieldMapping, levels, type Refusal, type RuleFile } from '@tocsin/sigma'
import { loadRules } from '../load-rules.ts'
import type { ArchiveEntry } from './archive.ts'

/** Which rules of an archive are wanted. */
export interface ImportOptions {
  /** The weakest level taken. */
  minLevel: (typeof levels)[number]
  /** Stages of life taken. */
  statuses: readonly string[]
  /** Also rules on fields that no event of ours has, which can never match. */
  withUnmapped: boolean
  /** The licence of rules that name none. */
  license: string
}

/** Where an imported rule comes from: what its licence asks to be kept. */
export interface Provenance {
  path: string
  id: string
  title: string
  author: string | null
  license: string
  references: string[]
  sha256: string
}

/** What an import would write and what it leaves out. */
export interface ImportPlan {
  /** Files to write, octets untouched. */
  files: ArchiveEntry[]
  provenance: Provenance[]
  /** Texts of licences that lie in the archive. */
  licenses: ArchiveEntry[]
  refused: Refusal[]
  leftOut: { unmapped: number; weak: number; status: number }
}

/** Chooses the rules of an archive. A refused document hurts itself only. */
export function planImport(
  entries: readonly ArchiveEntry[],
  mapping: FieldMapping,
  { minLevel, statuses, withUnmapped, license }: ImportOptions,
): ImportPlan {
  const texts = entries.filter(({ path }) => /\.ya?ml$/.test(path) && !path.includes('/.'))
  const ruleFiles = texts.map(({ path, octets }): RuleFile => ({ file: path, text: octets.toString('utf8') }))
  const { rules, refused } = loadRules(ruleFiles, {}, mapping)
  const leftOut = { unmapped: 0, weak: 0, status: 0 }
  const taken = new Map<string, Provenance>()
  const byPath = new Map(texts.map((entry) => [entry.path, entry]))
  for (const { metadata, file, unmapped } of rules.rules) {
    const level = levels.indexOf(metadata.level ?? 'medium')
    if (!withUnmapped && unmapped.length > 0) leftOut.unmapped++
    else if (level < levels.indexOf(minLevel)) leftOut.weak++
    else if (!statuses.includes(metadata.status ?? 'test')) leftOut.status++
    else {
      const { id, title, author, references } = metadata
      const sha256 = createHash('sha256')
        .update(byPath.get(file)?.octets ?? '')
        .digest('hex')
      taken.set(file, { path: file, id, title, author, license: metadata.license ?? license, references, sha256 })
    }
  }
  return {
    files: texts.filter(({ path }) => taken.has(path)),
    provenance: [...taken.values()],
    licenses: entries.filter(({ path }) => /(^|\/)LICENSE[^/]*$/i.test(path)),
    refused: refused.filter(({ code }) => code !== 'rule_unknown_document' && code !== 'rule_missing_title'),
    leftOut,
  }
}
