import type { Request } from '@tocsin/events'

/** What a request must say; everything else begins empty. */
export type Asked = Pick<
  Request,
  'requestId' | 'kind' | 'constituent' | 'from' | 'to' | 'ground' | 'subject' | 'body'
> &
  Pick<Request, 'createdAt' | 'dueAt' | 'exercise' | 'openedBy'> &
  Partial<Request>

/** A request that was just opened. */
export function newRequest(asked: Asked): Request {
  return {
    state: 'open',
    answer: null,
    answeredAt: null,
    files: [],
    proof: null,
    number: '',
    pack: '',
    systemId: null,
    answeredBy: null,
    answerFiles: [],
    closedAt: null,
    scheduleId: null,
    period: null,
    difference: null,
    ...asked,
  }
}
