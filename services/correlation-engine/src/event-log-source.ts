import { type EnrichedEvent, isPrivateAddress } from '@tocsin/events'
import { categoriesByCode, type EventLogSource } from '@tocsin/sigma'

/**
 * The log source of an event as rules ask for it: what its parser named, the categories that it has by its code, and two more by what it is.
 * `network`, where it carries a packet: that is what rules on data segments are written for. `webserver`, where it is a request that a
 * proxy passed to a server of ours: the proxy that ends TLS sees what the web server would log (VN-5.2d).
 */
export function logSourceOf(event: EnrichedEvent): EventLogSource {
  const { logProduct, logService, logCategory, event_code, extra } = event
  const category = [...logCategory, ...categoriesByCode(logProduct, logService, event_code)]
  if (extra['packet.payload'] !== undefined || extra['packet.raw'] !== undefined) category.push('network')
  if (logCategory.includes('proxy') && isTowardsServer(event)) category.push('webserver')
  return { product: logProduct, service: logService, category }
}

/** A request from outside, or one that ends inside; what leaves from inside is the way of users to the world. */
function isTowardsServer({ source_ip, destination_ip }: EnrichedEvent): boolean {
  if (source_ip !== null && !isPrivateAddress(source_ip)) return true
  return destination_ip !== null && isPrivateAddress(destination_ip)
}
