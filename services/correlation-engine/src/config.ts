import { z } from 'zod'

/** Settings of the engine. */
export const settings = z.object({
  latenessSeconds: z.coerce
    .number()
    .min(0)
    .max(86_400)
    .default(60)
    .describe('CORRELATION_ENGINE_LATENESS_SECONDS: how late an event may come and still count'),
  matchPartitions: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(4)
    .describe('CORRELATION_ENGINE_MATCH_PARTITIONS: partitions of the topic matches'),
})
