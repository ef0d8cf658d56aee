import type { Incident } from '@tocsin/events'

/** Takes the canonical JSON of a case (incident-changes.snapshot); gives the case, or null when it is none. */
export function readSnapshot(text: string): Incident | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const incident = value as Partial<Incident>
  const texts = [
    incident.caseId,
    incident.constituent,
    incident.kind,
    incident.status,
    incident.tlp,
    incident.restriction,
  ]
  const lists = [incident.detectionIds, incident.participants, incident.techniques, incident.indicatorIds]
  if (!texts.every((text) => typeof text === 'string') || !lists.every(Array.isArray)) return null
  // A case whose mark of exercise cannot be read must not pass as a real one.
  if (typeof incident.exercise !== 'boolean' || typeof incident.revision !== 'number') return null
  return incident as Incident
}
