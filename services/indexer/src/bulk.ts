/** What the server said of one document. */
export type Verdict =
  | { kind: 'done' }
  | { kind: 'duplicate' }
  | { kind: 'retry'; status: number }
  | { kind: 'refused'; status: number; reason: string }

/** One item of a bulk reply, filtered to what decides. */
export interface BulkItem {
  status: number
  error?: { type?: string; reason?: string; caused_by?: { reason?: string } }
}

/**
 * Sorts one item (elasticsearch.md 2.2): 2xx done; 409 done before; 429 and 5xx again; 401 and 403 are the whole
 * request's matter and come as `retry`; any other 4xx is refused for good and goes to dead letters.
 */
export function verdictOf(item: BulkItem): Verdict {
  const { status, error } = item
  if (status >= 200 && status < 300) return { kind: 'done' }
  if (status === 409) return { kind: 'duplicate' }
  if (status === 429 || status >= 500 || status === 401 || status === 403) return { kind: 'retry', status }
  return {
    kind: 'refused',
    status,
    reason: [error?.type, error?.reason, error?.caused_by?.reason].filter((part) => part !== undefined).join(': '),
  }
}
