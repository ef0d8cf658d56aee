import { join } from 'node:path'
import { type Command, type CommandIo, type KafkaSettings, loadKafkaSettings } from '@tocsin/runtime'
import { readOptions } from '../arguments.ts'
import { projectRoot } from '../stack/places.ts'
import { StackError } from '../stack/stack-error.ts'

const defaultFile = join(projectRoot, 'deploy/topics/topics.yaml')
const options = { file: { type: 'string' }, brokers: { type: 'string' }, prefix: { type: 'string' } } as const

export const topicsApply: Command = {
  name: 'topics apply',
  summary: 'make the topics of Kafka as deploy/topics says; does nothing where they are',
  usage: 'topics apply [--file FILE] [--brokers HOST:PORT,…] [--prefix P]',
  examples: ['tocsin topics apply', 'tocsin topics apply --brokers kafka.example.net:9092 --file topics.yaml'],
  async run(args, io) {
    const { applyTopics, describeChange } = await import('@tocsin/stage/admin')
    const { cluster, file, prefix } = settings(args, io)
    const changes = await applyTopics(cluster, file, prefix)
    for (const change of changes) io.stdout.write(`${describeChange(change)}\n`)
    io.stdout.write(changes.length === 0 ? 'the topics are as the file says\n' : `${changes.length} changes made\n`)
    return 0
  },
}

export const topicsDiff: Command = {
  name: 'topics diff',
  summary: 'show what `topics apply` would change; exit code 1 where it would change anything',
  usage: 'topics diff [--file FILE] [--brokers HOST:PORT,…] [--prefix P]',
  examples: ['tocsin topics diff'],
  async run(args, io) {
    const { diffTopicsFile, describeChange } = await import('@tocsin/stage/admin')
    const { cluster, file, prefix } = settings(args, io)
    const changes = await diffTopicsFile(cluster, file, prefix)
    for (const change of changes) io.stdout.write(`${describeChange(change)}\n`)
    return changes.length === 0 ? 0 : 1
  },
}

/** The cluster of the environment (KAFKA_BROKERS, KAFKA_SECURITY_PROTOCOL …); --brokers replaces its address only. */
function settings(args: readonly string[], io: CommandIo): { cluster: KafkaSettings; file: string; prefix: string } {
  const given = readOptions(args, options)
  const brokers = given.brokers ?? io.env.KAFKA_BROKERS
  if (brokers === undefined) {
    throw new StackError(
      'bad_argument',
      'No Kafka is known: start the stack with `tocsin up` or give --brokers HOST:PORT.',
    )
  }
  const cluster = loadKafkaSettings({ ...io.env, KAFKA_BROKERS: brokers })
  return { cluster, file: given.file ?? defaultFile, prefix: given.prefix ?? '' }
}
