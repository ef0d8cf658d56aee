import { parseArgs } from 'node:util'
import type { AuditEntry } from '@tocsin/events'
import type { Command } from '@tocsin/runtime'
import { verifyAudit } from '../audit.ts'

/** Checks every audit chain on the topic: who saw, changed, sent or suppressed what, without a row altered or lost (XC-4). */
export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'check every audit chain: a row that was altered, lost or inserted is named',
  usage: 'audit verify [--json]',
  examples: ['tocsin audit verify', 'tocsin audit verify --json'],
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } })
    const { openKafkaForCommand } = await import('@tocsin/stage/kafka')
    const kafka = await openKafkaForCommand(io.env)
    try {
      const entries: AuditEntry[] = []
      const following = await kafka.follow(['audit-entries'], { from: 'beginning' }, ({ value }) => {
        if (value !== null) entries.push(value)
      })
      await following.caughtUp
      await following.close()
      const result = verifyAudit(entries)
      if (values.json) io.stdout.write(`${JSON.stringify(result)}\n`)
      else {
        for (const { chainId, seq, reason } of result.faults) io.stdout.write(`${chainId} entry ${seq}: ${reason}\n`)
        io.stdout.write(`${result.chains} chains, ${result.entries} entries, ${result.faults.length} faults\n`)
      }
      return result.faults.length === 0 ? 0 : 1
    } finally {
      await kafka.close()
    }
  },
}
