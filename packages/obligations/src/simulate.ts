import { z } from 'zod'
import type { Clock } from './clock.ts'
import { clocksOf } from './clock.ts'
import { type ClockHappening, happeningsOf } from './clock-event.ts'
import { type CaseFacts, KINDS } from './facts.ts'
import type { Fault } from './faults.ts'
import type { Pack } from './pack.ts'
import { PACK_LIMITS } from './pack-schema.ts'
import { pathText, readYaml } from './yaml-file.ts'

const instant = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})$/,
    'an instant as 2026-03-10T09:00:00+05:00',
  )
  .transform((text) => Date.parse(text))

const factSchema = z.strictObject({
  at: instant,
  name: z.string().min(1).max(60),
  role: z.string().max(60).optional(),
  proof: z.enum(['sent', 'delivered', 'acknowledged']).optional(),
  clocks: z.array(z.string().max(130)).max(50).optional(),
  ref: z.string().max(200).optional(),
  withdrawnAt: instant.optional(),
})

const caseSchema = z.strictObject({
  caseId: z.string().min(1).max(200),
  constituent: z.string().min(1).max(200).default('unknown'),
  kind: z.enum(KINDS),
  exercise: z.boolean().optional(),
  attributes: z.record(z.string(), z.unknown()).default({}),
  settings: z.record(z.string(), z.string()).optional(),
  facts: z.array(factSchema).max(10_000),
})

/** The timeline of one or more cases, and the instant up to which their clocks are run. JSON or YAML. */
export const timelineSchema = z.strictObject({
  until: instant,
  cases: z.array(caseSchema).min(1).max(100_000),
})

export interface Timeline {
  until: number
  cases: CaseFacts[]
}

export type LoadedTimeline = { ok: true; timeline: Timeline } | { ok: false; faults: Fault[] }

/** Reads a timeline. Gives it or the faults with their lines. */
export function loadTimeline(text: string, path: string): LoadedTimeline {
  const read = text.length > PACK_LIMITS.maxBytes ? readLarge(text, path) : readYaml(text, path, timelineSchema)
  return read.ok ? { ok: true, timeline: read.value as Timeline } : read
}

/** Upper bound of a timeline, in characters: about a month of a busy country. */
export const MAX_TIMELINE_LENGTH = 64 * 1024 * 1024

/** A month of incidents is JSON, read without a syntax tree: its faults name the place and not the line. */
function readLarge(
  text: string,
  file: string,
): { ok: true; value: z.infer<typeof timelineSchema> } | { ok: false; faults: Fault[] } {
  const refuse = (path: string, reason: string): { ok: false; faults: Fault[] } => ({
    ok: false,
    faults: [{ file, line: null, path, reason }],
  })
  if (text.length > MAX_TIMELINE_LENGTH) return refuse('', `longer than ${MAX_TIMELINE_LENGTH} characters`)
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch (error) {
    return refuse('', `a timeline of this length must be JSON: ${(error as Error).message}`)
  }
  const parsed = timelineSchema.safeParse(raw)
  if (parsed.success) return { ok: true, value: parsed.data }
  const issue = parsed.error.issues[0]
  return refuse(pathText(issue?.path ?? []), issue?.message ?? 'is wrong')
}

/** One line of a simulation. */
export interface SimulatedEvent {
  at: string
  caseId: string
  clock: string
  what: string
  by: string
  dueAt: string
  requirements: readonly string[]
  to: string[]
}

/** Runs the clocks of a timeline under a pack; gives what they do until `timeline.until`, in order of time. */
export function simulate(
  pack: Pack,
  timeline: Timeline,
): { events: SimulatedEvent[]; clocks: { caseId: string; clock: Clock }[] } {
  const happenings: ClockHappening[] = []
  const clocks: { caseId: string; clock: Clock }[] = []
  for (const subject of timeline.cases) {
    for (const clock of clocksOf(pack, subject, timeline.until)) {
      clocks.push({ caseId: subject.caseId, clock })
      happenings.push(...happeningsOf(subject.caseId, clock, timeline.until))
    }
  }
  // The sort is stable: what happens at one instant keeps the pack's order of clocks.
  return { events: happenings.sort((a, b) => a.at - b.at).map(eventOf), clocks }
}

function eventOf(happening: ClockHappening): SimulatedEvent {
  return {
    at: new Date(happening.at).toISOString(),
    caseId: happening.caseId,
    clock: happening.clockKey,
    what: happening.what,
    by: happening.by,
    dueAt: new Date(happening.clock.dueAt).toISOString(),
    requirements: happening.clock.requirements,
    to: happening.messages.flatMap((message) => message.to),
  }
}
