import { parseArgs } from 'node:util'
import { type Command, TocsinError } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { parsers as builtIn } from '../parsers/index.ts'
import { ReRead } from '../re-read.ts'
import { liveParsers } from './parser-files.ts'

const DAY_MS = 86_400_000

/** `tocsin parsers reread`: after a promotion, what had not been read. */
export const reread: Command = {
  name: 'parsers reread',
  summary:
    'read once more, with the parsers of now, lines that were not read and dead letters of lines; each event keeps its id.',
  usage: 'parsers reread [--from TIME] [--until TIME] [--parser NAME] [--dir DIR] [--dry-run]',
  examples: [
    'tocsin parsers reread --parser acme_gate --dry-run',
    'tocsin parsers reread --from 2026-11-21T00:00:00Z --dir /etc/tocsin/parsers',
  ],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        until: { type: 'string' },
        parser: { type: 'string' },
        dir: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
      },
    })
    const parsers = await liveParsers(values.dir ?? io.env['NORMALIZER_PARSERS_DIR'], builtIn, io.stderr)
    const kafka = await openKafkaForCommand(io.env, 'tocsin-reread')
    try {
      const now = kafka.clock.now()
      const sources = await kafka.table('registry-sources')
      const run = new ReRead({
        parsers,
        source: (sourceId) => sources.get(sourceId),
        from: timeOf(values.from, '--from', now - DAY_MS),
        until: timeOf(values.until, '--until', now + DAY_MS),
        parser: values.parser ?? null,
      })
      const noting = await kafka.follow(['events', 'dead-letters'], { from: 'beginning' }, ({ topic, value }) => {
        if (value === null) return
        if (topic === 'events') run.noteEvent(value)
        else run.noteLetter(value)
      })
      await noting.caughtUp
      await noting.close()
      const publisher = values['dry-run'] ? null : await kafka.publisher()
      let sending = Promise.resolve()
      let failure: unknown = null
      const reading = await kafka.follow(['raw-blocks'], { from: 'beginning' }, ({ value, partition, offset }) => {
        if (value === null) return
        for (const output of run.take(value, partition, offset)) {
          const sent = publisher?.send(output) ?? Promise.resolve()
          sending = Promise.all([sending, sent]).then(
            () => undefined,
            (error: unknown) => {
              failure ??= error
            },
          )
        }
      })
      await reading.caughtUp
      await reading.close()
      await sending
      if (failure !== null) throw failure
      await publisher?.close()
      io.stdout.write(`${JSON.stringify({ ...run.report, written: !values['dry-run'] })}\n`)
      return 0
    } finally {
      await kafka.close()
    }
  },
}

function timeOf(text: string | undefined, option: string, otherwise: number): number {
  if (text === undefined) return otherwise
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new TocsinError('bad_argument', `${option} is no time: write 2026-11-22T08:00:00Z.`)
  return at
}
