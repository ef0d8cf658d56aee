import type { KeyObject } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { RegistryConstituent, RegistrySource, RegistrySystem } from '@tocsin/events'
import { uuidV7 } from '@tocsin/events'
import { type Clock, type Health, type Log, type Metrics, TocsinError } from '@tocsin/runtime'
import { Admission } from './admission.ts'
import { BLOCK_MAX_AGE_MS } from './blocks.ts'
import type { ChainHead, HashChain } from './chain.ts'
import { checkpointOf } from './checkpoint.ts'
import { type IngestConfig, listenHost } from './config.ts'
import type { EvidenceLog, EvidenceState } from './evidence/evidence-log.ts'
import { Intake } from './intake.ts'
import type { Publisher } from './open-blocks.ts'
import type { RepeatWindows } from './repeat-windows.ts'
import type { SenderTokens } from './sender-tokens.ts'
import { type DatagramSpool, SpoolDrain } from './spool-drain.ts'
import { transports } from './transports/index.ts'
import type { Listener, TlsSource } from './transports/transport.ts'

const TICK_MS = 1_000
const COUNTS_EVERY_MS = 10_000
const CHECKPOINT_EVERY_MS = 60_000
/** A verdict is looked at again this often, because a constituent's time may have run out. */
const REDECIDE_EVERY_MS = 60_000
const TLS_LOOK_EVERY_MS = 5_000
const LAST_ACKNOWLEDGEMENTS_MS = 5_000

/** A registry topic in memory. */
export interface Table<T> {
  values(): Iterable<T>
  onChange(listener: () => void): void
}

/** What the ingest is made of; main wires the real parts, tests their own. */
export interface IngestParts {
  config: IngestConfig
  clock: Clock
  log: Log
  metrics: Metrics
  health: Health
  sources: Table<RegistrySource>
  constituents: Table<RegistryConstituent>
  systems: Table<RegistrySystem>
  publisher: Publisher
  chain: HashChain
  signingKey: KeyObject
  evidence: EvidenceLog
  /** Keeps the open tree on disk, so that a crash costs at most the last second of it. */
  saveEvidence: (state: EvidenceState) => void
  tls: TlsSource | null
  tokens: SenderTokens | null
  repeats: RepeatWindows
  spool: DatagramSpool | null
  monotonicMs: () => number
  /** Kafka refused for good: end the process. */
  onFailure: (error: unknown) => void
}

/** The running service: listeners, one intake, and what happens by the clock. */
export class Ingest {
  readonly #parts: IngestParts
  readonly #intake: Intake
  readonly #drain: SpoolDrain | null
  readonly #listeners: Listener[] = []
  readonly #kernelDrops = new Map<string, number>()
  #flushArmed = false
  #registryChanged = false
  #ticker: NodeJS.Timeout | null = null
  #countedAtMs: number
  #checkpointAtMs: number
  #decidedAtMs: number
  #checkpointSeq = -1
  #tlsLookedAtMs: number

