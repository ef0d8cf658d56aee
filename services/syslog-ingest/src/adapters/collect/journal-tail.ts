import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { type Log, messageOf } from '@tocsin/runtime'
import type { NewLine } from '../../collect/collect-door.ts'
import { journalEntry } from '../../collect/journal-entry.ts'

const AGAIN_MS = 5_000
const WAITING_MAX = 500

/** What the reader of the journal is made of. */
export interface JournalTailParts {
  name: string
  /** systemd units; none for all. */
  units: readonly string[]
  /** Newest cursor in the store. */
  position: () => string | undefined
  append: (lines: readonly NewLine[]) => Promise<void>
  nowMs: () => number
  maxLineBytes: number
  log: Log
  /** The program, where it is not journalctl. */
  program?: string
}

/**
 * Follows the systemd journal through `journalctl`, from the cursor of the last line in the store. A journalctl that ends is
 * started again; where there is none, it says so once.
 */
export async function followJournal(parts: JournalTailParts, signal: AbortSignal): Promise<void> {
  let told = false
  while (!signal.aborted) {
    const problem = await followOnce(parts, signal)
    if (!signal.aborted && !told) {
      told = true
      parts.log.warn(
        { code: 'collector_journal_away', input: parts.name },
        `The journal cannot be followed (${problem}); it is tried again every 5 s.`,
      )
    }
    await pause(AGAIN_MS, undefined, { signal }).catch(() => {})
  }
}

/** Takes the units and the cursor; gives the words for journalctl. */
export function journalWords(units: readonly string[], cursor: string | undefined): string[] {
  const from = cursor === undefined || cursor === '' ? ['--no-tail'] : [`--after-cursor=${cursor}`, '--no-tail']
  return ['-o', 'json', '--follow', '--all', '--quiet', ...from, ...units.map((unit) => `--unit=${unit}`)]
}

async function followOnce(parts: JournalTailParts, signal: AbortSignal): Promise<string> {
  const { name, units, position, append, nowMs, maxLineBytes, program = 'journalctl' } = parts
  const child = spawn(program, journalWords(units, position()), { stdio: ['ignore', 'pipe', 'pipe'], signal })
  let problem = 'journalctl ended'
  child.on('error', (error) => {
    problem = messageOf(error)
  })
  child.stderr.on('data', (data: Buffer) => {
    problem = data.toString().trim().slice(0, 200)
  })
  const closed = once(child, 'close').catch(() => {})
  const waiting: Promise<void>[] = []
  const origin = { input: name, transport: 'journal', address: '-' }
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const entry = journalEntry(text)
      if (entry === null) continue
      const octets = entry.octets.subarray(0, maxLineBytes)
      const truncatedBytes = entry.octets.length - octets.length
      const line = { receivedAt: nowMs(), truncatedBytes, possibleRepeat: false, framing: 'datagram', origin }
      waiting.push(append([{ ...line, position: entry.cursor, octets }]))
      // The journal waits for us, not our memory for the journal.
      if (waiting.length >= WAITING_MAX) await Promise.all(waiting.splice(0))
    }
  } catch (error) {
    problem = messageOf(error)
  }
  child.kill()
  await closed
  return problem
}
