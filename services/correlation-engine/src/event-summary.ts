import type { EnrichedEvent, IndicatorHit } from '@tocsin/events'

/** What a detection needs of one contributing event: rides as text with the match and in the group's state. */
export interface EventSummary {
  eventId: string
  occurredAt: number
  constituent: string
  exercise: boolean
  blockId: string
  frameIndex: number
  /** The line, at most 1 KiB. */
  original: string
  sourceId: string
  source: Side | null
  target: Side | null
  account: string | null
  assetIds: string[]
  systemIds: string[]
  indicatorIds: string[]
  /** The same with list and verification state; absent in state that an earlier version wrote. */
  indicatorHits?: IndicatorHit[]
  deviceName: string | null
  triggeredRuleName: string | null
}

/** One side of an event. */
export interface Side {
  ip: string | null
  port: number | null
  protocol: string | null
  host: string | null
  domain: string | null
  country: string | null
  asn: number | null
  lon: number | null
  lat: number | null
}

const MAX_ORIGINAL_CHARS = 1_024
/** Names and addresses come from log lines: what is longer than this names nothing. */
const MAX_TEXT_CHARS = 256
const MAX_INDICATORS = 20

/** Takes an enriched event; gives its summary, at most a few KiB: a hundred of them ride in one detection, and one in each record of a group's state. */
export function summaryOf(event: EnrichedEvent): EventSummary {
  const summary = wholeSummary(event)
  return {
    ...summary,
    source: summary.source === null ? null : shortened(summary.source),
    target: summary.target === null ? null : shortened(summary.target),
    account: short(summary.account),
    indicatorIds: summary.indicatorIds.slice(0, MAX_INDICATORS),
    indicatorHits: hitsOf(event),
    deviceName: short(summary.deviceName),
    triggeredRuleName: short(summary.triggeredRuleName),
  }
}

function hitsOf({ indicators }: EnrichedEvent): IndicatorHit[] {
  return indicators
    .slice(0, MAX_INDICATORS)
    .map(({ indicatorId, type, value, field, feed, confidence, verification }) => ({
      indicatorId,
      type,
      value: short(value) ?? '',
      field,
      feed,
      confidence,
      verification,
    }))
}

function short(text: string | null): string | null {
  return text === null || text.length <= MAX_TEXT_CHARS ? text : text.slice(0, MAX_TEXT_CHARS)
}

function shortened(side: Side): Side {
  const { ip, protocol, host, domain, country } = side
  return {
    ...side,
    ip: short(ip),
    protocol: short(protocol),
    host: short(host),
    domain: short(domain),
    country: short(country),
  }
}

function wholeSummary(event: EnrichedEvent): EventSummary {
  const assets = [event.sourceAsset, event.destinationAsset].filter((asset) => asset !== null)
  const target: Side | null =
    event.destination_ip === null && event.host_name === null && event.url_domain === null
      ? null
      : {
          ip: event.destination_ip ?? event.host_ip[0] ?? null,
          port: event.destination_port,
          protocol: event.network_transport,
          host: event.host_name,
          domain: event.destination_domain ?? event.url_domain ?? event.dns_question_name,
          country: event.destination_geo_country_iso_code,
          asn: event.destination_as_number,
          lon: event.destination_geo_lon,
          lat: event.destination_geo_lat,
        }
  return {
    eventId: event.eventId,
    occurredAt: event.occurredAt,
    constituent: event.constituent,
    exercise: event.exercise,
    blockId: event.blockId,
    frameIndex: event.frameIndex,
    original: event.original.slice(0, MAX_ORIGINAL_CHARS),
    sourceId: event.sourceId,
    source: event.source_ip === null ? null : sourceSide(event),
    target,
    account: event.user_name ?? event.user_target_name,
    assetIds: assets.flatMap((asset) => (asset.assetId === '' ? [] : [asset.assetId])),
    systemIds: assets.flatMap((asset) => (asset.systemId === null ? [] : [asset.systemId])),
    indicatorIds: event.indicators.map((hit) => hit.indicatorId),
    deviceName: event.observer_name ?? event.host_name,
    triggeredRuleName: event.rule_name,
  }
}

function sourceSide(event: EnrichedEvent): Side {
  return {
    ip: event.source_ip,
    port: event.source_port,
    protocol: event.network_transport,
    host: event.sourceAsset?.hostname ?? null,
    domain: event.source_domain,
    country: event.source_geo_country_iso_code,
    asn: event.source_as_number,
    lon: event.source_geo_lon,
    lat: event.source_geo_lat,
  }
}
