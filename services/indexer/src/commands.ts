import { parseArgs } from 'node:util'
import { type Command, loadConfig } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { connectElasticsearch } from './adapters/elasticsearch.ts'
import { lifecyclesInForce } from './adapters/lifecycles.ts'
import { loadPacks } from './adapters/packs.ts'
import { settings } from './config.ts'
import { plans } from './indices/index.ts'
import { savedObjects } from './kibana/saved-objects.ts'
import { floorFaults, floorOf, lawsOf } from './retention.ts'

/** `tocsin index check`: does Elasticsearch keep what the law wants kept? */
const indexCheck: Command = {
  name: 'index check',
  summary:
    'compare what Elasticsearch keeps with the retention floors of the registered bodies; exits with 1 where it keeps less',
  usage: 'index check [--json]',
  examples: ['tocsin index check'],
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } })
    const config = loadConfig(settings, io.env, 'indexer')
    const { elasticsearchUrl: url, elasticsearchApiKey: apiKey, elasticsearchCaFile: caFile } = config
    const packs = loadPacks(config.packs, (folder) => io.stderr.write(`The pack ${folder} does not load.\n`))
    const kafka = await openKafkaForCommand(io.env)
    const client = connectElasticsearch({ url, apiKey, caFile })
    try {
      const constituents = await kafka.table('registry-constituents')
      const floor = floorOf(lawsOf(constituents.values(), packs), kafka.clock.now())
      const found = await lifecyclesInForce(client, plans)
      const faults = floorFaults(found, floor)
      if (values.json)
        for (const { plan, place, keptMs } of found)
          io.stdout.write(`${JSON.stringify({ record: plan.record, place, keptMs, floorDays: floor?.days ?? null })}\n`)
      for (const fault of faults) io.stderr.write(`${fault}\n`)
      const law = floor === null ? 'no law binds them' : `the floor is ${floor.days} days (${floor.pack})`
      io.stderr.write(`${found.length} places looked at, ${faults.length} below the floor; ${law}\n`)
      return faults.length === 0 ? 0 : 1
    } finally {
      await client.close()
      await kafka.close()
    }
  },
}

/** `tocsin index kibana`: data views, searches and dashboards, to be imported. */
const indexKibana: Command = {
  name: 'index kibana',
  summary: 'print data views, searches and dashboards for Kibana as NDJSON',
  usage: 'index kibana',
  examples: ['tocsin index kibana > tocsin.ndjson'],
  async run(_args, io) {
    for (const object of savedObjects(plans)) io.stdout.write(`${JSON.stringify(object)}\n`)
    return 0
  },
}

/** Commands of the indexer. */
export const commands: Command[] = [indexCheck, indexKibana]
