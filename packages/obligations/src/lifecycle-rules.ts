import { z } from 'zod'
import type { Fault } from './faults.ts'
import { readYaml } from './yaml-file.ts'

const word = z.string().regex(/^[a-z][a-z-]{0,40}$/)
const requirements = z.array(z.string().min(1)).max(20)

const rulesSchema = z.strictObject({
  /** What turning an event into an incident must say. */
  promotion: z
    .strictObject({
      requirements,
      /** The closed list of effects; empty where the law has none. */
      effects: z.array(word).max(50).default([]),
      leastEffects: z.int().min(0).max(50).default(0),
      /** True when it must say whether failures are single or serial. */
      serial: z.boolean().default(false),
    })
    .default({ requirements: [], effects: [], leastEffects: 0, serial: false }),
  /** What a case must have before it may be closed. */
  closing: z
    .strictObject({
      requirements,
      needs: z.array(z.enum(['primary-analysis', 'class', 'effects', 'measures'])).default([]),
    })
    .default({ requirements: [], needs: [] }),
})

/** What a pack asks of a case's life beside its clocks: `lifecycle.yaml` in the pack's folder. */
export type LifecycleRules = z.infer<typeof rulesSchema>

/** A pack without `lifecycle.yaml` asks nothing. */
export const NO_LIFECYCLE_RULES: LifecycleRules = rulesSchema.parse({})

export type LoadedLifecycleRules = { ok: true; rules: LifecycleRules } | { ok: false; faults: Fault[] }

/** Loads `lifecycle.yaml`. Takes its text and its path for the faults; gives the rules or every fault with its line. */
export function loadLifecycleRules(text: string, path: string): LoadedLifecycleRules {
  const read = readYaml(text, path, rulesSchema)
  return read.ok ? { ok: true, rules: read.value } : read
}
