import type { Request } from '@tocsin/events'

/** A request of the centre to a body. */
export function requestOf(over: Partial<Request> = {}): Request {
  return {
    requestId: 'request-1',
    kind: 'instruction',
    constituent: 'vn-portal',
    from: 'centre',
    to: 'vn-portal',
    ground: 'VN-5.3c-2',
    subject: 'Patch the portal',
    body: 'Before the holiday.',
    createdAt: 0,
    dueAt: 10 * 86_400_000,
    state: 'open',
    answer: null,
    answeredAt: null,
    files: [],
    proof: null,
    exercise: false,
    number: 'R-VN-2026-0-000001',
    pack: 'vn-circular-31',
    openedBy: 'lan',
    systemId: null,
    answeredBy: null,
    answerFiles: [],
    closedAt: null,
    scheduleId: null,
    period: null,
    difference: null,
    ...over,
  }
}
