import { z } from 'zod'

/** Settings of enrichment. */
export const settings = z.object({
  geoFile: z.string().optional().describe('ENRICHMENT_GEO_FILE: an MMDB of cities instead of the shipped one'),
  asnFile: z
    .string()
    .optional()
    .describe('ENRICHMENT_ASN_FILE: an MMDB of autonomous systems instead of the shipped table'),
  tableCheckSeconds: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(60)
    .describe('ENRICHMENT_TABLE_CHECK_SECONDS: how often a file of a table is looked at for a new version'),
  scannersFile: z
    .string()
    .optional()
    .describe('ENRICHMENT_SCANNERS_FILE: known scanners, CSV of name and address or CIDR'),
  feedsFile: z.string().optional().describe('ENRICHMENT_FEEDS_FILE: lists of indicators that are fetched by schedule'),
  indicatorsMax: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(50_000_000)
    .default(10_000_000)
    .describe('ENRICHMENT_INDICATORS_MAX: indicators held at most; more are not taken and an alarm is raised'),
})
