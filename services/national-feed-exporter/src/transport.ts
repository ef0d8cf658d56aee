/** One file of a job; the path is relative to the directory that the account was given. */
export interface UploadFile {
  path: string
  content: Buffer
  /** True for a file that replaces an older one of its name (the lists): equal size does not mean that it is there already. */
  replaces?: boolean
}

/** Files that go together, in this order: the next only when the one before stands on the server (TW-S6b). */
export interface UploadJob {
  id: string
  files: readonly UploadFile[]
}

/**
 * What became of a job. `delivered` without `verified`: the server said 226 but lets us look at nothing. `not-tried`: the
 * server was away a moment ago; nothing was sent and no attempt counts.
 */
export type SendResult =
  | { kind: 'delivered'; verified: boolean; reply: string; startedAt: number; at: number }
  | { kind: 'failed'; code: string; reply: string; startedAt: number; at: number }
  | { kind: 'not-tried'; retryAt: number; at: number }

/** Carries files to an endpoint. Never rejects; one job at a time. */
export interface Transport {
  /** Where to, for the ledger: ftps://host:port/directory. */
  readonly address: string
  send(job: UploadJob): Promise<SendResult>
}

/** Stands where no endpoint is set: a centre without Taiwanese agencies needs none. */
export const NO_ENDPOINT: Transport = {
  address: 'none',
  send: () => Promise.resolve({ kind: 'not-tried', retryAt: Number.MAX_SAFE_INTEGER, at: 0 }),
}
