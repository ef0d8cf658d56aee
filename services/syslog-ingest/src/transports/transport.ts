import type { Log } from '@tocsin/runtime'
import type { IngestConfig } from '../config.ts'
import type { Door } from '../intake.ts'
import type { RepeatWindows } from '../repeat-windows.ts'
import type { SenderTokens } from '../sender-tokens.ts'

/** Certificate, key and trusted issuers of the TLS listeners, PEM. */
export interface TlsMaterial {
  cert: string
  key: string
  /** Issuers of client certificates; null: no client certificate is asked for. */
  ca: string | null
  /** Revocation lists of all these issuers; null: none is looked at. */
  crl: string | null
  /** Serial numbers in them. */
  revoked: ReadonlySet<string>
}

/** The material as it is on disk now. */
export interface TlsSource {
  current(): TlsMaterial
  /** Looks whether a file has changed; a change that cannot be used is logged and the last good material stays. */
  refresh(): void
  /** Calls back when there is new material. */
  onChange(listener: (material: TlsMaterial) => void): void
}

/** Why a connection was closed by us, a label of metrics. */
export type CloseReason =
  | 'too_many'
  | 'too_many_from_address'
  | 'too_many_of_source'
  | 'idle'
  | 'slow_frame'
  | 'bad_certificate'
  | 'certificate_expired'
  | 'certificate_revoked'
  | 'revocation_list_expired'
  | 'bad_proxy_header'
  | 'handshake_failed'
  | 'protocol_error'
  | 'not_admitted'
  | 'slow_reader'
  | 'unknown_token'

/** What a transport gets. */
export interface TransportContext {
  config: IngestConfig
  host: string
  intake: Door
  log: Log
  tls: TlsSource | null
  /** Tokens of senders over HTTPS. */
  tokens?: SenderTokens | null
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
