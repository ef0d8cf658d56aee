import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { Figure, StageBench } from '@tocsin/bench/figures'
import { withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { freePort } from '@tocsin/test/support/listening'
import { constituent, source } from '../test/registry-records.ts'

const PROGRAM = '/usr/sbin/rsyslogd'
const MODULE = '/usr/lib/x86_64-linux-gnu/rsyslog/omkafka.so'
const MAIN = join(import.meta.dirname, '../src/main.ts')
const SENDER = join(import.meta.dirname, 'send-lines.ts')
/** Clock ticks a second in /proc/PID/stat (proc(5)). */
const TICKS_PER_SECOND = 100
const WARM_UP_LINES = 100_000
const WAIT_MS = 180_000
const REGISTRY = ['registry-sources', 'registry-constituents', 'registry-systems']
const OURS = [...REGISTRY, 'raw-blocks', 'source-counts', 'health-events', 'evidence-checkpoints', 'audit-entries']

/** Fields that rsyslog reads out of each line and writes with it, in the manner of its own documentation of omkafka. */
const RSYSLOG_FIELDS = `template(name="record" type="list" option.jsonf="on") {
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="received" name="timegenerated" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="facility" name="syslogfacility" format="jsonf" datatype="number")
  property(outname="severity" name="syslogseverity" format="jsonf" datatype="number")
  property(outname="program" name="app-name" format="jsonf")
  property(outname="process" name="procid" format="jsonf")
  property(outname="peer" name="fromhost-ip" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
  property(outname="original" name="rawmsg" format="jsonf")
}`
const RSYSLOG_RAW = 'template(name="record" type="string" string="%rawmsg%")'

type Env = Readonly<Record<string, string | undefined>>

/** A receiver in a process of its own: where it listens, and how many lines Kafka has from it. */
interface Receiver {
  pid: number
  port: number
  acknowledged(): Promise<number>
  stop(): Promise<void>
}

/** Lines over one TCP connection into Kafka (lz4, acks=all), by this service and by rsyslog, whole processes, one after the other. */
export const bench: StageBench = {
  async run({ quick, env }) {
    const skipped: string[] = []
    if (env['KAFKA_BROKERS'] === undefined || env['REGISTRY_URL'] === undefined)
      return {
        figures: [],
        skipped: ['no broker is known: start one with `tocsin up`, or set KAFKA_BROKERS and REGISTRY_URL'],
      }
    const lines = quick ? 200_000 : 1_000_000
    const rounds = quick ? 1 : 3
    const withRsyslog = existsSync(PROGRAM) && existsSync(MODULE)
    if (!withRsyslog)
      skipped.push('the peer: rsyslogd with omkafka is not installed (apt-get install rsyslog rsyslog-kafka)')
    const own: number[] = []
    const fields: number[] = []
    const raw: number[] = []
    for (let round = 0; round < rounds; round++) {
      own.push(await cost((folder) => startOurs(env, folder), lines))
      if (!withRsyslog) continue
      fields.push(await cost((folder) => startRsyslog(env, folder, RSYSLOG_FIELDS), lines))
      raw.push(await cost((folder) => startRsyslog(env, folder, RSYSLOG_RAW), lines))
    }
    const figure = (stage: string, peer: string, values: readonly number[]): Figure => ({
      stage,
      value: median(own),
      budget: null,
      peer: withRsyslog ? peer : null,
      peerValue: withRsyslog ? median(values) : null,
      what: `${lines} lines of four devices over TCP into Kafka, lz4, acks=all; whole processes; ${Math.round(1e6 / median(own)).toLocaleString('en')} lines per CPU second`,
    })
    return {
      figures: [
        figure('ingest', 'rsyslog, imptcp to omkafka, fields as JSON', fields),
        figure('ingest/raw', 'rsyslog, the line alone, nothing read out of it', raw),
      ],
      skipped,
    }
  },
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** CPU microseconds (user and system, all threads) of a receiver for each line, after a warm-up. */
async function cost(start: (folder: string) => Promise<Receiver>, lines: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-ingest-'))
  const receiver = await start(folder)
  try {
    await sendAll(receiver, WARM_UP_LINES)
    const before = cpuSecondsOf(receiver.pid)
    await sendAll(receiver, lines)
    return ((cpuSecondsOf(receiver.pid) - before) * 1e6) / lines
  } finally {
    await receiver.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function sendAll(receiver: Receiver, lines: number): Promise<void> {
  const wanted = (await receiver.acknowledged()) + lines
  const sender = spawn(process.execPath, [SENDER, String(receiver.port), String(lines), 'mixed'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(sender, 'exit')
  await once(sender.stdout, 'data')
  sender.stdin.end('go\n')
  await exited
  await until(async () => (await receiver.acknowledged()) >= wanted, `${wanted} lines in Kafka`)
}

function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const columns = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(columns[11]) + Number(columns[12])) / TICKS_PER_SECOND
}

async function until(check: () => Promise<boolean>, what: string): Promise<void> {
  const giveUpMs = performance.now() + WAIT_MS
  while (!(await check())) {
    if (performance.now() > giveUpMs) throw new Error(`Not within ${WAIT_MS} ms: ${what}.`)
    await pause(200)
  }
}

async function topicsFor(env: Env, names: readonly string[]): Promise<() => Promise<void>> {
  const brokers = env['KAFKA_BROKERS'] as string
  await withAdmin(brokers, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: names.map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1 })),
    }),
  )
  return () => withAdmin(brokers, (admin) => admin.deleteTopics({ topics: [...names] }))
}

