/** A line on its way: its number and its octets, wrapped. */
export interface OutgoingLine {
  seq: number
  octets: Buffer
}

/** One connection to the centre. */
export interface CentreLink {
  /** Sends lines in order; resolves when more may be sent. Throws `centre_away` or `centre_refused`. */
  send(lines: readonly OutgoingLine[]): Promise<void>
  /** How many more lines may be on their way. */
  room(): number
  /** The last line up to which the centre has all. */
  arrivedSeq(): number
  /** Resolves when something has been answered, or the link is gone. */
  progress(): Promise<void>
  /** Why the link is gone, or null. */
  failure(): Error | null
  /** Says goodbye, as far as that can be done in the time. */
  close(limitMs: number): Promise<void>
}

/** Opens a link; `afterSeq` is the last line that the centre has. Throws `centre_away` or `centre_refused`. */
export type OpenLink = (address: string, afterSeq: number) => Promise<CentreLink>
