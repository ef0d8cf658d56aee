import type { Level, RuleMetadata } from '../documents.ts'

/** One event that contributed to a firing. */
export interface Evidence {
  eventId: string
  atMs: number
  ruleIds: string[]
  detail: Record<string, string>
}

/**
 * What a correlation reports of one episode. All firings of an episode carry the same `detectionId`; the highest revision holds.
 */
export interface Firing {
  edge: 'open' | 'update' | 'close'
  detectionId: string
  /** 0 for the opening, then rising by one. */
  revision: number
  correlationId: string
  title: string
  level: Level
  tags: string[]
  metadata: RuleMetadata
  /** False for a correlation that only feeds another one. */
  alerts: boolean
  constituent: string
  groupKey: string
  /** Group-by names and values. */
  groupBy: Record<string, string>
  /** Start of the first window and end of the last window in which the condition held. */
  windowStartMs: number
  windowEndMs: number
  /** Value at the last event at which the condition held. */
  value: number
  threshold: number
  /** Contributing events in the order of event time, at most 100. */
  evidence: Evidence[]
  eventCount: number
  firstEventAtMs: number
  lastEventAtMs: number
  /** The event that opened the episode when it was first reported. */
  anchorEventId: string
  /** True when entries of the group had to be given up, so the value may be too low. */
  approximate: boolean
  /** Set on the closing of an episode that turned out to be part of another one. */
  supersededBy: string | null
}

/** One event at which a condition held, told when no earlier event can come any more. */
export interface Position {
  correlationId: string
  eventId: string
  atMs: number
  order: string | number
  key: string[]
  value: number
  edge: boolean
}
