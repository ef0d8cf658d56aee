import { z } from 'zod'

const minutes = (fallback: number) => z.coerce.number().int().min(1).max(10_080).default(fallback)

/** Settings of the console beside those that every service has (packages/runtime). */
export const settings = z.object({
  host: z
    .string()
    .optional()
    .describe('CONSOLE_HOST: address to listen on; 127.0.0.1 in the embedded profile, else every address'),
  port: z.coerce.number().int().min(0).max(65535).default(8080).describe('CONSOLE_PORT: 0 for any'),
  origin: z
    .url()
    .optional()
    .describe('CONSOLE_ORIGIN: the address that people type, where a proxy changes the Host header'),
  trustedProxies: z
    .string()
    .optional()
    .describe('CONSOLE_TRUSTED_PROXIES: addresses or networks whose X-Forwarded-For is believed, comma separated'),
  tlsCert: z
    .string()
    .optional()
    .describe('CONSOLE_TLS_CERT_FILE: certificate chain, where the console itself ends TLS'),
  tlsKey: z.string().optional().describe('CONSOLE_TLS_KEY_FILE: its key'),
  packs: z.string().min(1).default('regulations').describe('CONSOLE_PACKS: folder of the regulation packs'),
  dist: z.string().optional().describe('CONSOLE_DIST: folder of the built page; services/console/dist by default'),
  idleMinutes: minutes(60).describe('CONSOLE_IDLE_MINUTES: a session ends after so long without a request'),
  sessionMinutes: minutes(720).describe('CONSOLE_SESSION_MINUTES: a session ends after so long in any case'),
  casesPerConstituent: z.coerce
    .number()
    .int()
    .min(10)
    .max(100_000)
    .default(2_000)
    .describe('CONSOLE_CASES_PER_CONSTITUENT: cases kept in memory for each body; the oldest ended ones go first'),
  answerSeconds: z.coerce
    .number()
    .int()
    .min(1)
    .max(120)
    .default(15)
    .describe('CONSOLE_ANSWER_SECONDS: how long a request waits for the answer to its command'),
  receiptSecret: z
    .string()
    .min(16)
    .optional()
    .describe("CONSOLE_RECEIPT_SECRET, or _FILE: the notifier's; without it no link of a notice is answered"),
  elasticsearchUrl: z.url().describe('CONSOLE_ELASTICSEARCH_URL, else ELASTICSEARCH_URL'),
  elasticsearchApiKey: z.string().optional().describe('CONSOLE_ELASTICSEARCH_API_KEY, else ELASTICSEARCH_API_KEY'),
  elasticsearchCaFile: z.string().optional().describe('CONSOLE_ELASTICSEARCH_CA_FILE, else ELASTICSEARCH_CA_FILE'),
})
