import type { Detection, EnrichedEvent, LateEvent, Match } from '@tocsin/events'
import type { Output } from '@tocsin/stage'
import { harnessOf, type StageHarness } from '@tocsin/stage/testing'
import { correlateWindows } from '../src/correlate-windows.ts'
import { matchRules } from '../src/match-rules.ts'
import type { RulesInForce } from '../src/rules-in-force.ts'

/** How a run of the engine over several partitions is to go. */
export interface Course {
  /** Partitions of enriched events. */
  sources: number
  /** Partitions of matches. */
  targets: number
  /** The memory of the windows is dropped and restored from the changelog after so many steps; never by default. */
  crashEvery?: number
  /** Same seed, same order in which partitions are read. */
  seed?: number
  /** Steps between two ticks of a partition: many, where event time runs much faster than the clock. */
  tickEvery?: number
}

interface Engine {
  rules: StageHarness<'enriched-events'>[]
  windows: StageHarness<'matches'>[]
  /** The topic `matches`: one log for each partition. */
  logs: { key: string; value: Match }[][]
  /** How far each task of the windows has read. */
  read: number[]
  /** Outputs already in the log, of each task. */
  written: Map<object, number>
}

/**
 * The whole engine over several partitions, each read in its own pace as on a real cluster: every step, one partition of events or
 * of matches goes on by some records, chosen at random; what it writes goes to the end of the logs. Gives folded detections and what was late.
 */
export async function runOver(
  rules: () => RulesInForce,
  events: readonly EnrichedEvent[],
  course: Course,
): Promise<{ detections: string[]; late: LateEvent[] }> {
  const { sources, targets, crashEvery = Number.POSITIVE_INFINITY, tickEvery = 2 } = course
  const random = randomFrom(course.seed ?? 1)
  const engine = engineOf(rules, sources, targets)
  const queues = Array.from({ length: sources }, (_, partition) =>
    events.filter(({ eventId }) => place(eventId, sources) === partition),
  )
  const left = (): boolean =>
    queues.some((queue) => queue.length > 0) || engine.logs.some((log, q) => (engine.read[q] ?? 0) < log.length)
  for (let step = 1; left(); step++) {
    const task = Math.floor(random() * (sources + targets))
    const records = 1 + Math.floor(random() * 8)
    if (task < sources) await goOnWithEvents(engine, task, queues[task] ?? [], records)
    else await goOnWithMatches(engine, task - sources, records)
    if (step % tickEvery === 0) await tick(engine, [task])
    // A task that was restored says once more how far it is: with a crash at every step that would never end.
    if (step % crashEvery === 0 && queues.some((queue) => queue.length > 0))
      for (const windows of engine.windows) windows.crash()
  }
  // Time goes on without events until every source is idle and the last word has gone through every level of the chains.
  const everyone = Array.from({ length: sources + targets }, (_, task) => task)
  for (let silent = 0; silent < 40; silent++) {
    await tick(engine, everyone)
    for (let q = 0; q < targets; q++) await goOnWithMatches(engine, q, Number.POSITIVE_INFINITY)
  }
  return {
    detections: fold(engine.windows.flatMap((windows) => windows.written('detections'))),
    late: engine.windows.flatMap((windows) => windows.written('late-events')),
  }
}

function engineOf(rules: () => RulesInForce, sources: number, targets: number): Engine {
  const first = matchRules({ rules, matchPartitions: targets, latenessMs: 60_000, slot: 0 })
  const second = correlateWindows({ rules, eventPartitions: sources, matchPartitions: targets })
  const opened = <T extends StageHarness<'enriched-events'> | StageHarness<'matches'>>(harness: T, n: number): T => {
    harness.open(n)
    return harness
  }
  return {
    rules: Array.from({ length: sources }, (_, p) => opened(harnessOf(first), p)),
    windows: Array.from({ length: targets }, (_, q) => opened(harnessOf(second), q)),
    logs: Array.from({ length: targets }, () => []),
    read: Array.from({ length: targets }, () => 0),
    written: new Map(),
  }
}

async function goOnWithEvents(engine: Engine, p: number, queue: EnrichedEvent[], records: number): Promise<void> {
  const rules = engine.rules[p] as StageHarness<'enriched-events'>
  for (const event of queue.splice(0, records)) {
    rules.now(event.receivedAt)
    await rules.give('enriched-events', event.sourceId, event, p)
  }
  append(engine, rules)
}

async function goOnWithMatches(engine: Engine, q: number, records: number): Promise<void> {
  const windows = engine.windows[q] as StageHarness<'matches'>
  const log = engine.logs[q] ?? []
  const from = engine.read[q] ?? 0
  const end = Math.min(log.length, from + records)
  for (const { key, value } of log.slice(from, end)) await windows.give('matches', key, value, q)
  engine.read[q] = end
  append(engine, windows)
}

async function tick(engine: Engine, tasks: readonly number[]): Promise<void> {
  for (const task of tasks) {
    const harness = [...engine.rules, ...engine.windows][task]
    if (harness === undefined) continue
    await harness.tick(0)
    append(engine, harness)
  }
}

function append(engine: Engine, harness: { outputs(): readonly Output[] }): void {
  const outputs = harness.outputs()
  for (const output of outputs.slice(engine.written.get(harness) ?? 0)) {
    if (output.topic !== 'matches') continue
    const to = output.partition ?? place(output.key, engine.logs.length)
    engine.logs[to]?.push({ key: output.key, value: output.value as Match })
  }
  engine.written.set(harness, outputs.length)
}

function place(text: string, of: number): number {
  return text.split('').reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9_973, 7) % of
}

// mulberry32
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Detections after folding revisions, as what must be equal however they came about: without id, revision and T0. */
export function fold(detections: readonly Detection[]): string[] {
  const last = new Map<string, Detection>()
  for (const detection of detections) {
    const known = last.get(detection.detectionId)
    if (known === undefined || detection.revision > known.revision) last.set(detection.detectionId, detection)
  }
  // Whether an episode was first taken for two depends on the order of arrival; the one that says so itself is folded into the other.
  return [...last.values()]
    .filter(({ supersededBy }) => supersededBy === null)
    .map(({ ruleName, groupKey, firstEvent, lastEvent, value, eventCount, phase }) =>
      JSON.stringify([ruleName, groupKey, firstEvent, lastEvent, value, eventCount, phase]),
    )
    .sort()
}