/** Ends a process and waits for it. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

async function startOurs(env: Env, folder: string): Promise<Receiver> {
  const prefix = `bench-${process.pid}-${performance.now().toFixed(0)}.`
  const remove = await topicsFor(
    env,
    OURS.map((name) => prefix + name),
  )
  const own = {
    ...env,
    TOCSIN_PROFILE: 'embedded',
    TOCSIN_TOPIC_PREFIX: prefix,
    TOCSIN_DATA: folder,
    TOCSIN_ADMIN_PORT: '0',
    TOCSIN_LOG_LEVEL: 'info',
    SYSLOG_INGEST_UDP_PORT: 'off',
    SYSLOG_INGEST_TCP_PORT: '0',
    SYSLOG_INGEST_TLS_PORT: 'off',
  }
  const kafka = await openKafkaForCommand(own)
  const registry = await kafka.publisher()
  await registry.send({ topic: 'registry-constituents', key: 'body-a', value: constituent() })
  await registry.send({ topic: 'registry-sources', key: 'source-a', value: source({ addresses: ['127.0.0.1'] }) })
  const child = spawn(process.execPath, [MAIN], { env: own, stdio: ['ignore', 'pipe', 'inherit'] })
  const { adminPort, port } = await portsOf(child)
  return {
    pid: child.pid as number,
    port,
    async acknowledged() {
      const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text()
      const values = [...text.matchAll(/^tocsin_ingest_frames_accepted_total\{[^}]*\} (\d+)$/gm)]
      return values.reduce((sum, [, value]) => sum + Number(value), 0)
    },
    async stop() {
      await end(child)
      await kafka.close()
      await remove()
    },
  }
}

/** Reads the log of the service until both its ports are known. */
async function portsOf(child: ChildProcess): Promise<{ adminPort: number; port: number }> {
  let adminPort = 0
  let port = 0
  if (child.stdout === null) throw new Error('The service was started without its output.')
  const log = createInterface({ input: child.stdout })
  for await (const line of log) {
    const entry = JSON.parse(line) as { adminPort?: number; listener?: string; port?: number }
    adminPort = entry.adminPort ?? adminPort
    if (entry.listener?.startsWith('tcp:') === true) port = entry.port ?? 0
    if (adminPort > 0 && port > 0) break
  }
  child.stdout.resume()
  return { adminPort, port }
}

async function startRsyslog(env: Env, folder: string, template: string): Promise<Receiver> {
  const brokers = env['KAFKA_BROKERS'] as string
  const topic = `bench-${process.pid}-${performance.now().toFixed(0)}.rsyslog`
  const remove = await topicsFor(env, [topic])
  const port = await freePort()
  const config = join(folder, 'rsyslog.conf')
  // Without the larger queue of librdkafka omkafka stands still after a thousand lines.
  writeFileSync(
    config,
    `global(workDirectory="${folder}" maxMessageSize="8k")
module(load="imptcp" threads="1")
module(load="omkafka")
${template}
input(type="imptcp" address="127.0.0.1" port="${port}" ruleset="out")
ruleset(name="out" queue.type="LinkedList" queue.size="1500000" queue.dequeueBatchSize="1000" queue.workerThreads="1") {
  action(type="omkafka" broker="${brokers}" topic="${topic}" template="record" resubmitOnFailure="on" keepFailedMessages="on"
    action.resumeRetryCount="-1" failedMsgFile="${folder}/failed"
    confParam=["compression.codec=lz4","linger.ms=5","acks=all","queue.buffering.max.messages=1000000"])
}
`,
  )
  const child = spawn(PROGRAM, ['-n', '-f', config, '-i', join(folder, 'pid')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await until(() => isOpen(port), 'rsyslogd listens')
  return {
    pid: child.pid as number,
    port,
    acknowledged: async () => {
      const offsets = await withAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic))
      return offsets.reduce((sum, { high }) => sum + Number(high), 0)
    },
    async stop() {
      await end(child)
      await remove()
    },
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' })
  const open = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false)
  socket.destroy()
  return open
}
