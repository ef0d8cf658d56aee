import type { Request } from '@tocsin/events'

/** The requests that the server knows; main.ts answers from the table of the topic. */
export interface RequestBook {
  get(requestId: string): Request | undefined
  values(): Iterable<Request>
}

/** One request as the page shows it. */
export type RequestView = Omit<Request, 'pack' | 'exercise'>

const MAX_REQUESTS = 2_000
const URGENT_FIRST: readonly string[] = ['overdue', 'open', 'answered', 'refused', 'closed']

/** Takes what the account may see; gives its requests, what is overdue first, then by due time. */
export function requestsPageOf(book: RequestBook, isVisible: (constituent: string) => boolean): RequestView[] {
  const due = ({ dueAt }: Request): number => dueAt ?? Number.POSITIVE_INFINITY
  return [...book.values()]
    .filter(({ constituent }) => isVisible(constituent))
    .sort(
      (one, other) =>
        URGENT_FIRST.indexOf(one.state) - URGENT_FIRST.indexOf(other.state) ||
        (one.state === 'open' || one.state === 'overdue' ? due(one) - due(other) : other.createdAt - one.createdAt) ||
        (one.requestId < other.requestId ? -1 : 1),
    )
    .slice(0, MAX_REQUESTS)
    .map(({ pack: _pack, exercise: _exercise, ...view }) => view)
}
