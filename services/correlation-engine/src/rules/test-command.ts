import { parseArgs } from 'node:util'
import type { Command } from '@tocsin/runtime'
import { readCaseFiles, stopwatchMs, writeReport } from '../adapters/case-files.ts'
import { LineWriter } from '../adapters/line-io.ts'
import { readRuleFiles } from '../adapters/rule-files.ts'
import { formatRefusal, loadRules } from '../load-rules.ts'
import { runCases } from './case-report.ts'
import { junitOf } from './junit.ts'

/** `tocsin rules test`: the cases beside the rules. */
export const rulesTest: Command = {
  name: 'rules test',
  summary: 'Run the cases beside rules; one line for every case that fails, a report in JUnit form where asked.',
  usage: 'tocsin rules test [--junit FILE] [--strict] [PATH…]',
  examples: ['tocsin rules test', 'tocsin rules test rules --strict --junit rules.xml'],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { junit: { type: 'string' }, strict: { type: 'boolean', default: false } },
    })
    const files = await readRuleFiles(positionals.length === 0 ? ['rules'] : positionals)
    const { rules, refused } = loadRules(files)
    const { results, gaps } = runCases(rules, await readCaseFiles(files), stopwatchMs)
    const output = new LineWriter(io.stdout)
    for (const refusal of refused) await output.write(formatRefusal(refusal))
    const failed = results.filter(({ failure }) => failure !== null)
    for (const { ruleFile, ruleTitle, name, failure } of failed)
      await output.write(`${ruleFile}: ${ruleTitle}: ${name}: ${failure}`)
    for (const { ruleFile, ruleId, ruleTitle, gap } of gaps)
      await output.write(`${ruleFile === '' ? ruleId : ruleFile}: ${ruleTitle}: ${gap}`)
    await output.write(
      `${results.length - failed.length} cases passed, ${failed.length} failed, ${gaps.length} rules lack a case, ${refused.length} documents are refused.`,
    )
    await output.flush()
    if (values.junit !== undefined) await writeReport(values.junit, junitOf(results))
    const isGood = failed.length === 0 && refused.length === 0 && (!values.strict || gaps.length === 0)
    return isGood ? 0 : 1
  },
}
