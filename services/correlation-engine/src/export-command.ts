import { parseArgs } from 'node:util'
import { type Command, TocsinError } from '@tocsin/runtime'
import { exportSuricata } from '@tocsin/sigma'
import { LineWriter } from './adapters/line-io.ts'
import { readRuleFiles } from './adapters/rule-files.ts'
import { formatRefusal, loadRules } from './load-rules.ts'

const usage = 'tocsin rules export PATH…'

/** `tocsin rules export`: rules on packets as text for sensors. */
export const rulesExport: Command = {
  name: 'rules export',
  summary: 'Write rules on addresses, ports and data segments as Suricata rules, for sensors.',
  usage,
  examples: ['tocsin rules export rules/network/custom > custom.rules'],
  async run(args, io) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} })
    if (positionals.length === 0) throw new TocsinError('bad_arguments', `No rules are named. Usage: ${usage}`)
    const { rules, refused } = loadRules(await readRuleFiles(positionals))
    for (const refusal of refused) io.stderr.write(`${formatRefusal(refusal)}\n`)
    const exported = exportSuricata(rules)
    const output = new LineWriter(io.stdout)
    for (const line of exported.lines) await output.write(line)
    await output.flush()
    for (const { ruleId, reason } of exported.refused) io.stderr.write(`${ruleId}: not exported: ${reason}\n`)
    return refused.length + exported.refused.length === 0 ? 0 : 1
  },
}
