import type { EnrichedEvent } from '@tocsin/events'
import { categoriesByCode, type EventLogSource } from '@tocsin/sigma'

/**
 * The log source of an event as rules ask for it: what its parser named, the categories that it has by its code, and, where it carries a packet,
 * `network`: that is what rules on data segments are written for.
 */
export function logSourceOf({ logProduct, logService, logCategory, event_code, extra }: EnrichedEvent): EventLogSource {
  const byCode = categoriesByCode(logProduct, logService, event_code)
  const hasPacket = extra['packet.payload'] !== undefined || extra['packet.raw'] !== undefined
  const category =
    byCode.length === 0 && !hasPacket ? logCategory : [...logCategory, ...byCode, ...(hasPacket ? ['network'] : [])]
  return { product: logProduct, service: logService, category }
}
