import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, type Health, type Log, type Metrics, messageOf } from '@tocsin/runtime'
import { type AddressRange, parseRange } from '../../address.ts'
import type { OpenLink } from '../../collect/centre-link.ts'
import { CollectDoor, type NewLine } from '../../collect/collect-door.ts'
import type { CollectConfig } from '../../collect/config.ts'
import { DoorNews } from '../../collect/door-news.ts'
import { FileTail } from './file-tail.ts'
import { Forwarder } from './forwarder.ts'
import { followJournal } from './journal-tail.ts'
import { type OwnListeners, openListeners } from './own-listeners.ts'
import { openRelp } from './relp-link.ts'
import { SegmentStore } from './segment-store.ts'
import { openSyslog } from './syslog-link.ts'

const TICK_MS = 1_000
const MIB = 1_048_576
const DAY_MS = 86_400_000
const LOOK_MS = 250
const LAST_LINES_MS = 2_000
const MAX_LINE_BYTES = 64_000
const WAITING_MAX_BYTES = 8 * MIB

/** What a collector is made of; the command wires the real parts, tests their own. */
export interface CollectorParts {
  config: CollectConfig
  clock: Clock
  log: Log
  metrics: Metrics
  health: Health
  monotonicMs: () => number
  /** Between tries to reach the centre. */
  retryMs?: readonly [first: number, most: number]
}

/** One running collector: its inputs, its store, its way to the centre. */
export class Collector {
  readonly store: SegmentStore
  readonly door: CollectDoor
  readonly forwarder: Forwarder
  readonly #parts: CollectorParts
  readonly #stop = new AbortController()
  readonly #news = new DoorNews()
  readonly #kernelDrops = new Map<string, number>()
  #own: OwnListeners | null = null
  #forwarding: Promise<void> = Promise.resolve()
  readonly #stopInputs = new AbortController()
  readonly #following: Promise<void>[] = []
  #ticker: NodeJS.Timeout | null = null

  private constructor(parts: CollectorParts, store: SegmentStore) {
    const { config, clock, log } = parts
    this.#parts = parts
    this.store = store
    this.door = new CollectDoor({
      allow: (config.listen?.allow ?? []).map((text) => parseRange(text) as AddressRange),
      store,
      clock,
      maxWaitingBytes: WAITING_MAX_BYTES,
      wake: (work) => setImmediate(work),
    })
    const host =
      hostname()
        .replace(/[^A-Za-z0-9.-]/g, '-')
        .slice(0, 200) || '-'
    this.forwarder = new Forwarder({
      store,
      addresses: config.centre.addresses,
      openLink: linkOf(config.centre, parts.monotonicMs),
      host,
      log,
      ...(parts.retryMs === undefined ? {} : { retryMs: parts.retryMs }),
    })
  }

  /** Opens store, listeners and the way to the centre. Throws what they throw. */
  static async start(parts: CollectorParts): Promise<Collector> {
    const { config, clock, log } = parts
    const { folder, maxMib, keepDays, full, segmentMib } = config.store
    const store = await SegmentStore.open({
      folder,
      name: config.collector,
      circuit: config.circuit,
      bounds: { maxBytes: maxMib * MIB, keepMs: keepDays * DAY_MS, policy: full },
      // The file that is being written never gives way, so it must be a small part of the room.
      segmentBytes: Math.min(segmentMib, maxMib / 8) * MIB,
      clock,
      log,
    })
    const collector = new Collector(parts, store)
    try {
      await collector.#open()
    } catch (error) {
      await collector.stop()
      throw error
    }
    return collector
  }

  /** Port that a listener really has; 0 where there is none of that name. */
  port(transport: string): number {
    return this.#own?.listeners.find(({ name }) => name.split(':')[0] === transport)?.port ?? 0
  }

