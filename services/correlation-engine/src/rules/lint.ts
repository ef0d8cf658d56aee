import type { FieldMapping, RuleDocument, SigmaDocument } from '@tocsin/sigma'
import { type Finding, type Say, weightOf } from './finding.ts'
import { lintCondition } from './lint-condition.ts'
import { isCheap, lintItem } from './lint-items.ts'
import { truthOf } from './truth.ts'

const technique = /^attack\.t/i
const goodTechnique = /^attack\.t\d{4}(?:\.\d{3})?$/i

/**
 * Checks rules that load for what they should not say. `mapping` is the field mapping in force; null leaves fields unchecked. Gives the findings in
 * the order of their places.
 */
export function lintRules(documents: readonly SigmaDocument[], mapping: FieldMapping | null): Finding[] {
  const findings: Finding[] = []
  const seen = new Map<string, SigmaDocument>()
  for (const document of documents) {
    const say = sayOf(document, findings)
    lintMetadata(document, say)
    if (document.kind !== 'rule') continue
    const [first] = document.selections.values()
    lintCondition(document, first?.offset ?? document.offset, say)
    lintSelections(document, mapping, say)
    lintRepetition(document, seen, say)
  }
  return findings.sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column)
}

function lintSelections(document: RuleDocument, mapping: FieldMapping | null, say: Say): void {
  const { condition, selections } = document
  for (const [name, { alternatives }] of selections) {
    const names = [...selections.keys()]
    const decides = truthOf(condition, names, (held) => held === name)
    for (const items of alternatives) {
      const gated = !decides || items.some(isCheap)
      for (const item of items) lintItem(document, item, { mapping, gated }, say)
    }
  }
}

function sayOf(document: SigmaDocument, findings: Finding[]): Say {
  return (code, offset, message) =>
    findings.push({
      file: document.source.file,
      ...document.source.locate(offset),
      code,
      message,
      rule: document.metadata.id,
      weight: weightOf(code),
    })
}

function lintMetadata({ metadata, offset }: SigmaDocument, say: Say): void {
  if (metadata.level === null && metadata.custom['building_block'] !== true)
    say('lint_no_level', offset, 'The rule has no level, so its detections count as medium.')
  for (const tag of metadata.tags.filter((tag) => technique.test(tag) && !goodTechnique.test(tag)))
    say('lint_bad_technique', offset, `The tag "${tag}" names no technique of ATT&CK.`)
}

/** Two rules that ask the same of the same log source: one of them is not needed. */
function lintRepetition(document: RuleDocument, seen: Map<string, SigmaDocument>, say: Say): void {
  const { logSource, selections, condition } = document
  const key = JSON.stringify([logSource, [...selections], condition], (name, value: unknown) =>
    name === 'offset' ? undefined : value,
  )
  const first = seen.get(key)
  if (first === undefined) seen.set(key, document)
  else
    say(
      'lint_same_detection',
      document.offset,
      `It asks for the same as "${first.metadata.title}" in ${first.source.file}:${first.source.locate(first.offset).line}.`,
    )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
