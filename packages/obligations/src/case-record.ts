import type { Delivery, Incident } from '@tocsin/events'
import { type CaseFacts, type Fact, factsFromMoments, type ProofLevel } from './facts.ts'

/**
 * Turns the record of a case and the deliveries made for it into facts. Deliveries name in `clockId` the clock whose notice
 * they carried (`C1/event`, several with commas); a copy carries none and so meets nothing.
 */
export function caseFactsOf(incident: Incident, deliveries: readonly Delivery[]): CaseFacts {
  const { kind } = incident
  return {
    caseId: incident.caseId,
    constituent: incident.constituent,
    kind: kind === 'incident' || kind === 'threat' ? kind : 'event',
    exercise: incident.exercise,
    attributes: {
      severity: incident.severity,
      status: incident.status,
      rsitClass: incident.rsitClass,
      rsitType: incident.rsitType,
      significant: incident.effects.includes('significant'),
      ongoing: incident.effects.includes('ongoing'),
    },
    facts: [...momentsOf(incident), ...deliveries.flatMap(factOfDelivery)],
  }
}

function momentsOf(incident: Incident): Fact[] {
  const { answeredAt, closedAt, kind, status, history, modifiedAt } = incident
  const facts = factsFromMoments({
    detectedAt: incident.detectedAt,
    promotedAt: incident.promotedAt,
    verifiedAt: incident.verifiedAt,
    acknowledgedAt: incident.acknowledgedAt,
    answeredAt,
    causesEliminatedAt: incident.causesEliminatedAt,
    consequencesEliminatedAt: incident.consequencesEliminatedAt,
    closedAt,
    // An answer given after the promotion is about the incident; one before it was about the event.
    [kind === 'incident' && (answeredAt ?? 0) >= (incident.promotedAt ?? 0)
      ? 'measuresReceivedAt'
      : 'analysisReceivedAt']: answeredAt,
  })
  const ended = { 'false-positive': 'falsePositiveAt', merged: 'mergedAt' }[status]
  if (ended !== undefined) {
    const change = history.findLast((entry) => entry.action === status || entry.action === `marked-${status}`)
    facts.push({ name: ended, at: change?.at ?? modifiedAt })
  }
  return facts
}

const proofOf: Readonly<Record<string, ProofLevel>> = {
  sent: 'sent',
  'sent-unverified': 'sent',
  delivered: 'delivered',
  acknowledged: 'acknowledged',
}

function factOfDelivery(delivery: Delivery): Fact[] {
  const proof = proofOf[delivery.state]
  if (proof === undefined || delivery.clockId === null) return []
  const clocks = delivery.clockId.split(',').map((key) => key.trim())
  return [{ name: 'delivery', at: delivery.at, role: delivery.recipientRole, proof, clocks, ref: delivery.deliveryId }]
}
