import type { Socket } from 'node:net'
import type { CloseReason } from './transport.ts'

/** Who is at the other end, as far as the way to us is to be trusted. */
export interface Peer {
  address: string
  port: number | null
}

/** The connections of one listener. */
export interface Connections {
  readonly size: number
  /** Why a further connection from this address is not taken, or null. */
  refusal(peer: string): CloseReason | null
  /** Takes a connection that may send. */
  add(socket: Socket, peer: Peer, certificateSubject: string | null): void
  /** Ends every connection that `isOver` holds for. */
  endWhere(isOver: (socket: Socket) => boolean, reason: CloseReason): void
  /** Says goodbye to every sender and ends all. */
  close(): Promise<void>
}
