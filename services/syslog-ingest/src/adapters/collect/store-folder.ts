import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { messageOf, TocsinError } from '@tocsin/runtime'
import { z } from 'zod'
import { type SegmentScan, scanSegment } from '../../collect/segment-scan.ts'
import { firstSeqOf, type Segment } from '../../collect/store-plan.ts'

const identitySchema = z.object({ collectorId: z.string().min(1), name: z.string(), circuit: z.string() })
const cursorSchema = z.object({ seq: z.number().int().min(0), at: z.number() })

/** Who a folder belongs to. */
export type StoreIdentity = z.infer<typeof identitySchema>

/**
 * Makes the folder at the first start and gives it an id that no other store ever has: a folder that is lost and made
 * anew counts from 1 again under a new id, so that the centre takes its lines for new. Throws `collector_folder_taken`
 * where the folder belongs to another collector or circuit: circuits never meet in one store (KZ-10.3c).
 */
export function openIdentity(folder: string, name: string, circuit: string): StoreIdentity {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const known = readIdentity(folder)
  if (known === null) {
    const identity = { collectorId: `${name}-${randomBytes(6).toString('hex')}`, name, circuit }
    replaceFile(join(folder, 'store.json'), `${JSON.stringify(identity)}\n`)
    return identity
  }
  if (known.name !== name || known.circuit !== circuit) {
    throw new TocsinError(
      'collector_folder_taken',
      `${folder} is the store of collector ${known.name} of the ${known.circuit} circuit, not of ${name} of the ${circuit} circuit: give each collector a folder of its own.`,
    )
  }
  return known
}

/** Gives whose folder it is; null where it is no store yet. Throws `collector_store_unreadable`. */
export function readIdentity(folder: string): StoreIdentity | null {
  let text: string
  try {
    text = readFileSync(join(folder, 'store.json'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw unreadable(folder, error)
  }
  try {
    return identitySchema.parse(JSON.parse(text))
  } catch (error) {
    throw unreadable(folder, error)
  }
}

/** Gives the segments, oldest first. */
export function listSegments(folder: string): Segment[] {
  return readdirSync(folder)
    .flatMap((file) => {
      const firstSeq = firstSeqOf(file)
      if (firstSeq === null) return []
      const { size, birthtimeMs } = statSync(join(folder, file))
      return [{ file, firstSeq, bytes: size, begunAt: birthtimeMs }]
    })
    .sort((a, b) => a.firstSeq - b.firstSeq)
}

/** Reads and scans one segment. */
export function readSegment(folder: string, file: string): SegmentScan {
  return scanSegment(readFileSync(join(folder, file)))
}

/** Number of the last line that the centre has acknowledged; 0 where that is not known: the centre drops what it has. */
export function readForwarded(folder: string): number {
  try {
    return cursorSchema.parse(JSON.parse(readFileSync(join(folder, 'forwarded.json'), 'utf8'))).seq
  } catch {
    return 0
  }
}

/** Keeps how far the centre has acknowledged. */
export function writeForwarded(folder: string, seq: number, nowMs: number): void {
  replaceFile(join(folder, 'forwarded.json'), `${JSON.stringify({ seq, at: nowMs })}\n`)
}

/** Writes beside, syncs, and puts in place: a crash leaves the old or the new, never half. */
function replaceFile(path: string, text: string): void {
  const part = `${path}.part`
  writeFileSync(part, text, { mode: 0o600, flush: true })
  renameSync(part, path)
}

/** Makes a segment that begins with these octets; it is either whole under its name or not there. */
export function createSegment(folder: string, file: string, head: Buffer): void {
  const part = join(folder, `${file}.part`)
  const descriptor = openSync(part, 'w', 0o600)
  try {
    writeSync(descriptor, head)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(part, join(folder, file))
  const directory = openSync(folder, 'r')
  fsyncSync(directory)
  closeSync(directory)
}

function unreadable(folder: string, error: unknown): TocsinError {
  return new TocsinError(
    'collector_store_unreadable',
    `The store in ${folder} cannot be read (${messageOf(error)}): its store.json must be a file that this user may read; do not delete it, put it back from a copy.`,
    error,
  )
}
