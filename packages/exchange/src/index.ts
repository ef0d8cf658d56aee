/**
 * What of a case may leave the house, and the formats in which others read it. Pure: cases and texts in, texts and cases out.
 * A case that leaves is a `SharedCase`, made by `sharedCaseOf` and by nothing else.
 */
import { csv } from './csv.ts'
import type { ExchangeFormat } from './format.ts'
import { iodef } from './iodef/index.ts'
import { misp } from './misp.ts'
import { stix } from './stix/index.ts'

export { canonicalJson } from './canonical-json.ts'
export { CASE_COLUMNS, textOfField } from './field-text.ts'
export { type ExchangeFormat, type Loss, type Writing, writeWithLosses } from './format.ts'
export { openPackage, sealPackage } from './package/seal.ts'
export type { PackageFile } from './package/tar.ts'
export { readSharedCase } from './read-shared-case.ts'
export { secrecyMarksIn } from './secrecy-marks.ts'
export * from './shared-case.ts'
export { caseOfObject, type ReadIncident } from './stix/read.ts'
export type { StixObject } from './stix/types.ts'
export { stixObjectsOf, versionKeyOf } from './stix/write.ts'
export { isStronger, TLP, type Tlp, tlpOf } from './tlp.ts'

/** Every format; a new one is one folder or file and one entry here. */
export const FORMATS: Readonly<Record<ExchangeFormat['name'], ExchangeFormat>> = { stix, iodef, misp, csv }
