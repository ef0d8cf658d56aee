import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { createCodec, schemaOf } from '@tocsin/avro'
import type { Figure, StageBench } from '@tocsin/bench/figures'
import { measure, sideBySide } from '@tocsin/bench/measure'
import type { RawBlock } from '@tocsin/events'
import { createLog, Health, loadConfig, Metrics, systemClock } from '@tocsin/runtime'
import { Admission } from '../src/admission.ts'
import { HashChain } from '../src/chain.ts'
import { settings } from '../src/config.ts'
import { Framer } from '../src/framing.ts'
import { Ingest } from '../src/ingest.ts'
import { Intake } from '../src/intake.ts'
import type { Publisher } from '../src/open-blocks.ts'
import { RepeatWindows } from '../src/repeat-windows.ts'
import { newEvidence } from '../test/evidence-under-test.ts'
import { constituent, source } from '../test/registry-records.ts'
import { lineOf } from './lines.ts'

const BUDGET_MICROS = 2.3
/** Datagrams a second. */
const UDP_RATES = [10_000, 25_000, 50_000, 100_000, 200_000]
const READ_BYTES = 64 * 1024
const registry = { sources: [source({ addresses: ['127.0.0.0/8'] })], constituents: [constituent()], systems: [] }

/** Takes blocks, writes them as Avro and acknowledges: everything but the broker. */
function encoding(): Publisher & { frames: number } {
  const codec = createCodec<RawBlock>(schemaOf('raw-block'), 1)
  const publisher = {
    frames: 0,
    send(output: Parameters<Publisher['send']>[0]) {
      if (output.topic === 'raw-blocks') {
        const block = output.value as RawBlock
        codec.encode(block)
        publisher.frames += block.frames.length
      }
      return Promise.resolve()
    },
  }
  return publisher
}

function fail(error: unknown): never {
  throw error
}

/** Octets of a connection to blocks; the peer cuts lines with Node's own reader and makes one JSON record a line. */
async function pure(lines: number, rounds: number): Promise<Figure> {
  const octets = Buffer.from(Array.from({ length: lines }, (_, n) => lineOf(n)).join(''))
  const reads = Array.from({ length: Math.ceil(octets.length / READ_BYTES) }, (_, n) =>
    octets.subarray(n * READ_BYTES, (n + 1) * READ_BYTES),
  )
  const publisher = encoding()
  const intake = new Intake({
    slot: 0,
    chain: new HashChain('bench'),
    evidence: newEvidence('bench'),
    admission: new Admission(registry),
    publisher,
    clock: systemClock,
    maxUnacknowledgedBytes: 2 ** 40,
    spool: null,
    wantFlush: () => {},
    onFailure: fail,
  })
  const session = intake.session({
    transport: 'tcp',
    listener: 'tcp:15514',
    address: '127.0.0.1',
    certificateSubject: null,
  })
  let peerOctets = 0
  const [value = 0, peerValue = 0] = await sideBySide(
    [
      async () => {
        const framer = new Framer((frame, truncated, framing) => intake.frame(session, frame, truncated, framing, 1))
        for (const read of reads) framer.push(read)
        framer.end()
        intake.flush()
        await intake.settled()
      },
      async () => {
        for await (const message of createInterface({
          input: Readable.from(reads),
          crlfDelay: Number.POSITIVE_INFINITY,
        }))
          peerOctets += Buffer.from(JSON.stringify({ message, receivedAt: Date.now(), sourceId: 'source-a' })).length
      },
    ],
    { events: lines, rounds, warmUpRounds: 3 },
  )
  if (publisher.frames !== lines * (rounds + 3) || peerOctets === 0) throw new Error('Lines were lost.')
  return {
    stage: 'receive/pure',
    value,
    budget: BUDGET_MICROS,
    peer: 'node:readline + JSON a line',
    peerValue,
    what: `framing, admission, blocks, hash chain, Avro; ${Math.round(octets.length / lines)} octets a line, no socket`,
  }
}

