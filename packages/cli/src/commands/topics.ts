import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Command, type CommandIo, type KafkaSettings, loadKafkaSettings } from '@tocsin/runtime'
import type { AccessFiles } from '@tocsin/stage/admin'
import { readOptions } from '../arguments.ts'
import { projectRoot } from '../stack/places.ts'
import { StackError } from '../stack/stack-error.ts'

const defaultFile = join(projectRoot, 'deploy/topics/topics.yaml')
const options = {
  file: { type: 'string' },
  brokers: { type: 'string' },
  prefix: { type: 'string' },
  'topics-only': { type: 'boolean' },
  prune: { type: 'boolean' },
} as const

export const topicsApply: Command = {
  name: 'topics apply',
  summary: 'make topics, rights and quotas of Kafka as deploy/topics says; does nothing where they are',
  usage: 'topics apply [--file FILE] [--brokers HOST:PORT,…] [--prefix P] [--topics-only | --prune]',
  examples: [
    'tocsin topics apply',
    'tocsin topics apply --brokers kafka.example.net:9092 --file topics.yaml',
    'tocsin topics apply --prune   # takes away the rights and quotas that `topics diff` shows with a minus',
  ],
  async run(args, io) {
    const { applyAccess, applyTopics, describeAccessChange, describeChange } = await import('@tocsin/stage/admin')
    const { cluster, file, prefix, access, prune } = settings(args, io)
    const changes = await applyTopics(cluster, file, prefix)
    for (const change of changes) io.stdout.write(`${describeChange(change)}\n`)
    io.stdout.write(changes.length === 0 ? 'the topics are as the file says\n' : `${changes.length} changes made\n`)
    if (access === null) return 0
    const rights = await applyAccess(cluster, access, { prune })
    if (rights === null) {
      io.stdout.write('this Kafka has no authorizer: rights and quotas are left out\n')
      return 0
    }
    for (const change of rights) io.stdout.write(`${describeAccessChange(change)}\n`)
    io.stdout.write(
      rights.length === 0
        ? 'rights and quotas are as the file says\n'
        : `${rights.length} changes of rights and quotas made\n`,
    )
    return 0
  },
}

export const topicsDiff: Command = {
  name: 'topics diff',
  summary: 'show what `topics apply` would change; exit code 1 where it would change anything',
  usage: 'topics diff [--file FILE] [--brokers HOST:PORT,…] [--prefix P] [--topics-only]',
  examples: ['tocsin topics diff'],
  async run(args, io) {
    const { describeAccessChange, describeChange, diffAccessFiles, diffTopicsFile, isStray } = await import(
      '@tocsin/stage/admin'
    )
    const { cluster, file, prefix, access } = settings(args, io)
    const changes = await diffTopicsFile(cluster, file, prefix)
    for (const change of changes) io.stdout.write(`${describeChange(change)}\n`)
    const rights = access === null ? null : await diffAccessFiles(cluster, access)
    for (const change of rights ?? []) io.stdout.write(`${describeAccessChange(change)}\n`)
    return changes.length === 0 && (rights ?? []).every(isStray) ? 0 : 1
  },
}

/** The cluster of the environment (KAFKA_BROKERS, KAFKA_SECURITY_PROTOCOL …); --brokers replaces its address only. */
function settings(
  args: readonly string[],
  io: CommandIo,
): { cluster: KafkaSettings; file: string; prefix: string; access: AccessFiles | null; prune: boolean } {
  const given = readOptions(args, options)
  const brokers = given.brokers ?? io.env.KAFKA_BROKERS
  if (brokers === undefined) {
    throw new StackError(
      'bad_argument',
      'No Kafka is known: start the stack with `tocsin up` or give --brokers HOST:PORT.',
    )
  }
  const cluster = loadKafkaSettings({ ...io.env, KAFKA_BROKERS: brokers })
  const file = given.file ?? defaultFile
  const prefix = given.prefix ?? ''
  const accessFile = join(dirname(file), 'access.yaml')
  // A file of topics without a file of access beside it is of topics alone.
  const access =
    given['topics-only'] !== true && existsSync(accessFile) ? { topicsFile: file, accessFile, prefix } : null
  return { cluster, file, prefix, access, prune: given.prune === true }
}
