import type { Notice, RegistryContact } from '@tocsin/events'
import type { WebsiteItem } from './website.ts'

/** One message on its way to one address. */
export interface Message {
  notice: Notice
  /** Name of the receiver, for the greeting of the mail. */
  receiver: string
  address: string
  /** The receiver's certificate, PEM: what a channel can encrypt is encrypted to it. */
  certificate: string | null
  /** Time at which the attempt began, UTC ms. */
  startedAt: number
  /** Link with which the receiver says that it was read; null where there is none. */
  receiptLink: string | null
  /** An earlier attempt over this channel may have arrived: the message says so (XC-5). */
  resend: boolean
}

/**
 * What one attempt led to. `delivered`: the other side's answer proves receipt. `sent`: handed over, receipt unknown.
 * `assigned`: a person has a task card for it.
 * `refused`: the other side said no. `retrying`: it could not be reached or asked to come back. Both of the latter are tried
 * again: only time ends a notice, never an answer.
 */
export interface AttemptResult {
  state: 'sent' | 'delivered' | 'assigned' | 'refused' | 'retrying'
  /** Answer of the other side. */
  reply: string | null
  /** What proves it: SMTP reply, HTTP status. */
  proof: string | null
  /** Code from the closed list, when it failed. */
  errorCode: string | null
  sha256: string | null
  bytes: number | null
  /** It failed, and the other side may have taken the message all the same: its answer to the whole of it never came. */
  doubtful?: true
}

/**
 * One way to reach people. Repeats of one notice carry the same id on the wire (Message-ID, idempotency key), because a crash
 * between the effect and its record repeats the effect.
 */
export interface Channel {
  name: string
  /** The contact's address on this channel, or null where it has none. */
  addressOf(contact: RegistryContact): string | null
  /** What fails or hangs together: attempts at one target never take the places of others. */
  targetOf(address: string): string
  /** An address as it may stand in records that many read. */
  mask(address: string): string
  /** Never throws for the other side's faults: they are results. */
  send(message: Message, signal: AbortSignal): Promise<AttemptResult>
}

/** A failed attempt. */
export function failed(
  state: 'refused' | 'retrying',
  errorCode: string,
  reply: string | null,
  sent: { sha256: string; bytes: number } | null = null,
): AttemptResult {
  return { state, reply, proof: null, errorCode, sha256: sent?.sha256 ?? null, bytes: sent?.bytes ?? null }
}

/** Hands one mail over to a mail server; the reply of the server, or an error with its code. */
export interface MailTransport {
  send(
    envelope: { from: string; to: string },
    message: Buffer,
    signal: AbortSignal,
  ): Promise<
    | { ok: true; reply: string }
    /** `doubtful`: the server had the whole mail and its answer never came. */
    | { ok: false; permanent: boolean; code: string; reply: string; doubtful: boolean }
  >
}

/** One HTTP POST: no redirects, bounded time and answer. Rejects where no answer came. */
export type HttpPost = (
  url: string,
  request: { headers: Readonly<Record<string, string>>; body: string; timeoutMs: number; maxReplyBytes: number },
  signal: AbortSignal,
) => Promise<{ status: number; reply: string }>

/** Where notices to the public are published. */
export interface WebsiteFolder {
  /** Puts a file there, whole or not at all. */
  write(name: string, content: string | Uint8Array): Promise<void>
  /** Remembers an item and writes the feeds of all of them; one after the other, so that no feed lacks an item. */
  keep(item: WebsiteItem, feedsOf: (items: readonly WebsiteItem[]) => Readonly<Record<string, string>>): Promise<void>
}
