import { type Indicator, idFrom } from '@tocsin/events'

/**
 * What stands on the topic `indicators`, so that a new list changes only what differs: an entry that is already there in the same words is not
 * written again, what a person said about one (verified, rejected) stays, and what a whole list no longer names is withdrawn.
 */
export class FeedLedger {
  readonly #records = new Map<string, Indicator>()

  /** Takes a record of the topic; null where its key was deleted. */
  observe(indicatorId: string, indicator: Indicator | null): void {
    if (indicator === null) this.#records.delete(indicatorId)
    else this.#records.set(indicatorId, indicator)
  }

  /** The record of what a feed names. */
  find(feed: string, type: string, value: string): Indicator | undefined {
    return this.#records.get(idFrom(feed, type, value.toLowerCase()))
  }

  /** The records to write for a list of one feed; `whole` says that the list is all there is. */
  changes(feed: string, list: readonly Indicator[], whole: boolean, importedAt: number): Indicator[] {
    const changed: Indicator[] = []
    const named = new Set<string>()
    for (const indicator of list) {
      named.add(indicator.indicatorId)
      const before = this.#records.get(indicator.indicatorId)
      const judged = before !== undefined && before.verification !== 'unverified'
      const next = judged ? { ...indicator, verification: before.verification } : indicator
      if (before === undefined || contentOf(before) !== contentOf(next)) changed.push(next)
    }
    if (!whole) return changed
    for (const [id, record] of this.#records) {
      if (record.feed === feed && !record.revoked && !named.has(id))
        changed.push({ ...record, revoked: true, importedAt })
    }
    return changed
  }
}

// When it was read is no content, and an end that follows from when it was read moves with each reading by less than a day's worth of meaning.
function contentOf({
  type,
  value,
  confidence,
  tlp,
  verification,
  description,
  validFrom,
  validUntil,
  revoked,
}: Indicator): string {
  const day = validUntil === null ? '' : Math.floor(validUntil / 86_400_000)
  return idFrom(type, value, confidence, tlp, verification, description ?? '', validFrom, day, String(revoked))
}
