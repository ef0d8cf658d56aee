import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type SessionWindow, WINDOW_FRAMES, type WindowJournal } from '../repeat-windows.ts'

const COMPACT_BYTES = 8 * 1024 * 1024
const FRAME_BYTES = 6
const SENDING = 1
const ENDED = 2
const HEAD_BYTES = 1 + 4 + 2 + 2

/**
 * The windows of sessions on disk: a record before each block goes to Kafka, so that after a kill the repeats of its
 * frames are recognised. It is written and not synced: it outlives the process, and after a loss of power repeats are
 * kept unmarked, never lost. Record: kind (1), session (4), octets of the sender (2), frames (2), sender, frames (6 each).
 */
export class RepeatJournal implements WindowJournal {
  readonly #file: string
  readonly #windows: () => readonly SessionWindow[]
  /** What the process before has left. */
  readonly left: readonly SessionWindow[]
  readonly #compactBytes: number
  #fd: number
  #bytes = 0

  /** `windows` gives all that is still wanted, when the file has grown and is written anew. */
  constructor(
    dataDir: string,
    slot: number,
    windows: () => readonly SessionWindow[],
    compactBytes: number = COMPACT_BYTES,
  ) {
    const folder = join(dataDir, 'syslog-ingest', `slot-${slot}`)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#file = join(folder, 'repeat-windows')
    this.#windows = windows
    this.#compactBytes = compactBytes
    this.left = readWindows(this.#file)
    this.#fd = this.#begin(this.left)
  }

  sending(sender: string, session: number, frames: readonly number[]): void {
    this.#write(record(SENDING, sender, session, frames))
  }

  ended(session: number): void {
    this.#write(record(ENDED, '', session, []))
  }

  close(): void {
    closeSync(this.#fd)
  }

  #write(octets: Buffer): void {
    writeSync(this.#fd, octets)
    this.#bytes += octets.length
    if (this.#bytes < this.#compactBytes) return
    closeSync(this.#fd)
    this.#fd = this.#begin(this.#windows())
  }

  #begin(windows: readonly SessionWindow[]): number {
    const part = `${this.#file}.part`
    const fd = openSync(part, 'w', 0o600)
    this.#bytes = 0
    for (const { sender, session, frames } of windows) {
      if (frames.length > 0) writeSync(fd, record(SENDING, sender, session, frames.slice(-WINDOW_FRAMES)))
    }
    renameSync(part, this.#file)
    return fd
  }
}

function record(kind: number, sender: string, session: number, frames: readonly number[]): Buffer {
  const senderBytes = Buffer.byteLength(sender)
  const octets = Buffer.allocUnsafe(HEAD_BYTES + senderBytes + frames.length * FRAME_BYTES)
  octets.writeUInt8(kind, 0)
  octets.writeUInt32BE(session, 1)
  octets.writeUInt16BE(senderBytes, 5)
  octets.writeUInt16BE(frames.length, 7)
  let at = HEAD_BYTES + octets.write(sender, HEAD_BYTES)
  for (const frame of frames) at = octets.writeUIntBE(frame, at, FRAME_BYTES)
  return octets
}

/** A record that a crash has cut ends the reading; what came before it stands. */
function readWindows(file: string): SessionWindow[] {
  const windows = new Map<number, SessionWindow>()
  let octets: Buffer
  try {
    octets = readFileSync(file)
  } catch {
    return []
  }
  for (let at = 0; at + HEAD_BYTES <= octets.length; ) {
    const kind = octets.readUInt8(at)
    const session = octets.readUInt32BE(at + 1)
    const senderEnd = at + HEAD_BYTES + octets.readUInt16BE(at + 5)
    const end = senderEnd + octets.readUInt16BE(at + 7) * FRAME_BYTES
    if (end > octets.length) break
    if (kind === ENDED) windows.delete(session)
    else {
      const sender = octets.toString('utf8', at + HEAD_BYTES, senderEnd)
      const window = windows.get(session) ?? { sender, session, frames: [], live: false }
      for (let frame = senderEnd; frame < end; frame += FRAME_BYTES) {
        window.frames.push(octets.readUIntBE(frame, FRAME_BYTES))
      }
      window.frames = window.frames.slice(-2 * WINDOW_FRAMES)
      windows.set(session, window)
    }
    at = end
  }
  return [...windows.values()]
}