/** The whole service but the broker, with one listener on a free port. */
async function receiving(listener: 'TCP' | 'UDP') {
  const publisher = encoding()
  const config = loadConfig(
    settings,
    {
      TOCSIN_PROFILE: 'embedded',
      KAFKA_BROKERS: '127.0.0.1:1',
      REGISTRY_URL: 'http://127.0.0.1:1',
      SYSLOG_INGEST_UDP_PORT: 'off',
      SYSLOG_INGEST_TCP_PORT: 'off',
      SYSLOG_INGEST_TLS_PORT: 'off',
      [`SYSLOG_INGEST_${listener}_PORT`]: '0',
    },
    'syslog-ingest',
  )
  const table = <T>(values: readonly T[]) => ({ values: () => values, onChange: () => {} })
  const ingest = new Ingest({
    config,
    clock: systemClock,
    log: createLog('bench', 0, 'error'),
    metrics: new Metrics('bench', 0),
    health: new Health(),
    publisher,
    chain: new HashChain('bench'),
    evidence: newEvidence('bench'),
    tls: null,
    spool: null,
    tokens: null,
    repeats: new RepeatWindows({ sending: () => {}, ended: () => {} }),
    sources: table(registry.sources),
    constituents: table(registry.constituents),
    systems: table([]),
    saveEvidence: () => {},
    signingKey: generateKeyPairSync('ed25519').privateKey,
    monotonicMs: () => performance.now(),
    onFailure: fail,
  })
  await ingest.start()
  return { ingest, publisher, port: ingest.listeners[0]?.port ?? 0 }
}

/** The other end, in a process of its own. */
async function sending(port: number, lines: number, kind: 'same' | 'udp') {
  const script = join(import.meta.dirname, 'send-lines.ts')
  const sender = spawn(process.execPath, [script, String(port), String(lines), kind], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(sender.stdout, 'data')
  return sender
}

/** Lines over a real TCP socket on loopback. */
async function overTcp(lines: number, rounds: number): Promise<Figure> {
  const { ingest, publisher, port } = await receiving('TCP')
  const sender = await sending(port, lines, 'same')
  let wanted = 0
  const value = await measure(
    async () => {
      wanted += lines
      sender.stdin.write('go\n')
      while (publisher.frames < wanted) await new Promise((resolve) => setTimeout(resolve, 5))
    },
    { events: lines, rounds, warmUpRounds: 2 },
  )
  sender.stdin.end()
  await once(sender, 'exit')
  await ingest.stop()
  return {
    stage: 'receive',
    value,
    budget: BUDGET_MICROS,
    peer: null,
    peerValue: null,
    what: 'lines from a real TCP socket, one connection, to encoded blocks; no broker',
  }
}

/** Datagrams at rising rates: what one costs, and what is lost. */
async function overUdp(lines: number): Promise<Figure> {
  const { ingest, publisher, port } = await receiving('UDP')
  const sender = await sending(port, lines, 'udp')
  const losses: string[] = []
  let micros = 0
  let received = 0
  for (const [round, perSecond] of [20_000, ...UDP_RATES].entries()) {
    const before = publisher.frames
    const usedBefore = process.cpuUsage()
    sender.stdin.write(`${perSecond}\n`)
    await once(sender.stdout, 'data')
    // What is still on its way belongs to this round.
    for (let last = -1; last !== publisher.frames; ) {
      last = publisher.frames
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    const used = process.cpuUsage(usedBefore)
    const came = publisher.frames - before
    // The first round warms up.
    if (round === 0) continue
    micros += used.user + used.system
    received += came
    losses.push(`${perSecond / 1_000}k/s ${(((lines - came) / lines) * 100).toFixed(1)} %`)
  }
  sender.stdin.end()
  await once(sender, 'exit')
  await ingest.stop()
  return {
    stage: 'receive/udp',
    value: micros / received,
    budget: null,
    peer: null,
    peerValue: null,
    what: `datagrams of four devices, one socket and process; lost: ${losses.join(', ')}`,
  }
}

/** Lines to acknowledged blocks. */
export const bench: StageBench = {
  async run({ quick }) {
    const lines = quick ? 50_000 : 200_000
    const rounds = quick ? 5 : 11
    const alone = await pure(lines, rounds)
    const tcp = await overTcp(lines, rounds)
    // The headline is the socket's; its peer is that of the same work without one.
    const udp = await overUdp(lines)
    return { figures: [tcp, alone, udp], skipped: [] }
  },
}
