import type { EventDraft } from '../draft.ts'
import type { Line } from '../parser.ts'

/** What CEF and LEEF say in their header columns, and an unknown device's product. */
export function readGeneric(line: Line, event: EventDraft): void {
  const { frame } = line
  if (frame.kind !== 'cef' && frame.kind !== 'leef') return
  event.fill('observer.vendor', frame.vendor)
  event.fill('observer.product', frame.product)
  event.fill('event.code', frame.eventId)
  event.fill('event.action', frame.eventName)
  event.fill('tocsin.log.product', frame.product?.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_'))
  const severity = frame.severity === undefined ? Number.NaN : Number(frame.severity)
  if (Number.isInteger(severity) && severity >= 0) event.fill('event.severity', severity)
}
