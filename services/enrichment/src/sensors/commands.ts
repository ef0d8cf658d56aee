import { parseArgs } from 'node:util'
import { type Command, type CommandIo, messageOf, TocsinError } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { z } from 'zod'
import { readListFile } from '../adapters/feed-source.ts'
import { readFolder } from '../adapters/pack-folder.ts'
import { agentSchema, agentTurn, untilNextTurn } from '../adapters/sensor-agent.ts'
import { serveSensors } from '../adapters/sensor-server.ts'
import { packOf } from './pack.ts'
import { enrolledSchema, SensorDesk } from './sensor-desk.ts'
import { resultsOf, type SensorRow, sensorRows } from './sensor-list.ts'

const agentVersion = '0.1.0'

type Opened = Awaited<ReturnType<typeof openKafkaForCommand>>

async function withKafka(io: CommandIo, work: (kafka: Opened) => Promise<number>): Promise<number> {
  const kafka = await openKafkaForCommand(io.env)
  try {
    return await work(kafka)
  } finally {
    await kafka.close()
  }
}

/** Takes the text of a file of settings; throws `usage` with every fault by its path. */
async function settingsFrom<Schema extends z.ZodType>(schema: Schema, file: string): Promise<z.infer<Schema>> {
  const text = await readListFile(file).catch((cause: unknown) => {
    const reason = cause instanceof TocsinError ? (cause.cause ?? cause) : cause
    throw new TocsinError('usage', `The file ${file} cannot be read: ${messageOf(reason)}.`, cause)
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new TocsinError('usage', `${file} is no JSON: ${messageOf(cause)}.`, cause)
  }
  const read = schema.safeParse(json)
  if (!read.success) throw new TocsinError('usage', `${file}: ${z.prettifyError(read.error)}`)
  return read.data
}

const sensorsServe: Command = {
  name: 'sensors serve',
  summary: 'the desk at which sensors fetch their packs and report version, configuration hash and results',
  usage: 'sensors serve --enrolled FILE [--host 127.0.0.1] [--port 19620] [--cert FILE --key FILE]',
  examples: ['tocsin sensors serve --enrolled sensors.json --host 0.0.0.0 --cert centre.pem --key centre.key'],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        enrolled: { type: 'string' },
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '19620' },
        cert: { type: 'string' },
        key: { type: 'string' },
      },
    })
    if (values.enrolled === undefined) throw new TocsinError('usage', 'Say which sensors may come: --enrolled FILE.')
    const enrolled = await settingsFrom(enrolledSchema, values.enrolled)
    return await withKafka(io, async (kafka) => {
      const packs = await kafka.table('sensor-packs')
      const publisher = await kafka.publisher()
      const server = await serveSensors(
        { host: values.host, port: Number(values.port), certFile: values.cert, keyFile: values.key },
        new SensorDesk(enrolled, () => packs.values()),
        (state) => publisher.send({ topic: 'sensor-states', key: state.sensorId, value: state }),
        () => kafka.clock.now(),
      )
      io.stdout.write(`serving ${enrolled.length} sensors on port ${server.port}\n`)
      await new Promise<void>((resolve) => {
        if (io.signal.aborted) resolve()
        else io.signal.addEventListener('abort', () => resolve(), { once: true })
      })
      await server.close()
      return 0
    })
  },
}

const sensorsAgent: Command = {
  name: 'sensors agent',
  summary: 'beside a sensor: fetch its packs, check and put them in place, reload, report; needs no Kafka',
  usage: 'sensors agent --config FILE [--once]',
  examples: ['tocsin sensors agent --config /etc/tocsin/sensor.json'],
  async run(args, io) {
    const options = { config: { type: 'string' }, once: { type: 'boolean', default: false } } as const
    const { values } = parseArgs({ args: [...args], options })
    if (values.config === undefined) throw new TocsinError('usage', 'Say where its settings are: --config FILE.')
    const config = await settingsFrom(agentSchema, values.config)
    do {
      try {
        for (const { name, version, state, message } of await agentTurn(config, agentVersion, Date.now))
          io.stdout.write(`${name} ${version.slice(0, 12)} ${state}${message === null ? '' : `: ${message}`}\n`)
      } catch (error) {
        if (values.once) throw error
        io.stderr.write(`${messageOf(error)} Trying again in ${config.everySeconds} s.\n`)
      }
      if (!values.once) await untilNextTurn(config, io.signal)
    } while (!values.once && !io.signal.aborted)
    return 0
  },
}

