/**
 * Legal clocks and regulation packs, pure. A *pack* is a country's law as data; a *case* is what the law looks at; a *fact* is
 * one happening of a case with its instant; a *clock* is a time limit in force for a case. Nothing here reads a file, a clock
 * or the network: texts and instants come in, clocks, notices and faults go out.
 */
export * from './calendar.ts'
export * from './clock.ts'
export * from './clock-event.ts'
export * from './condition.ts'
export * from './duration.ts'
export * from './facts.ts'
export * from './faults.ts'
export * from './lifecycle-rules.ts'
export * from './limit.ts'
export * from './notice.ts'
export { inForce, type LoadedPack, loadPack, type Pack, unconfirmedOf } from './pack.ts'
export * from './pack-files.ts'
export type { ClockSpec, MessageSpec, PackDocument, ScheduleSpec, Texts } from './pack-schema.ts'
export { PACK_LIMITS, textSchema } from './pack-schema.ts'
export { holds, type Predicate, predicateSchema, type Scalar, type Subject } from './predicate.ts'
export { type ReadReceipt, type Receipt, readReceipt, receiptToken } from './receipt-link.ts'
export * from './schedule.ts'
export * from './scope.ts'
export * from './simulate.ts'
export * from './taxonomy.ts'
export * from './template.ts'
export * from './texts.ts'
export { readYaml } from './yaml-file.ts'
