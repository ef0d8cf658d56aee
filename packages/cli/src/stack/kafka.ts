import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Program } from '../supervisor/program.ts'
import { findJava } from './java.ts'
import { jarsFolder, projectRoot } from './places.ts'
import { answersKafka } from './probe.ts'
import { StackError } from './stack-error.ts'

export interface KafkaSettings {
  port: number
  controllerPort: number
  /** Where the broker keeps its log and its settings. */
  dataFolder: string
  env: NodeJS.ProcessEnv
}

/** One Kafka broker in KRaft mode (broker and controller in one process), plaintext on loopback. Throws when Java or jars are missing. */
export function kafkaProgram(settings: KafkaSettings): Program {
  const { port, controllerPort, dataFolder, env } = settings
  const java = join(findJava(17, env).home, 'bin', 'java')
  const classPath = join(jarsFolder('kafka', env), 'lib', '*')
  const propertiesFile = join(dataFolder, 'server.properties')
  const logFolder = join(dataFolder, 'log')
  const logging = `-Dlog4j2.configurationFile=${join(projectRoot, 'deploy/embedded/log4j2.properties')}`
  return {
    name: 'kafka',
    kind: 'server',
    command: java,
    args: [
      '-Xms256m',
      '-Xmx768m',
      '-XX:+ExitOnOutOfMemoryError',
      logging,
      '-cp',
      classPath,
      'kafka.Kafka',
      propertiesFile,
    ],
    env: {},
    workingFolder: dataFolder,
    dataFolder,
    async prepare() {
      await mkdir(logFolder, { recursive: true })
      await writeFile(propertiesFile, properties(port, controllerPort, logFolder))
      if (!existsSync(join(logFolder, 'meta.properties'))) await format(java, classPath, propertiesFile, logging)
    },
    isReady: () => answersKafka('127.0.0.1', port),
    readyTimeoutMs: 240_000,
    after: [],
  }
}

function properties(port: number, controllerPort: number, logFolder: string): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': logFolder,
    // Topics come from deploy/topics alone: a wrong name must fail, not make a topic with one partition.
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 8,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
  }
  return `${Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`
}

async function format(java: string, classPath: string, propertiesFile: string, logging: string): Promise<void> {
  // 16 random bytes in URL-safe base64, which is what `StorageTool random-uuid` prints, without a second start of Java.
  const clusterId = Buffer.from(crypto.getRandomValues(new Uint8Array(16)))
    .toString('base64url')
    .replace(/^-/, 'A')
  const args = [logging, '-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', propertiesFile]
  try {
    await promisify(execFile)(java, args)
  } catch (error) {
    throw new StackError('step_failed', `Kafka's log folder could not be formatted: ${String(error)}`, error)
  }
}
