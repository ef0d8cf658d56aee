import type {
  Detection,
  EnrichedEvent,
  RegistryAsset,
  RegistryConstituent,
  RegistrySource,
  RegistrySystem,
} from '@tocsin/events'
import { PARTICIPANT_FIELDS } from '@tocsin/exchange'

/** Fields of a detection that a package holds; no other leaves (operations.md S-19). */
export const DETECTION_FIELDS = [
  'detectionId',
  'revision',
  'detectedAt',
  'constituent',
  'severity',
  'ruleId',
  'ruleName',
  'ruleVersion',
  'level',
  'kind',
  'method',
  'phase',
  'tlp',
  'techniques',
  'rsitClass',
  'rsitType',
  'titles',
  'recommendations',
  'firstEvent',
  'lastEvent',
  'value',
  'threshold',
  'eventCount',
  'sourceIds',
  'triggeredRuleName',
  'description',
] as const satisfies readonly (keyof Detection)[]

/** Fields of a log record that a package holds: who, when, what, and the line as it came. */
export const EVENT_FIELDS = [
  'eventId',
  'occurredAt',
  'receivedAt',
  'constituent',
  'sourceId',
  'sourceChannel',
  'circuit',
  'dataset',
  'severity',
  'tlp',
  'blockId',
  'frameIndex',
  'original',
  'message',
  'category',
  'type',
  'outcome',
  'event_action',
  'event_code',
  'event_severity',
  'observer_name',
  'host_name',
  'source_ip',
  'source_port',
  'source_domain',
  'destination_ip',
  'destination_port',
  'destination_domain',
  'network_transport',
  'network_protocol',
] as const satisfies readonly (keyof EnrichedEvent)[]

const listed = (record: object, fields: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(fields.map((field) => [field, (record as Record<string, unknown>)[field]]))

/** A detection with its listed fields, participants without account and host. */
export const listedDetection = (detection: Detection): Record<string, unknown> => ({
  ...listed(detection, DETECTION_FIELDS),
  participants: detection.participants.map((one) => listed(one, PARTICIPANT_FIELDS)),
})

/** A log record with its listed fields. */
export const listedEvent = (event: EnrichedEvent): Record<string, unknown> => listed(event, EVENT_FIELDS)

/** What of the registry a package holds (VN-14.6a): technical information, no person and no certificate. */
const CONSTITUENT_FIELDS = [
  'constituentId',
  'name',
  'names',
  'country',
  'roles',
  'oid',
  'nationalIds',
  'systemClass',
  'agencyLevel',
  'sector',
  'parentId',
] as const satisfies readonly (keyof RegistryConstituent)[]

const SYSTEM_FIELDS = [
  'systemId',
  'constituent',
  'name',
  'description',
  'systemClass',
  'ips',
  'domains',
  'services',
  'os',
  'webApps',
  'monitoringPosition',
  'linkCapacityMbps',
  'expectedInputs',
  'internetConnections',
  'usesHttps',
  'httpsMeasure',
  'surveillanceMode',
  'performedBy',
] as const satisfies readonly (keyof RegistrySystem)[]

const ASSET_FIELDS = [
  'assetId',
  'constituent',
  'circuit',
  'ip',
  'hostname',
  'unit',
  'os',
  'systemId',
  'criticality',
  'validFrom',
  'validTo',
] as const satisfies readonly (keyof RegistryAsset)[]

const SOURCE_FIELDS = [
  'sourceId',
  'constituent',
  'name',
  'addresses',
  'circuit',
  'kind',
  'sourceChannel',
  'systemIds',
  'position',
  'deviceName',
  'version',
] as const satisfies readonly (keyof RegistrySource)[]

/** The registry of one body. */
export interface BodyRegistry {
  constituents: readonly RegistryConstituent[]
  systems: readonly RegistrySystem[]
  assets: readonly RegistryAsset[]
  sources: readonly RegistrySource[]
}

/** The registry of a body with its listed fields. */
export const listedRegistry = ({ constituents, systems, assets, sources }: BodyRegistry): Record<string, unknown> => ({
  constituents: constituents.map((one) => listed(one, CONSTITUENT_FIELDS)),
  systems: systems.map((one) => listed(one, SYSTEM_FIELDS)),
  assets: assets.map((one) => listed(one, ASSET_FIELDS)),
  sources: sources.map((one) => listed(one, SOURCE_FIELDS)),
})
