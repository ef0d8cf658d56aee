import { z } from 'zod'

/** Settings of the indexer. */
export const settings = z.object({
  elasticsearchUrl: z.url().describe('INDEXER_ELASTICSEARCH_URL, else ELASTICSEARCH_URL'),
  elasticsearchApiKey: z.string().optional().describe('INDEXER_ELASTICSEARCH_API_KEY, else ELASTICSEARCH_API_KEY'),
  elasticsearchCaFile: z.string().optional().describe('INDEXER_ELASTICSEARCH_CA_FILE, else ELASTICSEARCH_CA_FILE'),
  packs: z.string().min(1).default('regulations').describe('INDEXER_PACKS: folder of the regulation packs'),
  eventDays: z.coerce
    .number()
    .int()
    .min(1)
    .max(36_500)
    .optional()
    .describe('INDEXER_EVENT_DAYS: days for which events stay searchable, where longer than the law asks'),
})
