/**
 * The data stream of one group's events. Never a pattern: a group's name has letters, digits and underscores only, so it can
 * neither widen the request nor name another group (design.md 2.6, SEC-S2).
 */
export function groupIndex(group: string): string {
  if (!/^[a-z0-9_]{1,60}$/.test(group)) throw new RangeError(`"${group}" is no group of an index.`)
  return `logs-tocsin.event-${group}`
}

/** A group may hold several bodies; their documents are told apart by the body's id as well. */
export function ofConstituent(constituent: string): { term: Record<string, string> }[] {
  return [{ term: { 'organization.id': constituent } }]
}

/** What a search asks for one event: by its id and its body, as terms. No text of a person is ever a query or a script (SEC-S13). */
export function eventQuery(constituent: string, eventId: string) {
  return { bool: { filter: [{ ids: { values: [eventId] } }, ...ofConstituent(constituent)] } }
}
