import type { EventDraft } from '../draft.ts'
import type { Line } from '../parser.ts'

/** Keys whose value says how the sender itself classes its line, and the words by which that is a warning of something. */
const classKeys = new Set(['level', 'loglevel', 'type', 'eventtype', 'event_type', 'kind', 'class', 'category'])
const warningClass = /^(?:alert|alarm|security[ _-]?(?:alert|alarm|warning|event))$/i
/** Keys that hold the sentence of a structured line. */
const sentenceKeys = new Set(['msg', 'message', 'text', 'description', 'summary', 'title', 'detail', 'log'])
/** A sentence that begins as a warning, as programs of all languages write it. */
const warningStart = /^\W{0,3}(?:security (?:alert|alarm|warning)|alert|alarm)\b/i

/**
 * Marks a security warning of an application or a system that no parser knows (VN-4.2a-2): its own class says so, or its
 * sentence begins so. An ordinary `level=warning` is a log line: disks that fill up are no alert.
 */
export function readWarning(line: Line, event: EventDraft): void {
  if (event.has('event.kind')) return
  const isWarning =
    line.frame.kind === 'text' ? warningStart.test(line.message.slice(0, 60)) : hasWarningPair(line.frame.pairs)
  if (isWarning) event.set('event.kind', 'alert')
}

function hasWarningPair(pairs: Line['frame']['pairs']): boolean {
  return pairs.some(([key, value]) => {
    const name = key.slice(key.lastIndexOf('.') + 1).toLowerCase()
    return (
      (classKeys.has(name) && warningClass.test(value)) ||
      (sentenceKeys.has(name) && warningStart.test(value.slice(0, 60)))
    )
  })
}
