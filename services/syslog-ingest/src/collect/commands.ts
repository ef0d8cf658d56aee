import { once } from 'node:events'
import { type Command, createClock } from '@tocsin/runtime'
import { loadCollectConfig, runCollector } from '../adapters/collect/collect-run.ts'
import { linesOf, lookAt } from '../adapters/collect/store-look.ts'
import { lineJson, matcherOf } from './line-search.ts'
import { countOf, instantOf, readOptions, required } from './options.ts'
import { summaryText } from './store-summary.ts'

const FILE = { config: { type: 'string', short: 'c' } } as const
const CONFIG = { ...FILE, check: { type: 'boolean' } } as const
const LF = Buffer.from('\n')

const collect: Command = {
  name: 'collect',
  summary: 'collect the logs of one circuit of a state body, keep them on disk and forward them to the centre',
  usage: `collect --config FILE [--check]

  --config FILE   YAML: who it is, its circuit, store, listeners, files, journal and centre (docs/operations/collector.md)
  --check         only read the file and say what is wrong with it

It needs neither Kafka nor the Internet. Lines are kept in numbered segment files and forwarded in order over RELP
or syslog, inside TLS; a centre that is away gets everything once when it is back. One collector for each circuit.`,
  examples: [
    'tocsin collect --config /etc/tocsin/collect-inner.yaml',
    'tocsin collect --config collect.yaml --check',
    'tocsin collect status --config collect.yaml',
    'tocsin collect search --config collect.yaml --from 6h --text "Failed password"',
  ],
  async run(args, io) {
    const options = readOptions(args, CONFIG)
    const config = loadCollectConfig(required('config', options.config))
    if (options.check !== true) return runCollector(config, io)
    io.stdout.write(
      `${options.config} is a configuration of collector ${config.collector}, ${config.circuit} circuit.\n`,
    )
    return 0
  },
}

const status: Command = {
  name: 'collect status',
  summary: "what a collector's store holds, what waits for the centre, how long the room lasts",
  usage: `collect status --config FILE [--json] [--verify]

  --verify   read every record and count damage and missing numbers; the exit code is 1 where there are any`,
  examples: [
    'tocsin collect status --config /etc/tocsin/collect-inner.yaml',
    'tocsin collect status --config collect.yaml --verify --json',
  ],
  async run(args, io) {
    const options = readOptions(args, { ...FILE, json: { type: 'boolean' }, verify: { type: 'boolean' } })
    const config = loadCollectConfig(required('config', options.config))
    const summary = await lookAt(config, options.verify === true, createClock(undefined).now())
    io.stdout.write(options.json === true ? `${JSON.stringify(summary)}\n` : summaryText(summary))
    const { verified } = summary
    return verified !== null && verified.damagedParts + verified.missingLines > 0 ? 1 : 0
  },
}

const search: Command = {
  name: 'collect search',
  summary: "search a collector's own store: by time, text, input or sender; NDJSON",
  usage: `collect search --config FILE [--from TIME] [--to TIME] [--text TEXT] [--regex RE2]
               [--input NAME] [--address ADDRESS] [--limit N] [--raw]

  TIME is ISO 8601 with a zone, or a span before now: 90s, 15m, 6h, 3d. --raw prints the lines as they were taken.
  The exit code is 1 where nothing was found.`,
  examples: [
    'tocsin collect search --config collect.yaml --from 6h --text "Failed password"',
    'tocsin collect search --config collect.yaml --from 2026-01-05T08:00:00Z --to 2026-01-05T09:00:00Z --raw',
    'tocsin collect search --config collect.yaml --input tcp --address 10.0.0.1 --regex "deny|drop" --limit 100',
  ],
  async run(args, io) {
    const options = readOptions(args, {
      ...FILE,
      from: { type: 'string' },
      to: { type: 'string' },
      text: { type: 'string' },
      regex: { type: 'string' },
      input: { type: 'string' },
      address: { type: 'string' },
      limit: { type: 'string' },
      raw: { type: 'boolean' },
    })
    const config = loadCollectConfig(required('config', options.config))
    const nowMs = createClock(undefined).now()
    const time = (name: 'from' | 'to') => {
      const text = options[name]
      return text === undefined ? null : instantOf(name, text, nowMs)
    }
    const [fromMs, toMs] = [time('from'), time('to')]
    const { text = null, regex = null, input = null, address = null } = options
    const matches = matcherOf({ fromMs, toMs, text, regex, input, address })
    const limit = countOf('limit', options.limit)
    let found = 0
    for (const line of linesOf(config.store.folder, fromMs, toMs)) {
      if (io.signal.aborted || found >= limit) break
      if (!matches(line)) continue
      found += 1
      const out = options.raw === true ? Buffer.concat([line.octets, LF]) : `${lineJson(line)}\n`
      if (!io.stdout.write(out)) await once(io.stdout, 'drain')
    }
    return found > 0 ? 0 : 1
  },
}

/** Commands of the collector. */
export const collectCommands: Command[] = [collect, status, search]
