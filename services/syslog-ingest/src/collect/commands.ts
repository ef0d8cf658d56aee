import type { Command } from '@tocsin/runtime'
import { loadCollectConfig, runCollector } from '../adapters/collect/collect-run.ts'
import { readOptions, required } from './options.ts'

const CONFIG = { config: { type: 'string', short: 'c' }, check: { type: 'boolean' } } as const

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

/** Commands of the collector. */
export const collectCommands: Command[] = [collect]
