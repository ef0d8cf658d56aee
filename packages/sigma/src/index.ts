export { type CompileOptions, compileRules } from './compile.ts'
export { type Condition, formatCondition, parseCondition, selectionsNamedBy } from './condition.ts'
export type { CompiledCorrelation } from './correlations.ts'
export {
  Correlator,
  type CorrelatorOptions,
  type CorrelatorOutput,
  type CorrelatorStats,
} from './correlator/correlator.ts'
export { detectionIdOf } from './correlator/episode.ts'
export type { Evidence, Firing, Position } from './correlator/firing.ts'
export { groupKeyOf, keyOf, type Observation, ObservationIndex, type ObservedEvent } from './correlator/observation.ts'
export type { StateChange } from './correlator/state-log.ts'
export type {
  CorrelationDocument,
  DetectionItem,
  FilterDocument,
  ItemValue,
  Level,
  RuleDocument,
  RuleLogSource,
  RuleMetadata,
  Selection,
  SigmaDocument,
} from './documents.ts'
export { levels } from './documents.ts'
export { ecsMapping } from './ecs-mapping.ts'
export { categoriesByCode } from './event-categories.ts'
export { type EventView, viewOf } from './event-view.ts'
export { CorrelateRun, type CorrelateStep } from './flat-events/correlate.ts'
export { detectLine } from './flat-events/detect.ts'
export { type FlatEvent, type FlatEventError, parseFlatEvent } from './flat-events/flat-event.ts'
export { appliesTo, type EventLogSource, normalLogSource } from './log-source.ts'
export { type FieldMapping, mapField, type SourceMapping } from './mapping.ts'
export { exportSuricata, type SuricataExport } from './packet/suricata-export.ts'
export { type Parsed, parseRules, type RuleFile } from './parse.ts'
export type { Placeholders } from './placeholders.ts'
export { recordFields, viewOfRecord } from './record-view.ts'
export type { Refusal, RefusalCode } from './refusal.ts'
export { regexShape } from './regex-shape.ts'
export { type CompiledRule, CompiledRuleSet, type RuleMatch } from './rule-set.ts'
export type { FieldValue, Scalar } from './values.ts'
