import { z } from 'zod'

/** Settings of the indexer. */
export const settings = z.object({
  elasticsearchUrl: z.url().describe('INDEXER_ELASTICSEARCH_URL, else ELASTICSEARCH_URL'),
  elasticsearchApiKey: z.string().optional().describe('INDEXER_ELASTICSEARCH_API_KEY, else ELASTICSEARCH_API_KEY'),
  elasticsearchCaFile: z.string().optional().describe('INDEXER_ELASTICSEARCH_CA_FILE, else ELASTICSEARCH_CA_FILE'),
})
