import { z } from 'zod'

/** Settings of this service beside those that every service has (packages/runtime). */
export const settings = z.object({
  keepClosedDays: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(400)
    .describe('INCIDENT_MANAGER_KEEP_CLOSED_DAYS: how long an ended case can be reopened; the topics keep it for ever'),
  packs: z.string().min(1).default('regulations').describe('INCIDENT_MANAGER_PACKS: folder of the regulation packs'),
  filters: z
    .string()
    .min(1)
    .optional()
    .describe('INCIDENT_MANAGER_FILTERS: file of the packet filters for response actions; without it there are none'),
})
