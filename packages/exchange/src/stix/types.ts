/** The part of STIX 2.1 (OASIS, 2021) that we write and read; every other property of other people's objects is left alone. */

export type StixId = `${string}--${string}`

/** What every domain object has. */
interface DomainObject<Type extends string> {
  type: Type
  spec_version: '2.1'
  id: StixId
  created: string
  modified: string
  created_by_ref?: StixId
  object_marking_refs?: readonly StixId[]
  labels?: string[]
  confidence?: number
  lang?: string
  revoked?: boolean
  external_references?: ExternalReference[]
  extensions?: Record<string, unknown>
}

export interface ExternalReference {
  source_name: string
  external_id?: string
  description?: string
}

export interface Identity extends DomainObject<'identity'> {
  name: string
  identity_class: 'organization'
}

export interface IncidentObject extends DomainObject<'incident'> {
  name: string
  description?: string
}

export interface AttackPattern extends DomainObject<'attack-pattern'> {
  name: string
}

export interface CourseOfAction extends DomainObject<'course-of-action'> {
  name: string
  description: string
}

export interface ObservedData extends DomainObject<'observed-data'> {
  first_observed: string
  last_observed: string
  number_observed: number
  object_refs: StixId[]
}

export interface Relationship extends DomainObject<'relationship'> {
  relationship_type: string
  source_ref: StixId
  target_ref: StixId
}

export interface ExtensionDefinition extends DomainObject<'extension-definition'> {
  name: string
  description: string
  schema: string
  version: string
  extension_types: string[]
  extension_properties?: string[]
}

/** TLP 2.0 marking (extension by OASIS; section 7.2.1.4 of STIX knows TLP 1 only). */
export interface MarkingDefinition {
  type: 'marking-definition'
  spec_version: '2.1'
  id: StixId
  created: string
  name: string
  extensions: Record<string, unknown>
}

/** A cyber-observable object. */
export type Observable =
  | { type: 'ipv4-addr' | 'ipv6-addr' | 'domain-name'; spec_version: '2.1'; id: StixId; value: string }
  | {
      type: 'network-traffic'
      spec_version: '2.1'
      id: StixId
      src_ref?: StixId
      dst_ref?: StixId
      src_port?: number
      dst_port?: number
      protocols: string[]
    }

export type StixObject =
  | Identity
  | IncidentObject
  | AttackPattern
  | CourseOfAction
  | ObservedData
  | Relationship
  | ExtensionDefinition
  | MarkingDefinition
  | Observable

export interface Bundle {
  type: 'bundle'
  id: StixId
  objects: StixObject[]
}
