import { parseArgs } from 'node:util'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { publishAll, refreshFeed } from './adapters/feed-schedule.ts'
import { readListOfFile } from './adapters/feed-source.ts'
import { type Feed, feedsSchema, listSettingsOf } from './intel/feed.ts'
import { FeedLedger } from './intel/feed-ledger.ts'
import { kindOfValue } from './intel/indicator-list.ts'
import { intelInspection, intelOutdated, intelScan } from './scan/commands.ts'
import { sensorCommands } from './sensors/commands.ts'

const importUsage =
  'intel import FILE|URL… --feed NAME [--format csv|misp|stix|taxii] [--tlp AMBER] [--confidence 50] [--expires-days N] [--verified] [--whole] [--user NAME --secret-variable VAR]'

const intelImport: Command = {
  name: 'intel import',
  summary: 'read lists of indicators (CSV, MISP, STIX 2.1, TAXII 2.1) and publish what is new in them',
  usage: importUsage,
  examples: [
    'tocsin intel import c2-addresses.csv --feed national-cert',
    'tocsin intel import bundle.json --feed partner --confidence 80 --expires-days 90 --whole',
    'tocsin intel import https://taxii.example.org/api/collections/7/ --feed partner --format taxii --secret-variable TAXII_TOKEN',
  ],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        feed: { type: 'string' },
        format: { type: 'string' },
        tlp: { type: 'string', default: 'AMBER' },
        confidence: { type: 'string', default: '50' },
        'expires-days': { type: 'string' },
        verified: { type: 'boolean', default: false },
        whole: { type: 'boolean', default: false },
        user: { type: 'string' },
        'secret-variable': { type: 'string' },
      },
    })
    if (positionals.length === 0 || values.feed === undefined)
      throw new TocsinError('usage', `Say which lists and which feed: ${importUsage}.`)
    const feeds = feedsSchema.safeParse(
      positionals.map((from) => ({
        feed: values.feed,
        format: values.format ?? 'csv',
        from,
        tlp: values.tlp,
        confidence: Number(values.confidence),
        verification: values.verified ? 'verified' : 'unverified',
        expiresDays: values['expires-days'] === undefined ? null : Number(values['expires-days']),
        whole: values.whole,
        ...(values.user === undefined ? {} : { username: values.user }),
        ...(values['secret-variable'] === undefined ? {} : { secretVariable: values['secret-variable'] }),
      })),
    )
    if (!feeds.success)
      throw new TocsinError('usage', `${feeds.error.issues[0]?.message ?? 'An option is wrong'}. Usage: ${importUsage}`)
    return await withLedger(io, (ledger, kafka) =>
      importAll(feeds.data, values.format === undefined, ledger, kafka, io),
    )
  },
}

type OpenKafka = Awaited<ReturnType<typeof openKafkaForCommand>>

async function importAll(
  feeds: readonly Feed[],
  guess: boolean,
  ledger: FeedLedger,
  kafka: OpenKafka,
  io: CommandIo,
): Promise<number> {
  const publisher = await kafka.publisher()
  let faulty = 0
  for (const feed of feeds) {
    if (/^https?:\/\//i.test(feed.from)) {
      const done = await refreshFeed(feed, { addedLast: null, etag: null }, ledger, {
        env: io.env,
        signal: io.signal,
        now: () => kafka.clock.now(),
        publish: (value) => publisher.send({ topic: 'indicators', key: value.indicatorId, value }),
        tell: async () => {},
      })
      io.stdout.write(
        `${feed.from}: ${done?.written ?? 0} indicators published, ${done?.faults ?? 0} entries left out\n`,
      )
      faulty += done?.faults ?? 0
      continue
    }
    const format = guess || feed.format === 'taxii' ? null : feed.format
    const nowMs = kafka.clock.now()
    const list = await readListOfFile(feed.from, format, listSettingsOf(feed, nowMs))
    const changes = ledger.changes(feed.feed, list.indicators, feed.whole, nowMs)
    await publishAll(changes, (value) => publisher.send({ topic: 'indicators', key: value.indicatorId, value }))
    for (const change of changes) ledger.observe(change.indicatorId, change)
    for (const { place, reason } of list.faults) io.stderr.write(`${feed.from}: ${place}: ${reason}\n`)
    const same = list.indicators.length - changes.filter(({ revoked }) => !revoked).length
    io.stdout.write(
      `${feed.from}: ${changes.length} indicators published, ${Math.max(0, same)} as before, ${list.faults.length} entries left out, ${list.ignored} not for detection\n`,
    )
    faulty += list.faults.length
  }
  return faulty === 0 ? 0 : 1
}

const verifyUsage = 'intel verify VALUE --feed NAME --state verified|rejected|unverified'

const intelVerify: Command = {
  name: 'intel verify',
  summary:
    'say that an indicator was verified or rejected; a rejected one hits nothing and stays so when its list is read again',
  usage: verifyUsage,
  examples: ['tocsin intel verify bad.example --feed national-cert --state rejected'],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { feed: { type: 'string' }, state: { type: 'string' } },
    })
    const [value] = positionals
    const { feed, state } = values
    if (value === undefined || feed === undefined || !['verified', 'rejected', 'unverified'].includes(state ?? ''))
      throw new TocsinError('usage', `Say which indicator, whose list and what it is: ${verifyUsage}.`)
    return await withLedger(io, async (ledger, kafka) => {
      const indicator = ledger.find(feed, kindOfValue(value) ?? 'url', value)
      if (indicator === undefined)
        throw new TocsinError(
          'unknown_indicator',
          `The list ${feed} has no indicator "${value}"; look at what it holds.`,
        )
      const publisher = await kafka.publisher()
      const changed = { ...indicator, verification: state as string }
      await publisher.send({ topic: 'indicators', key: changed.indicatorId, value: changed })
      io.stdout.write(`${indicator.type} ${indicator.value} of ${feed} is ${state}\n`)
      return 0
    })
  },
}

/** Reads what stands on the topic first, so that only what differs is written. */
async function withLedger(
  io: CommandIo,
  work: (ledger: FeedLedger, kafka: OpenKafka) => Promise<number>,
): Promise<number> {
  const kafka = await openKafkaForCommand(io.env)
  try {
    const ledger = new FeedLedger()
    const following = await kafka.follow(['indicators'], { from: 'beginning' }, ({ key, value }) =>
      ledger.observe(key, value),
    )
    await following.caughtUp
    await following.close()
    return await work(ledger, kafka)
  } finally {
    await kafka.close()
  }
}

/** Commands of enrichment. */
export const commands: Command[] = [
  intelImport,
  intelVerify,
  intelScan,
  intelInspection,
  intelOutdated,
  ...sensorCommands,
]
