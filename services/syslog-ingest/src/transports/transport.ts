import type { Log } from '@tocsin/runtime'
import type { IngestConfig } from '../config.ts'
import type { Intake } from '../intake.ts'
import type { RepeatWindows } from '../repeat-windows.ts'

/** Certificate, key and trusted issuers of the TLS listener, PEM. */
export interface TlsMaterial {
  cert: string
  key: string
  /** Issuers of client certificates; null: no client certificate is asked for. */
  ca: string | null
}

/** Why a connection was closed by us, a label of metrics. */
export type CloseReason =
  | 'too_many'
  | 'too_many_from_address'
  | 'too_many_of_source'
  | 'idle'
  | 'slow_frame'
  | 'bad_certificate'
  | 'handshake_failed'
  | 'protocol_error'
  | 'not_admitted'
  | 'slow_reader'

/** What a transport gets. */
export interface TransportContext {
  config: IngestConfig
  host: string
  intake: Intake
  log: Log
  tls: TlsMaterial | null
  /** Recognises what senders repeat after a broken session. */
  repeats: RepeatWindows
  /** Milliseconds that only go forward, at the machine's pace: for time-outs, which the test clock must not fire. */
  monotonicMs: () => number
  /** A connection was refused or closed by us. */
  closed: (listener: string, reason: CloseReason) => void
  /** The receive buffer that the system gave to a listener. */
  receiveBuffer: (listener: string, bytes: number) => void
}

/** An open socket that takes frames. */
export interface Listener {
  /** `<transport>:<port>`, with the port that it really has. */
  name: string
  address: string
  port: number
  connections(): number
  /** Datagrams dropped by the kernel since it was opened; null where that cannot be known. */
  kernelDrops(): number | null
  /** Stops taking, reads what is already there, resolves when every session has ended. */
  close(): Promise<void>
}

/** One way in. A new one is a file here and a line in index.ts. */
export interface Transport {
  name: string
  /** It speaks TLS, so it needs a certificate. */
  secure: boolean
  /** Port from the settings; `off` where the listener is not wanted. */
  port(config: IngestConfig): number | 'off'
  open(port: number, context: TransportContext): Promise<Listener>
}
