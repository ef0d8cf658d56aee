import { z } from 'zod'

/** Settings of this service beside those that every service has (packages/runtime). */
export const settings = z.object({
  packs: z.string().min(1).default('regulations').describe('INCIDENT_MANAGER_PACKS: folder of the regulation packs'),
})
