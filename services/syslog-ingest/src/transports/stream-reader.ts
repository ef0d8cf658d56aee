import type { Socket } from 'node:net'
import type { Door } from '../intake.ts'
import type { RepeatWindows } from '../repeat-windows.ts'

/** What a reader gets of its connection. */
export interface ReaderContext {
  socket: Socket
  listener: string
  /** Name in the raw block: `tcp`, `tls`, `relp`, `beats`. */
  transport: string
  address: string
  peerPort: number | null
  certificateSubject: string | null
  intake: Door
  maxFrameBytes: number
  repeats: RepeatWindows
}

/** Reads one protocol from one connection. */
export interface StreamReader {
  /** The source that its sender was found to be; null where it is refused. */
  readonly sourceId: string | null
  /** True while a frame has begun and not ended: what the time-out for slow frames looks at. */
  readonly unfinished: boolean
  /** Takes the next octets; gives how many frames they ended, or why the connection cannot go on. */
  push(chunk: Buffer): number | 'protocol_error' | 'not_admitted' | 'slow_reader'
  /** The connection is gone: gives what was begun, closes the session. */
  end(): void
  /** We stop: answers what can be answered and says goodbye. Nothing is pushed after this. */
  farewell?(): Promise<void>
}

/** Makes the reader of a new connection. */
export type StreamProtocol = (context: ReaderContext) => StreamReader
