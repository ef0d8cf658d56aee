import { parseArgs } from 'node:util'
import { type Command, TocsinError } from '@tocsin/runtime'
import { ecsMapping, parseRules, type Refusal, type RuleFile, type SigmaDocument } from '@tocsin/sigma'
import { LineWriter } from '../adapters/line-io.ts'
import { readPlaceholders, readRuleFiles } from '../adapters/rule-files.ts'
import { formatRefusal, loadRules } from '../load-rules.ts'
import type { Finding } from './finding.ts'
import { lintRules } from './lint.ts'

const usage = 'tocsin rules lint [--placeholders FILE] [--plain-names] [--strict] [--json] PATH…'

/** `tocsin rules lint`: what would be refused, and what loads and should not stand so. */
export const rulesLint: Command = {
  name: 'rules lint',
  summary: 'Check rule files; one line for every document that would be refused and every doubtful place.',
  usage,
  examples: ['tocsin rules lint rules', 'tocsin rules lint --strict --json my-rules'],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        placeholders: { type: 'string' },
        'plain-names': { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    })
    if (positionals.length === 0) throw new TocsinError('bad_arguments', `No rules are named. Usage: ${usage}`)
    const files = await readRuleFiles(positionals)
    const placeholders = values.placeholders === undefined ? {} : await readPlaceholders(values.placeholders)
    const { rules, refused } = loadRules(files, placeholders)
    const findings = lintRules(takenDocuments(files, refused), values['plain-names'] ? null : ecsMapping)
    const output = new LineWriter(io.stdout)
    for (const refusal of withFirstUse(refused, files))
      await output.write(values.json ? JSON.stringify({ ...refusal, weight: 'error' }) : formatRefusal(refusal))
    for (const finding of findings) await output.write(values.json ? JSON.stringify(finding) : findingLine(finding))
    const errors = findings.filter(({ weight }) => weight === 'error').length
    if (!values.json) {
      const [good, correlations] = [rules.rules.length, rules.correlations.length]
      await output.write(
        `${good} rules and ${correlations} correlations are good, ${refused.length} documents are refused, ${errors} errors, ${findings.length - errors} warnings.`,
      )
    }
    await output.flush()
    return refused.length === 0 && errors === 0 && (!values.strict || findings.length === 0) ? 0 : 1
  },
}

function findingLine({ file, line, column, code, message, weight }: Finding): string {
  return `${file}:${line}:${column}: ${code}: ${weight === 'warning' ? 'warning: ' : ''}${message}`
}

/** What is refused is said once; only what loads is looked at further. */
function takenDocuments(files: readonly RuleFile[], refused: readonly Refusal[]): SigmaDocument[] {
  const refusedAt = new Set(refused.map(({ file, line }) => `${file}:${line}`))
  return parseRules(files).documents.filter(
    ({ source, offset }) => !refusedAt.has(`${source.file}:${source.locate(offset).line}`),
  )
}

/** Says of an id or name that is used twice where it stands first. */
function withFirstUse(refused: readonly Refusal[], files: readonly RuleFile[]): Refusal[] {
  if (!refused.some(({ code }) => code.startsWith('rule_duplicate'))) return [...refused]
  const { documents } = parseRules(files)
  return refused.map((refusal) => {
    if (!refusal.code.startsWith('rule_duplicate')) return refusal
    const isSame = ({ metadata }: SigmaDocument): boolean =>
      metadata.id === refusal.rule || (metadata.name !== null && refusal.message.includes(`"${metadata.name}"`))
    const first = documents.find(isSame)
    if (first === undefined) return refusal
    const { line, column } = first.source.locate(first.offset)
    return { ...refusal, message: `${refusal.message} It stands first in ${first.source.file}:${line}:${column}.` }
  })
}
