import { runService } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { settings } from './config.ts'
import { correlateWindows } from './correlate-windows.ts'
import { formatRefusal } from './load-rules.ts'
import { matchRules } from './match-rules.ts'
import { ParseMemory } from './parse-memory.ts'
import { compileSets, type RulesInForce } from './rules-in-force.ts'

await runService('correlation-engine', settings, async (context) => {
  const { config, log } = context
  const kafka = await openKafka(context)
  const sets = await kafka.table('rule-sets')
  const memory = new ParseMemory()
  let inForce = compileSets([]).inForce as RulesInForce
  const compile = () => {
    const { inForce: next, refused } = compileSets([...sets.values()], inForce, memory)
    for (const refusal of refused) log.warn({ code: refusal.code }, formatRefusal(refusal))
    if (next === null) {
      log.error({ code: 'no_rules' }, 'No rule of the published sets could be taken; the last good rules stay.')
      return
    }
    inForce = next
    log.info(
      {
        rules: next.rules.rules.length,
        correlations: next.rules.correlations.length,
        version: next.version,
        unmapped: next.rules.unmapped.length,
      },
      'rules in force',
    )
  }
  compile()
  sets.onChange(compile)
  const rules = () => inForce
  const eventPartitions = await kafka.partitionCount('enriched-events')
  const matchPartitions = await kafka.partitionCount('matches')
  await Promise.all([
    kafka.runStage(
      matchRules({
        rules,
        matchPartitions,
        latenessMs: config.latenessSeconds * 1_000,
        slot: config.slot,
      }),
    ),
    kafka.runStage(
      correlateWindows({
        rules,
        eventPartitions,
        matchPartitions,
        limits: { maxGroupsPerRule: config.maxGroupsPerRule, maxHeldEvents: config.maxHeldEvents },
      }),
    ),
  ])
})