  constructor(parts: IngestParts) {
    this.#parts = parts
    this.#intake = new Intake({
      slot: parts.config.slot,
      chain: parts.chain,
      evidence: parts.evidence,
      admission: this.#admission(),
      publisher: parts.publisher,
      clock: parts.clock,
      maxUnacknowledgedBytes: parts.config.maxUnacknowledgedMib * 1_048_576,
      spool: parts.spool,
      wantFlush: () => this.#armFlush(),
      onFailure: parts.onFailure,
    })
    this.#drain = parts.spool === null ? null : new SpoolDrain(this.#intake, parts.spool)
    const now = parts.monotonicMs()
    this.#countedAtMs = now
    this.#checkpointAtMs = now
    this.#decidedAtMs = now
    this.#tlsLookedAtMs = now
    for (const table of [parts.sources, parts.constituents, parts.systems]) {
      table.onChange(() => {
        this.#registryChanged = true
      })
    }
  }

  /** Addresses that are listened on, `udp:15514` and the like. */
  get listeners(): readonly Listener[] {
    return this.#listeners
  }

  acknowledgedHead(): ChainHead {
    return this.#intake.acknowledgedHead()
  }

  /** Opens every listener of the settings. Throws `listen_failed` where one cannot be had. */
  async start(): Promise<void> {
    const { config, log, health, tls } = this.#parts
    const host = listenHost(config)
    for (const transport of transports) {
      const port = transport.port(config)
      if (port === 'off') continue
      if (transport.secure && tls === null) {
        log.warn({ code: 'tls_off' }, `The ${transport.name} listener is off: SYSLOG_INGEST_TLS_CERT_FILE is not set.`)
        continue
      }
      const listener = await transport.open(port, this.#transportContext(host)).catch(async (error: unknown) => {
        await Promise.all(this.#listeners.map((opened) => opened.close()))
        throw new TocsinError(
          'listen_failed',
          `The ${transport.name} listener cannot have ${host}:${port} (${(error as NodeJS.ErrnoException).code ?? 'error'}): free the port or set SYSLOG_INGEST_${transport.name.replaceAll('-', '_').toUpperCase()}_PORT.`,
          error,
        )
      })
      this.#listeners.push(listener)
      log.info(
        { listener: listener.name, address: listener.address, port: listener.port },
        `listening on ${listener.name}`,
      )
    }
    health.ready('listeners', () => ({
      ok: this.#listeners.length > 0,
      detail: this.#listeners.map(({ name, address }) => `${name} at ${address}`).join(', '),
    }))
    this.#ticker = setInterval(() => this.#tick(), TICK_MS)
  }

  /**
   * Stops: no new frames, open blocks out, acknowledgements waited for, counts and checkpoint written. Gives true when
   * every block is in Kafka, so that the chain may be continued.
   */
  async stop(): Promise<boolean> {
    if (this.#ticker !== null) clearInterval(this.#ticker)
    this.#readKernelDrops()
    await Promise.all(this.#listeners.map((listener) => listener.close()))
    this.#intake.flush()
    const settled = await withinMs(this.#intake.settled(), LAST_ACKNOWLEDGEMENTS_MS)
    this.#publishCounts()
    this.#publishCheckpoint()
    this.#publishTrees(true)
    this.#intake.tally.publish(this.#parts.metrics)
    return settled && this.#parts.chain.settled
  }

  #transportContext(host: string) {
    const { config, log, tls, tokens, repeats, monotonicMs, metrics } = this.#parts
    const closed = metrics.counter('tocsin_ingest_connections_closed_total', 'Connections closed by us', [
      'listener',
      'reason',
    ])
    const buffer = metrics.gauge('tocsin_ingest_udp_receive_buffer_bytes', 'Receive buffer given by the system', [
      'listener',
    ])
    return {
      config,
      host,
      intake: this.#intake,
      log,
      tls,
      tokens,
      repeats,
      monotonicMs,
      closed: (listener: string, reason: string) => closed.inc({ listener, reason }),
      receiveBuffer: (listener: string, bytes: number) => buffer.set({ listener }, bytes),
    }
  }

  #admission(): Admission {
    const { sources, constituents, systems, log } = this.#parts
    const admission = new Admission({
      sources: sources.values(),
      constituents: constituents.values(),
      systems: systems.values(),
    })
    if (admission.problems.length > 0) {
      log.warn(
        { code: 'bad_registry_address', problems: admission.problems.slice(0, 20) },
        `${admission.problems.length} addresses of registered sources are none; they let nobody in.`,
      )
    }
    return admission
  }

  #armFlush(): void {
    if (this.#flushArmed) return
    this.#flushArmed = true
    setTimeout(() => {
      this.#flushArmed = false
      this.#intake.flush()
    }, BLOCK_MAX_AGE_MS)
  }

  #tick(): void {
    const { metrics, monotonicMs } = this.#parts
    const now = monotonicMs()
    if (this.#registryChanged || now - this.#decidedAtMs >= REDECIDE_EVERY_MS) {
      this.#registryChanged = false
      this.#decidedAtMs = now
      this.#intake.admitBy(this.#admission())
    }
    if (now - this.#tlsLookedAtMs >= TLS_LOOK_EVERY_MS) {
      this.#tlsLookedAtMs = now
      this.#parts.tls?.refresh()
    }
    this.#drain?.run()
    this.#readKernelDrops()
    this.#intake.tally.publish(metrics)
    metrics
      .gauge('tocsin_ingest_spool_bytes', 'Datagrams on disk that wait for Kafka')
      .set(this.#parts.spool?.bytes ?? 0)
    metrics
      .gauge('tocsin_ingest_unacknowledged_bytes', 'Octets that wait for Kafka')
      .set(this.#intake.unacknowledgedBytes)
    const connections = metrics.gauge('tocsin_ingest_connections', 'Open connections', ['listener'])
    for (const listener of this.#listeners) connections.set({ listener: listener.name }, listener.connections())
    if (now - this.#countedAtMs >= COUNTS_EVERY_MS) {
      this.#countedAtMs = now
      this.#publishCounts()
    }
    this.#publishTrees(false)
    if (now - this.#checkpointAtMs >= CHECKPOINT_EVERY_MS) {
      this.#checkpointAtMs = now
      this.#publishCheckpoint()
    }
  }

  #readKernelDrops(): void {
    for (const listener of this.#listeners) {
      const drops = listener.kernelDrops()
      if (drops === null) continue
      const before = this.#kernelDrops.get(listener.name) ?? 0
      if (drops > before) this.#intake.kernelDropped(listener.name, drops - before)
      this.#kernelDrops.set(listener.name, drops)
    }
  }

  #publishCounts(): void {
    for (const output of this.#intake.drainCounts(uuidV7(this.#parts.clock.now()))) this.#send(output)
  }

  #publishCheckpoint(): void {
    const head = this.#intake.acknowledgedHead()
    if (head.seq === 0 || head.seq === this.#checkpointSeq) return
    this.#checkpointSeq = head.seq
    const value = checkpointOf(head, this.#parts.signingKey, this.#parts.clock.now())
    this.#send({ topic: 'evidence-checkpoints', key: value.origin, value })
  }

  /** Checkpoints first, then the state: after a crash a tree is signed twice rather than never. */
  #publishTrees(isLast: boolean): void {
    const { evidence, clock, saveEvidence } = this.#parts
    for (const value of evidence.checkpoints(clock.now(), isLast))
      this.#send({ topic: 'evidence-checkpoints', key: value.origin, value })
    saveEvidence(evidence.state())
  }

  #send(output: Parameters<Publisher['send']>[0]): void {
    this.#parts.publisher.send(output).catch((error: unknown) => this.#parts.onFailure(error))
  }
}

async function withinMs(work: Promise<void>, limitMs: number): Promise<boolean> {
  const late = new AbortController()
  const done = work.then(() => true)
  const result = await Promise.race([done, pause(limitMs, false, { signal: late.signal }).catch(() => false)])
  late.abort()
  return result
}
