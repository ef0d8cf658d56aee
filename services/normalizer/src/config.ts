import { z } from 'zod'

/** Settings of the normalizer; how a source is read stands in the registry. */
export const settings = z.object({
  parsersDir: z
    .string()
    .optional()
    .describe('NORMALIZER_PARSERS_DIR: folder of parser files of your own (`<name>.yaml`); unset: none'),
  parsersCheckSeconds: z.coerce
    .number()
    .min(1)
    .max(3_600)
    .default(10)
    .describe('NORMALIZER_PARSERS_CHECK_SECONDS: how often the folder is looked at for changes'),
})
