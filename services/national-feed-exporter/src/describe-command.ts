import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type Command, createClock } from '@tocsin/runtime'
import { readRegistry } from './adapters/feed-files.ts'
import { REGULATIONS_DIR, readSchema, serviceVersion } from './adapters/pack-folder.ts'
import { describeFeed } from './feeds/tw-nccst-1.3/describe.ts'
import { buildLists, readRuleTable, readServiceList } from './feeds/tw-nccst-1.3/lists.ts'

/** `tocsin feed describe`: the document for stage 1 of the connectivity test. */
export const describe: Command = {
  name: 'feed describe',
  summary: 'Write the description of the test data for the connectivity test (Appendix 5, stage 1).',
  usage: 'tocsin feed describe --registry FILE [--organization CODE] [--prefix PREFIX] [--at TIME]',
  examples: ['tocsin feed describe --registry registry.json --organization EXAMPLE-SOC > description.md'],
  run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        registry: { type: 'string' },
        organization: { type: 'string', default: 'EXAMPLE-SOC' },
        prefix: { type: 'string', default: 'EXSOC' },
        at: { type: 'string' },
      },
    })
    const at = values.at === undefined ? createClock(io.env['TOCSIN_CLOCK_FILE']).now() : Date.parse(values.at)
    if (values.registry === undefined || Number.isNaN(at)) {
      io.stderr.write(`Usage: ${this.usage}\n`)
      return Promise.resolve(2)
    }
    const { constituents = [], sources = [], ruleSets = [] } = readRegistry(values.registry)
    const lists = buildLists(values.organization, constituents, ruleSets)
    for (const problem of lists.problems) io.stderr.write(`${problem}\n`)
    const kinds: Record<string, number> = {}
    for (const { kind } of sources) kinds[kind] = (kinds[kind] ?? 0) + 1
    const xsd = readSchema(REGULATIONS_DIR)
    io.stdout.write(
      describeFeed({
        organization: values.organization,
        prefix: values.prefix,
        at,
        lists,
        rows: {
          services: readServiceList(lists.services.content).length,
          rules: readRuleTable(lists.rules.content).length,
        },
        sources: kinds,
        versions: {
          'national-feed-exporter': serviceVersion(),
          'incident.xsd (SHA-256)': createHash('sha256').update(xsd).digest('hex'),
        },
      }),
    )
    return Promise.resolve(lists.problems.length > 0 ? 1 : 0)
  },
}
