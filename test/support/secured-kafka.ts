import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { KafkaSettings } from '@tocsin/runtime'
import { withAdmin } from '@tocsin/stage/admin'
import { findJava } from '../../packages/cli/src/stack/java.ts'
import { jarsFolder } from '../../packages/cli/src/stack/places.ts'
import { freePort } from './listening.ts'

/** A broker as production has it: TLS, SCRAM, and nothing allowed that no ACL allows. */
export interface SecuredKafka {
  /** Settings of a user, by name; `admin` is the only super-user. */
  as(user: string): KafkaSettings
  /** The same as environment of a process. */
  env(user: string): Record<string, string>
  /** SIGKILL: the broker is away until it is started again, with what it had. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

const run = promisify(execFile)
const startTimeoutMs = 90_000

/** Starts one broker of its own with the given users besides `admin`; each one's password is made for the run. */
export async function startSecuredKafka(users: readonly string[]): Promise<SecuredKafka> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-secured-kafka-'))
  const passwords = new Map(['admin', ...users].map((user) => [user, crypto.randomUUID()]))
  const [port, controllerPort] = [await freePort(), await freePort()]
  await makeCertificate(folder)
  const propertiesFile = join(folder, 'server.properties')
  const password = passwords.get('admin') ?? ''
  writeFileSync(propertiesFile, properties({ folder, port, controllerPort, password }), { mode: 0o600 })
  mkdirSync(join(folder, 'log'))
  const java = join(findJava(17, process.env).home, 'bin', 'java')
  const classPath = join(jarsFolder('kafka', process.env), 'lib', '*')
  const logging = `-Dlog4j2.configurationFile=${join(import.meta.dirname, '../../deploy/embedded/log4j2.properties')}`
  const scram = [...passwords].flatMap(([name, password]) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${name},password=${password}]`,
  ])
  const format = ['kafka.tools.StorageTool', 'format', '-t', 'c2VjdXJlZC1icm9rZXItMQ', '-c', propertiesFile, ...scram]
  await run(java, [logging, '-cp', classPath, ...format])
  let child: ChildProcess
  const start = async (): Promise<void> => {
    child = spawn(java, ['-Xms128m', '-Xmx512m', logging, '-cp', classPath, 'kafka.Kafka', propertiesFile], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    await untilStarted(child, as('admin'))
  }
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const as = (user: string): KafkaSettings => ({
    kafkaBrokers: `localhost:${port}`,
    kafkaSecurityProtocol: 'sasl_ssl',
    kafkaSslCaFile: join(folder, 'cert.pem'),
    kafkaSaslMechanism: 'SCRAM-SHA-512',
    kafkaSaslUsername: user,
    kafkaSaslPassword: passwords.get(user) ?? 'none such',
  })
  await start()
  return {
    as,
    env: (user) => envOf(as(user)),
    kill,
    start,
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function envOf(settings: KafkaSettings): Record<string, string> {
  const name = (key: string) => key.replace(/([A-Z])/g, '_$1').toUpperCase()
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [name(key), String(value)]))
}

async function makeCertificate(folder: string): Promise<void> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
    ...subject,
  ])
  writeFileSync(join(folder, 'both.pem'), readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'), { mode: 0o600 })
}

function properties(given: { folder: string; port: number; controllerPort: number; password: string }): string {
  const { folder, port, controllerPort, password } = given
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `CLIENTS://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `CLIENTS://localhost:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'CLIENTS',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,CLIENTS:SASL_SSL',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    'listener.name.clients.scram-sha-512.sasl.jaas.config': `org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="${password}";`,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': join(folder, 'both.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': join(folder, 'cert.pem'),
    'ssl.enabled.protocols': 'TLSv1.2,TLSv1.3',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    // ANONYMOUS is the controller's own plaintext listener on loopback; clients cannot reach it as themselves.
    'super.users': 'User:admin;User:ANONYMOUS',
    'log.dirs': join(folder, 'log'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
  }
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`
}

async function untilStarted(child: ChildProcess, admin: KafkaSettings): Promise<void> {
  const giveUpMs = performance.now() + startTimeoutMs
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The secured broker ended at its start with code ${child.exitCode}.`)
    const answer = await withAdmin(admin, (client) => client.describeCluster()).catch((error: unknown) => error)
    if (!(answer instanceof Error)) return
    if (performance.now() > giveUpMs) throw new Error('The secured broker did not start.', { cause: answer })
    await pause(200)
  }
}
