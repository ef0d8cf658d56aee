import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { TocsinError } from '@tocsin/runtime'
import type { CollectConfig } from '../../collect/config.ts'
import { scanSegment } from '../../collect/segment-scan.ts'
import type { Segment } from '../../collect/store-plan.ts'
import { hoursOfRoom, type StoreSummary, type Verification } from '../../collect/store-summary.ts'
import { decodeRecord, type StoredLine, type StoredRecord } from '../../collect/stored-record.ts'
import { listSegments, readForwarded, readIdentity } from './store-folder.ts'
import { lockFolder } from './store-lock.ts'

const MIB = 1_048_576
const DAY_MS = 86_400_000
const HEAD_READ_BYTES = 65_536

/**
 * Looks at a store from outside, also while its collector runs: nothing is written, nothing is locked for longer than a
 * moment. Throws `collector_no_store`, `collector_store_unreadable`.
 */
export async function lookAt(config: CollectConfig, verify: boolean, nowMs: number): Promise<StoreSummary> {
  const { folder, maxMib } = config.store
  const identity = readIdentity(folder)
  if (identity === null) throw noStore(folder)
  const segments = listSegments(folder)
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
  const oldest = linesIn(folder, segments[0])[0]
  const newestRecords = recordsIn(folder, segments.at(-1))
  const newest = newestRecords.filter((record) => record.kind === 'line').at(-1)
  const forwardedSeq = readForwarded(folder)
  const lastSeq = newest?.seq ?? newestRecords.at(-1)?.seq ?? null
  const lately = segments.filter(({ begunAt }) => begunAt >= nowMs - DAY_MS)
  const latelyBytes = lately.reduce((sum, segment) => sum + segment.bytes, 0)
  return {
    collector: identity.name,
    circuit: identity.circuit,
    collectorId: identity.collectorId,
    folder,
    running: await isRunning(folder),
    segments: segments.length,
    bytes,
    maxBytes: maxMib * MIB,
    firstSeq: oldest?.seq ?? null,
    lastSeq,
    oldestAt: oldest?.receivedAt ?? null,
    newestAt: newest?.receivedAt ?? null,
    forwardedSeq,
    waitingLines: Math.max(0, (lastSeq ?? 0) - Math.max(forwardedSeq, (oldest?.seq ?? 1) - 1)),
    hoursOfRoom: hoursOfRoom(bytes, maxMib * MIB, latelyBytes, nowMs - (lately[0]?.begunAt ?? nowMs)),
    positions: positionsIn(newestRecords),
    verified: verify ? verifyAll(folder, segments) : null,
  }
}

/** Gives the lines of a store in order, segment by segment; those that begin after `toMs` and end before `fromMs` are not read. */
export function* linesOf(folder: string, fromMs: number | null, toMs: number | null): Generator<StoredLine> {
  if (readIdentity(folder) === null) throw noStore(folder)
  const segments = listSegments(folder)
  let lastSeq = 0
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1]
    if (fromMs !== null && next !== undefined && begunAt(folder, next) < fromMs) continue
    if (toMs !== null && begunAt(folder, segment) > toMs) return
    for (const line of linesIn(folder, segment)) {
      if (line.seq <= lastSeq) continue
      lastSeq = line.seq
      yield line
    }
  }
}

function verifyAll(folder: string, segments: readonly Segment[]): Verification {
  const found: Verification = { lines: 0, damagedParts: 0, missingLines: 0, inputs: {} }
  let before: number | null = null
  for (const { file } of segments) {
    const scan = scanSegment(readFileSync(join(folder, file)))
    found.damagedParts += scan.damaged.length
    for (const record of scan.records) {
      if (record.kind !== 'line' || (before !== null && record.seq <= before)) continue
      found.lines += 1
      found.missingLines += before === null ? 0 : record.seq - before - 1
      found.inputs[record.origin.input] = (found.inputs[record.origin.input] ?? 0) + 1
      before = record.seq
    }
  }
  return found
}

function recordsIn(folder: string, segment: Segment | undefined): StoredRecord[] {
  if (segment === undefined) return []
  try {
    return scanSegment(readFileSync(join(folder, segment.file))).records
  } catch (error) {
    // A running collector may have removed it since the folder was listed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const linesIn = (folder: string, segment: Segment | undefined): StoredLine[] =>
  recordsIn(folder, segment).filter((record) => record.kind === 'line')

/** When a segment was begun, by the collector's clock: its first record says so, and only that is read. */
function begunAt(folder: string, segment: Segment): number {
  const head = Buffer.alloc(HEAD_READ_BYTES)
  try {
    const descriptor = openSync(join(folder, segment.file), 'r')
    try {
      const decoded = decodeRecord(head.subarray(0, readSync(descriptor, head)), 0)
      return decoded.kind === 'record' ? decoded.record.receivedAt : segment.begunAt
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return segment.begunAt
  }
}

function positionsIn(records: readonly StoredRecord[]): Record<string, string> {
  const positions: Record<string, string> = {}
  for (const record of records) {
    if (record.kind === 'checkpoint') Object.assign(positions, record.state.positions)
    else if (record.position !== '') positions[record.origin.input] = record.position
  }
  return positions
}

async function isRunning(folder: string): Promise<boolean> {
  try {
    const unlock = await lockFolder(folder)
    await unlock()
    return false
  } catch {
    return true
  }
}

function noStore(folder: string): TocsinError {
  return new TocsinError(
    'collector_no_store',
    `There is no store in ${folder}: start the collector first, or look whether the configuration file is the right one.`,
  )
}
