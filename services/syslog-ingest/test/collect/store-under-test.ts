import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, manualClock } from '@tocsin/runtime'
import { SegmentStore, type StoreParts } from '../../src/adapters/collect/segment-store.ts'
import { StoreReader } from '../../src/adapters/collect/store-reader.ts'
import type { StoredLine } from '../../src/collect/stored-record.ts'

export const START = Date.UTC(2026, 0, 5, 8)

/** A folder that is gone after `use`. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'collect-'))
  try {
    return await use(join(folder, 'store'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Parts of a store with small segments, so that borders are met often. */
export function storeParts(folder: string, change: Partial<StoreParts> = {}): StoreParts {
  return {
    folder,
    name: 'inner-1',
    circuit: 'inner',
    bounds: { maxBytes: 1_000_000, keepMs: 0, policy: 'refuse' },
    segmentBytes: 600,
    clock: manualClock(START),
    log: createLog('collect', 0, 'silent'),
    ...change,
  }
}

export function openStore(folder: string, change: Partial<StoreParts> = {}): Promise<SegmentStore> {
  return SegmentStore.open(storeParts(folder, change))
}

/** Appends lines of text in one go; gives their numbers. */
export function appendAll(
  store: SegmentStore,
  texts: readonly string[],
  input = 'test',
  receivedAt = START,
): Promise<number[]> {
  return Promise.all(
    texts.map((text) =>
      store.append({
        receivedAt,
        truncatedBytes: 0,
        possibleRepeat: false,
        framing: 'newline',
        origin: { input, transport: 'tcp', address: '192.0.2.1' },
        position: '',
        octets: Buffer.from(text),
      }),
    ),
  )
}

/** Everything that can be read after a number. */
export async function readAll(store: SegmentStore, afterSeq = 0): Promise<StoredLine[]> {
  const reader = new StoreReader(store, afterSeq)
  const lines: StoredLine[] = []
  for (let next = await reader.next(); next.length > 0; next = await reader.next()) lines.push(...next)
  await reader.close()
  return lines
}
