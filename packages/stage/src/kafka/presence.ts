import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { idFrom, type Outage } from '@tocsin/events'
import { messageOf } from '@tocsin/runtime'
import type { OpenContext } from './context.ts'
import { openPublisher } from './publisher.ts'

const BEAT_MS = 1_000
/** A process that is gone for less was hardly away: the beat itself is a second old. */
const LEAST_MS = 3 * BEAT_MS
const TELL_WITHIN_MS = 15_000
/** The centre's own processes belong to no body. */
const CENTRE = 'centre'

/**
 * Keeps the gaps of our own processes on record (VN-3.1): each second a process writes into its folder that it lives; the next
 * one of the same service and slot finds when the last sign was, and puts the gap between on `outages`. Nothing waits for it.
 */
export function keepPresence(context: OpenContext): void {
  const { config, clock, name, signal, log } = context
  const folder = join(config.dataDir, name, `slot-${config.slot}`)
  const file = join(folder, 'alive')
  const subject = `${name}-${config.slot}`
  // A process without a folder of its own (a test, a trial) leaves no trace on the disk.
  if (!existsSync(config.dataDir)) return
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const gap = gapOf(subject, lastSign(file), clock.now())
    if (gap !== null) void tell(context, gap)
    beat(file, clock.now())
  } catch (error) {
    log.warn({ code: 'presence_off', err: error }, `Gaps of this process are not kept: ${messageOf(error)}`)
    return
  }
  const timer = setInterval(() => {
    try {
      beat(file, clock.now())
    } catch {
      // A full disk is told by others; the gap will look longer than it was.
    }
  }, BEAT_MS)
  timer.unref()
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
}

/** The gap between a process's last sign and its next start; null where there is none to speak of. */
export function gapOf(subject: string, lastSignAt: number | null, nowMs: number): Outage | null {
  if (lastSignAt === null || nowMs - lastSignAt < LEAST_MS) return null
  return {
    outageId: idFrom('outage', 'process', subject, lastSignAt),
    constituent: CENTRE,
    subjectKind: 'process',
    subject,
    startedAt: lastSignAt,
    noticedAt: nowMs,
    endedAt: nowMs,
    limitSeconds: 0,
    limitBasis: 'none',
  }
}

/** When the process before this one last wrote that it lives; null where nobody did, or nobody can read it. */
function lastSign(file: string): number | null {
  try {
    const at = Number(readFileSync(file, 'utf8'))
    return Number.isSafeInteger(at) && at > 0 ? at : null
  } catch {
    return null
  }
}

function beat(file: string, nowMs: number): void {
  writeFileSync(`${file}.part`, `${nowMs}\n`, { mode: 0o600 })
  renameSync(`${file}.part`, file)
}

async function tell(context: OpenContext, value: Outage): Promise<void> {
  const { log } = context
  try {
    const publisher = await openPublisher(context)
    const sent = publisher.send({ topic: 'outages', key: value.outageId, value })
    const late = new AbortController()
    const isSent = await Promise.race([
      sent.then(() => true),
      pause(TELL_WITHIN_MS, false, { signal: late.signal, ref: false }),
    ])
    late.abort()
    await publisher.close(1_000)
    const { startedAt, endedAt } = value
    if (isSent) log.info({ startedAt, endedAt }, 'the gap before this start is on record')
    else
      log.warn({ code: 'presence_off' }, 'The gap before this start is not on record: Kafka did not take it in time.')
  } catch (error) {
    log.warn({ code: 'presence_off', err: error }, `The gap before this start is not on record: ${messageOf(error)}`)
  }
}
