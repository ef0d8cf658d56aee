import {
  type CompiledRuleSet,
  type CompileOptions,
  compileRules,
  parseRules,
  type Refusal,
  viewOf,
} from '../src/index.ts'

/** Parses and compiles one text; gives the rules and every refusal. */
export function load(text: string, options: CompileOptions = {}): { rules: CompiledRuleSet; refused: Refusal[] } {
  const parsed = parseRules([{ file: 'rule.yml', text }])
  const compiled = compileRules(parsed.documents, options)
  return { rules: compiled.rules, refused: [...parsed.refused, ...compiled.refused] }
}

/** A rule around a detection block that is indented by four. */
export function ruleText(detection: string, head = ''): string {
  return `title: Test rule\nid: 0d5d9a5c-52a4-4a52-8d0e-3f1f6a0e1001\n${head}logsource:\n    product: test\ndetection:\n${detection}\n`
}

/** A rule whose one selection is given, indented by eight. */
export function selectionText(selection: string): string {
  return ruleText(`    selection:\n${selection}\n    condition: selection`)
}

/** True when a rule with this selection matches the event. Throws when the rule is refused. */
export function selects(selection: string, event: Record<string, unknown>, options: CompileOptions = {}): boolean {
  return matches(selectionText(selection), event, options)
}

/** True when the rule matches the event. Throws when the rule is refused. */
export function matches(text: string, event: Record<string, unknown>, options: CompileOptions = {}): boolean {
  const { rules, refused } = load(text, options)
  if (refused.length > 0) throw new Error(refused.map((refusal) => `${refusal.code}: ${refusal.message}`).join('\n'))
  return rules.match(viewOf(event), { product: 'test' }).length > 0
}

/** The codes with which a text is refused. */
export function refusals(text: string, options: CompileOptions = {}): string[] {
  return load(text, options).refused.map((refusal) => refusal.code)
}
