import { type HealthEvent, idFrom } from '@tocsin/events'
import type { OutputTo } from '@tocsin/stage'
import { NO_CONSTITUENT, type Sender, type Verdict } from './admission.ts'

const QUIET_MS = 60 * 60_000
const SUBJECTS_MAX = 1_000

/** Words of each refusal for an operator. */
const REFUSALS: Readonly<Record<(Verdict & { kind: 'refused' })['reason'], string>> = {
  'unknown-source': 'is not a registered source: register it or stop it',
  'ambiguous-source': 'fits registered sources of several constituents: make their addresses differ',
  'unknown-constituent': 'belongs to a constituent that is not registered or no longer valid',
  'out-of-scope': 'is outside the legal scope: disconnect it; its records are not stored',
}

/**
 * Health events of the door: a stranger knocks (KZ-12b), an excluded body sends (VN-1.1, KZ-4), the kernel drops. Each
 * subject is told once an hour, and at most 1,000 subjects an hour, so that a flood makes no flood of alarms.
 */
export class HealthAlarms {
  readonly #slot: string
  #told = new Set<string>()
  #since = Number.NEGATIVE_INFINITY

  constructor(slot: number) {
    this.#slot = String(slot)
  }

  /** A sender was refused; nothing of its lines is given. */
  refused(sender: Sender, verdict: Verdict & { kind: 'refused' }, nowMs: number): OutputTo<'health-events'> | null {
    const { reason, ground } = verdict
    const known = verdict.constituent !== NO_CONSTITUENT
    return this.#raise(
      {
        code: reason === 'unknown-source' ? 'unlisted_sender' : `sender_${reason.replaceAll('-', '_')}`,
        constituent: known ? verdict.constituent : null,
        sourceId: known ? verdict.sourceId : null,
        message: `The sender ${sender.address} on ${sender.listener} ${REFUSALS[reason]}.`,
        values: { address: sender.address, listener: sender.listener, reason, ...(ground === null ? {} : { ground }) },
      },
      sender.address + sender.listener,
      nowMs,
    )
  }

  /** Datagrams were lost before or at the door. */
  lost(listener: string, count: number, where: 'kernel' | 'backlog', nowMs: number): OutputTo<'health-events'> | null {
    const cure =
      where === 'kernel'
        ? 'raise net.core.rmem_max and SYSLOG_INGEST_UDP_RECEIVE_BUFFER_BYTES, or run more processes'
        : 'Kafka does not keep up and the disk granted for waiting datagrams is full'
    return this.#raise(
      {
        code: 'udp_loss',
        constituent: null,
        sourceId: null,
        message: `${count} datagrams were lost on ${listener} (${where}): ${cure}.`,
        values: { listener, where, count: String(count) },
      },
      listener + where,
      nowMs,
    )
  }

  /** Lines are missing in what a collector forwards: it had no room, or its disk is damaged. */
  gap(
    { sourceId, constituent }: { sourceId: string; constituent: string },
    collectorId: string,
    seq: number,
    missing: number,
    nowMs: number,
  ): OutputTo<'health-events'> | null {
    return this.#raise(
      {
        code: 'collector_gap',
        constituent,
        sourceId,
        message: `${missing} lines are missing before number ${seq} of collector ${collectorId}: see its own log for whether it had no room or its disk is damaged.`,
        values: { collector: collectorId, before: String(seq), missing: String(missing) },
      },
      `${collectorId} ${seq}`,
      nowMs,
    )
  }

  #raise(
    event: Pick<HealthEvent, 'code' | 'constituent' | 'sourceId' | 'message' | 'values'>,
    subject: string,
    nowMs: number,
  ): OutputTo<'health-events'> | null {
    if (nowMs - this.#since >= QUIET_MS) {
      this.#told = new Set()
      this.#since = nowMs
    }
    const key = `${event.code}\n${subject}`
    if (this.#told.has(key) || this.#told.size >= SUBJECTS_MAX) return null
    this.#told.add(key)
    const service = 'syslog-ingest'
    return {
      topic: 'health-events',
      key: event.constituent ?? service,
      value: {
        healthId: idFrom(service, this.#slot, event.code, subject, nowMs),
        service,
        slot: this.#slot,
        level: 'warning',
        state: 'raised',
        at: nowMs,
        ...event,
      },
    }
  }
}
