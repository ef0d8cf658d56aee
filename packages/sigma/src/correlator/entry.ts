/** One counted event of a group. */
export interface Entry {
  atMs: number
  order: string | number
  eventId: string
  /** Positions of the matched rules in the correlation's list; ascending. */
  rules: number[]
  values: string[] | null
  carry: Record<string, string>
  detail: Record<string, string>
  /** Value of the window that ends here, null while it is not evaluated or has none. */
  value: number | null
  /** The condition holds here. */
  holds: boolean
  /** It did not hold for the same window without this event. */
  edge: boolean
}

/** Event time first; events of the same millisecond by `order`, so that the order of arrival decides nothing. */
export function compareEntries(a: Pick<Entry, 'atMs' | 'order'>, b: Pick<Entry, 'atMs' | 'order'>): number {
  if (a.atMs !== b.atMs) return a.atMs - b.atMs
  if (a.order === b.order) return 0
  if (typeof a.order === 'number' && typeof b.order === 'number') return a.order - b.order
  return String(a.order) < String(b.order) ? -1 : 1
}

/** The first position whose entry is not before `probe`. */
export function lowerBound(entries: readonly Entry[], probe: Pick<Entry, 'atMs' | 'order'>): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareEntries(entries[middle] as Entry, probe) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** The first position whose event time is not before `atMs`. */
export function firstAtOrAfter(entries: readonly Entry[], atMs: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle] as Entry).atMs < atMs) low = middle + 1
    else high = middle
  }
  return low
}
