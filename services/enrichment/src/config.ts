import { z } from 'zod'

/** Settings of enrichment. */
export const settings = z.object({
  geoFile: z.string().optional().describe('ENRICHMENT_GEO_FILE: an MMDB of cities instead of the shipped one'),
})
