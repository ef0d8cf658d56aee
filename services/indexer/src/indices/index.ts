import type { IndexPlan } from '../index-plan.ts'

const stream = (
  record: IndexPlan['record'],
  topic: IndexPlan['topic'],
  id: string,
  time: string,
  retentionDays = 60,
): IndexPlan => ({
  record,
  topic,
  kind: 'stream',
  id,
  time,
  retentionDays,
})

/** Every record that is searchable. A new one: one line here, and its template and documents follow from its schema. */
export const plans: readonly IndexPlan[] = [
  stream('enriched-event', 'enriched-events', 'eventId', 'occurredAt'),
  stream('detection', 'detections', 'detectionId', 'detectedAt', 400),
  {
    record: 'incident',
    topic: 'incidents',
    kind: 'state',
    id: 'caseId',
    time: 'modifiedAt',
    version: 'revision',
    retentionDays: 3_650,
  },
  stream('incident-change', 'incident-changes', 'changeId', 'at', 3_650),
  stream('clock-event', 'clock-events', 'clockEventId', 'at', 3_650),
  stream('notice', 'notices', 'noticeId', 'createdAt', 3_650),
  stream('delivery', 'deliveries', 'deliveryId', 'at', 3_650),
  stream('ticket', 'tickets', 'ticketId', 'stateAt', 3_650),
  {
    record: 'received-item',
    topic: 'received-items',
    kind: 'state',
    id: 'itemId',
    time: 'receivedAt',
    version: 'judgedAt',
    retentionDays: 400,
  },
  stream('report', 'reports', 'reportId', 'createdAt', 3_650),
  stream('source-count', 'source-counts', 'countId', 'minute', 90),
  stream('health-event', 'health-events', 'healthId', 'at', 400),
  stream('late-event', 'late-events', 'eventId', 'occurredAt'),
  stream('audit-entry', 'audit-entries', 'auditId', 'at', 3_650),
  stream('evidence-checkpoint', 'evidence-checkpoints', 'checkpointId', 'at', 3_650),
  stream('dead-letter', 'dead-letters', 'deadLetterId', 'at', 90),
]