const sensorsPush: Command = {
  name: 'sensors push',
  summary: 'push a folder of rules or parsers to a group of sensors; the same files again change nothing',
  usage: 'sensors push FOLDER --group GROUP --name NAME [--by WHO]',
  examples: ['tocsin sensors push suricata-rules --group border --name national-rules'],
  async run(args, io) {
    const options = { group: { type: 'string' }, name: { type: 'string' }, by: { type: 'string' } } as const
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options })
    const [folder] = positionals
    const { group, name } = values
    if (folder === undefined || group === undefined || name === undefined)
      throw new TocsinError('usage', `Say what goes where: ${sensorsPush.usage}.`)
    const files = await readFolder(folder)
    return await withKafka(io, async (kafka) => {
      const pushedBy = values.by ?? io.env['USER'] ?? 'cli'
      const value = packOf(files, { group, name, pushedAt: kafka.clock.now(), pushedBy })
      const before = (await kafka.table('sensor-packs')).get(value.packId)
      if (before?.version === value.version) {
        io.stdout.write(`${value.packId} is version ${value.version.slice(0, 12)} already\n`)
        return 0
      }
      const publisher = await kafka.publisher()
      await publisher.send({ topic: 'sensor-packs', key: value.packId, value })
      io.stdout.write(`${value.packId} version ${value.version.slice(0, 12)}, ${value.fileCount} files\n`)
      return 0
    })
  },
}

const sensorsResult: Command = {
  name: 'sensors result',
  summary: 'what became of a pack at each sensor of its group; exits with 1 until every one has applied it',
  usage: 'sensors result GROUP/NAME [--json]',
  examples: ['tocsin sensors result border/national-rules'],
  async run(args, io) {
    const options = { json: { type: 'boolean', default: false } } as const
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options })
    return await withKafka(io, async (kafka) => {
      const pack = (await kafka.table('sensor-packs')).get(positionals[0] ?? '')
      if (pack === undefined)
        throw new TocsinError(
          'unknown_sensor_pack',
          `There is no pack "${positionals[0] ?? ''}"; say which: ${sensorsResult.usage}.`,
        )
      const rows = resultsOf(pack, (await kafka.table('sensor-states')).values())
      for (const row of rows) {
        const at = row.at === null ? '' : new Date(row.at).toISOString()
        const text = [row.sensorId, row.state, pack.version.slice(0, 12), at, row.message ?? ''].join('\t')
        io.stdout.write(`${values.json ? JSON.stringify({ ...row, version: pack.version }) : text.trimEnd()}\n`)
      }
      return rows.length > 0 && rows.every(({ state }) => state === 'applied') ? 0 : 1
    })
  },
}

const sensorsList: Command = {
  name: 'sensors list',
  summary: 'every sensor: whether it is connected, version, configuration hash, position, packs',
  usage: 'sensors list [--constituent ID] [--json]',
  examples: ['tocsin sensors list --constituent vn-ministry'],
  async run(args, io) {
    const options = { constituent: { type: 'string' }, json: { type: 'boolean', default: false } } as const
    const { values } = parseArgs({ args: [...args], options })
    return await withKafka(io, async (kafka) => {
      const [sources, states] = [await kafka.table('registry-sources'), await kafka.table('sensor-states')]
      for (const row of sensorRows(sources.values(), states.values(), kafka.clock.now()))
        if (values.constituent === undefined || row.constituent === values.constituent)
          io.stdout.write(`${values.json ? JSON.stringify(row) : textOf(row)}\n`)
      return 0
    })
  },
}

function textOf(row: SensorRow): string {
  const at = row.reportedAt === null ? '' : new Date(row.reportedAt).toISOString()
  const packs = row.packs.map(({ name, version, state }) => `${name}@${version.slice(0, 12)} ${state}`).join(', ')
  const cells = [
    row.sensorId,
    row.constituent ?? 'not registered',
    row.link,
    at,
    row.version ?? '',
    row.configHash?.slice(0, 12) ?? '',
  ]
  return [...cells, row.position ?? '', row.connections.join(' '), packs].join('\t').trimEnd()
}

/** Commands for sensors that are managed centrally (VN-10.1a). */
export const sensorCommands: Command[] = [sensorsList, sensorsPush, sensorsResult, sensorsServe, sensorsAgent]
