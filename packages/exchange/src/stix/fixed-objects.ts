import type { Tlp } from '../tlp.ts'
import { OWN_NAMESPACE, uuidV5 } from '../uuid.ts'
import type { AttackPattern, ExtensionDefinition, Identity, MarkingDefinition, StixId } from './types.ts'

/** Objects that say the same in every bundle carry one instant, so that a receiver takes them for one version. */
const FIXED = '2026-01-01T00:00:00.000Z'

const TLP_EXTENSION: StixId = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d'
/** Ids of the TLP 2.0 markings as OASIS publishes them: the same for everybody. */
const TLP_IDS: Readonly<Record<Tlp, StixId>> = {
  clear: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
  green: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  amber: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  'amber+strict': 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
  red: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
}

/** The TLP 2.0 marking as an object. */
export function markingOf(tlp: Tlp): MarkingDefinition {
  return {
    type: 'marking-definition',
    spec_version: '2.1',
    id: TLP_IDS[tlp],
    created: '2022-10-01T00:00:00.000Z',
    name: `TLP:${tlp.toUpperCase()}`,
    extensions: { [TLP_EXTENSION]: { extension_type: 'property-extension', tlp_2_0: tlp } },
  }
}

/** An organisation by its code: a deployment or a constituent. */
export function identityOf(code: string): Identity {
  return {
    type: 'identity',
    spec_version: '2.1',
    id: `identity--${uuidV5(`identity/${code}`, OWN_NAMESPACE)}`,
    created: FIXED,
    modified: FIXED,
    name: code,
    identity_class: 'organization',
  }
}

/** An ATT&CK technique by its number. */
export function attackPatternOf(technique: string): AttackPattern {
  return {
    type: 'attack-pattern',
    spec_version: '2.1',
    id: `attack-pattern--${uuidV5(`technique/${technique}`, OWN_NAMESPACE)}`,
    created: FIXED,
    modified: FIXED,
    name: technique,
    external_references: [{ source_name: 'mitre-attack', external_id: technique }],
  }
}

/** The definition of our property extension, which carries the whole case. */
export const CASE_EXTENSION: ExtensionDefinition & { created_by_ref: StixId } = {
  type: 'extension-definition',
  spec_version: '2.1',
  id: `extension-definition--${uuidV5('extension/case/1', OWN_NAMESPACE)}`,
  created: FIXED,
  modified: FIXED,
  created_by_ref: identityOf('tocsin').id,
  name: 'Tocsin case',
  description: 'The canonical case behind an incident object: every field that may leave, under its own name.',
  schema: 'urn:tocsin:exchange:case:1',
  version: '1.0.0',
  extension_types: ['property-extension'],
}
