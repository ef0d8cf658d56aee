import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Command, TocsinError } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { readIndicatorCsv } from './intel/csv.ts'

const intelImport: Command = {
  name: 'intel import',
  summary: 'read a list of indicators and publish it',
  usage: 'intel import FILE… --feed NAME [--tlp AMBER]',
  examples: ['tocsin intel import c2-addresses.csv --feed national-cert'],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { feed: { type: 'string' }, tlp: { type: 'string', default: 'AMBER' } },
    })
    if (positionals.length === 0 || values.feed === undefined)
      throw new TocsinError('usage', 'Say which files and which feed: intel import FILE… --feed NAME.')
    const kafka = await openKafkaForCommand(io.env)
    let faulty = 0
    try {
      const publisher = await kafka.publisher()
      for (const file of positionals) {
        const list = readIndicatorCsv(readFileSync(file, 'utf8'), {
          feed: values.feed,
          tlp: values.tlp,
          importedAt: kafka.clock.now(),
        })
        await Promise.all(
          list.indicators.map((value) => publisher.send({ topic: 'indicators', key: value.indicatorId, value })),
        )
        for (const fault of list.faults) io.stderr.write(`${file}:${fault.line}: ${fault.reason}\n`)
        io.stdout.write(
          `${file}: ${list.indicators.length} indicators published, ${list.faults.length} lines left out\n`,
        )
        faulty += list.faults.length
      }
    } finally {
      await kafka.close()
    }
    return faulty === 0 ? 0 : 1
  },
}

/** Commands of enrichment. */
export const commands: Command[] = [intelImport]
