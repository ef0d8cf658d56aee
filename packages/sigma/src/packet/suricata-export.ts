import { idFrom } from '@tocsin/events'
import type { CompiledRule, CompiledRuleSet } from '../rule-set.ts'
import { conjunctsOf } from './conjuncts.ts'
import { NotExportable, SuricataParts } from './suricata-rule.ts'

/** Rules as text that a sensor takes, and the reason for each that cannot be said in Suricata's language. */
export interface SuricataExport {
  lines: string[]
  refused: { ruleId: string; reason: string }[]
}

/** Own range of signature numbers, above those of the public sets. */
const firstSid = 9_000_000
const sids = 900_000

/**
 * Writes rules on addresses, ports and data segments (VN-5.2c) as Suricata rules for single packets, so that a sensor evaluates what the centre cannot see. A
 * rule with alternatives becomes several lines. A rule's numbers come from its id: they stay when other rules come and go.
 */
export function exportSuricata(rules: CompiledRuleSet): SuricataExport {
  const result: SuricataExport = { lines: [], refused: [] }
  const used = new Set<number>()
  for (const rule of rules.rules) {
    try {
      result.lines.push(...linesOf(rule, rules, used))
    } catch (error) {
      if (!(error instanceof NotExportable)) throw error
      result.refused.push({ ruleId: rule.metadata.id, reason: `${error.message}.` })
    }
  }
  return result
}

function linesOf(rule: CompiledRule, rules: CompiledRuleSet, used: Set<number>): string[] {
  const conjuncts = conjunctsOf(rule.expression)
  if (conjuncts === null) throw new NotExportable('the rule has too many alternatives')
  const lines: string[] = []
  for (const [position, conjunct] of conjuncts.entries()) {
    const parts = new SuricataParts()
    for (const { id, negated } of conjunct) {
      const predicate = rules.predicateOf(id)
      if (predicate !== undefined) parts.add(predicate, negated)
    }
    const line = parts.write(optionsOf(rule, sidOf(rule.metadata.id, position, used)))
    if (line !== '') lines.push(line)
  }
  if (lines.length === 0) throw new NotExportable('no packet could ever match the rule')
  return lines
}

function sidOf(ruleId: string, position: number, used: Set<number>): number {
  let sid = firstSid + (Number.parseInt(idFrom(ruleId, String(position)).slice(0, 8), 16) % sids)
  while (used.has(sid)) sid++
  used.add(sid)
  return sid
}

function optionsOf({ metadata }: CompiledRule, sid: number): string[] {
  const message = metadata.title.replace(/[^\x20-\x7e]/g, '?').replace(/[\\";]/g, (char) => `\\${char}`)
  const rev = Number((metadata.modified ?? metadata.date ?? '').replaceAll('-', '')) || 1
  const id = metadata.id.replace(/[^A-Za-z0-9_.-]/g, '_')
  return [`msg:"${message}"`, `metadata:sigma_id ${id}`, `sid:${sid}`, `rev:${rev}`]
}
