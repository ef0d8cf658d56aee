import { z } from 'zod'

/** Settings of the engine. */
export const settings = z.object({
  latenessSeconds: z.coerce
    .number()
    .min(0)
    .max(86_400)
    .default(60)
    .describe('CORRELATION_ENGINE_LATENESS_SECONDS: how late an event may come and still count'),
  maxGroupsPerRule: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(10_000_000)
    .default(1_000_000)
    .describe('CORRELATION_ENGINE_MAX_GROUPS_PER_RULE: groups that one correlation may hold in one partition'),
  maxHeldEvents: z.coerce
    .number()
    .int()
    .min(10_000)
    .max(50_000_000)
    .default(2_000_000)
    .describe('CORRELATION_ENGINE_MAX_HELD_EVENTS: events that all correlations together may hold in one partition'),
})