  /** Every listener with the port that it really has. */
  ports(): Record<string, number> {
    return Object.fromEntries(
      (this.#own?.listeners ?? []).map(({ name, port }) => [name.split(':')[0] as string, port]),
    )
  }

  /** Ends inputs first, then writes what was taken, then says goodbye to the centre. Gives false where lines found no room. */
  async stop(): Promise<boolean> {
    if (this.#ticker !== null) clearInterval(this.#ticker)
    this.#ticker = null
    const own = this.#own
    this.#own = null
    this.#stopInputs.abort()
    await own?.close()
    this.door.flush()
    // A file that waits for room is not waited for: what was not stored is read again at the next start.
    const late = new AbortController()
    await Promise.race([Promise.all(this.#following), pause(LAST_LINES_MS, undefined, { signal: late.signal })])
    late.abort()
    this.#stop.abort()
    await this.#forwarding
    const written = await this.store.close()
    this.#publish()
    return written
  }

  async #open(): Promise<void> {
    const { config, log, metrics, clock, monotonicMs, health } = this.#parts
    const { listen } = config
    if (listen !== undefined) {
      const { folder } = this.store
      const parts = { listen, folder, door: this.door, log, metrics, nowMs: clock.now(), monotonicMs }
      this.#own = await openListeners(parts)
      for (const { name, address, port } of this.#own.listeners)
        log.info({ listener: name, address, port }, `listening on ${name}`)
    }
    this.#forwarding = this.forwarder.run(this.#stop.signal).catch((error: unknown) => {
      log.fatal({ code: 'unexpected', err: error }, messageOf(error))
      process.exitCode = 1
    })
    for (const { name, path } of config.files) this.#following.push(this.#followFile(name, path))
    if (config.journal !== undefined) this.#following.push(this.#followJournal(config.journal))
    // The centre being away is no reason to be restarted: keeping lines is what a collector is for.
    health.ready('store', () => ({ ok: !this.store.full, detail: this.#storeSentence() }))
    health.live('store', () => ({ ok: true, detail: this.#centreSentence() }))
    this.#ticker = setInterval(() => this.#tick(), TICK_MS)
  }

  async #followFile(name: string, path: string): Promise<void> {
    const { log, clock } = this.#parts
    const { signal } = this.#stopInputs
    const tail = new FileTail({
      name,
      path,
      position: this.store.positions[name],
      append: (lines) => this.#append(name, lines),
      nowMs: () => clock.now(),
      maxLineBytes: this.#maxLineBytes,
      log,
    })
    while (!signal.aborted) {
      const more = await tail.look().catch((error: unknown) => {
        log.error({ code: 'collector_file_unreadable', input: name, err: error }, `${path} could not be read.`)
        return false
      })
      if (!more) await pause(LOOK_MS, undefined, { signal }).catch(() => {})
    }
    await tail.close()
  }

  #followJournal({ name, units }: NonNullable<CollectConfig['journal']>): Promise<void> {
    const { log, clock } = this.#parts
    const parts = {
      name,
      units,
      position: () => this.store.positions[name],
      append: (lines: readonly NewLine[]) => this.#append(name, lines),
      nowMs: () => clock.now(),
      maxLineBytes: this.#maxLineBytes,
      log,
    }
    return followJournal(parts, this.#stopInputs.signal)
  }

  async #append(input: string, lines: readonly NewLine[]): Promise<void> {
    this.door.tallyOf(input).received += lines.length
    await Promise.all(lines.map((line) => this.store.append(line)))
  }

  get #maxLineBytes(): number {
    return this.#parts.config.listen?.maxFrameBytes ?? MAX_LINE_BYTES
  }

  #tick(): void {
    for (const listener of this.#own?.listeners ?? []) {
      const { name } = listener
      const drops = listener.kernelDrops()
      if (drops === null) continue
      const before = this.#kernelDrops.get(name) ?? 0
      if (drops > before) this.door.kernelDropped(name, drops - before)
      this.#kernelDrops.set(name, drops)
    }
    const { door } = this
    for (const { code, input, count, sentence } of this.#news.take(
      door.tally,
      door.lastRefused,
      this.#parts.monotonicMs(),
    ))
      this.#parts.log.warn({ code, input, count }, sentence)
    this.#own?.tls?.refresh()
    this.store.tend()
    this.#publish()
  }

  #storeSentence(): string {
    const { store } = this
    const room = store.full ? 'has no room' : 'takes lines'
    return `${room}; ${store.storedSeq} stored, ${store.storedSeq - store.forwardedSeq} wait for the centre, ${store.bytes} octets`
  }

  #centreSentence(): string {
    return this.forwarder.state.trouble ?? `connected to ${this.forwarder.state.address}`
  }

  #publish(): void {
    const { metrics } = this.#parts
    const { store, door, forwarder } = this
    const gauge = (name: string, help: string, value: number) => metrics.gauge(name, help).set(value)
    for (const [input, counts] of door.tally) {
      for (const fate of ['received', 'refused', 'dropped'] as const)
        metrics
          .gauge('tocsin_collect_lines', 'Lines since the start, by input and fate', ['input', 'fate'])
          .set({ input, fate }, counts[fate])
    }
    gauge('tocsin_collect_stored_seq', 'Number of the last line on disk', store.storedSeq)
    gauge('tocsin_collect_forwarded_seq', 'Number of the last line that the centre has', store.forwardedSeq)
    gauge('tocsin_collect_waiting_lines', 'Lines that wait for the centre', store.storedSeq - store.forwardedSeq)
    gauge('tocsin_collect_store_bytes', 'Octets of the store', store.bytes)
    gauge('tocsin_collect_store_full', '1 while there is no room', store.full ? 1 : 0)
    gauge('tocsin_collect_dropped_oldest', 'Lines lost to drop-oldest since the start', store.tally.droppedOldest)
    gauge('tocsin_collect_damaged_parts', 'Damaged parts found since the start', store.tally.damagedParts)
    gauge('tocsin_collect_centre_connected', '1 while the centre is there', forwarder.state.trouble === null ? 1 : 0)
  }
}

function linkOf(centre: CollectConfig['centre'], monotonicMs: () => number): OpenLink {
  return (address, afterSeq) =>
    centre.protocol === 'relp'
      ? openRelp(address, afterSeq, centre)
      : openSyslog(address, afterSeq, centre, monotonicMs)
}
