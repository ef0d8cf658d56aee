import { z } from 'zod'

/** Settings of the reporter. */
export const settings = z.object({
  packs: z.string().min(1).default('regulations').describe('REPORTER_PACKS: folder of the regulation packs'),
  folder: z
    .string()
    .min(1)
    .optional()
    .describe('REPORTER_FOLDER: where finished reports lie; <TOCSIN_DATA>/reports by default'),
  draftAfterMinutes: z.coerce
    .number()
    .int()
    .min(0)
    .max(720)
    .default(10)
    .describe('REPORTER_DRAFT_AFTER_MINUTES: wait after the end of a period, so that what is on its way is counted'),
  formAfterMinutes: z.coerce
    .number()
    .int()
    .min(0)
    .max(1440)
    .default(10)
    .describe(
      'REPORTER_FORM_AFTER_MINUTES: quiet after the last change of the registry before a new version of a form is made',
    ),
  chromium: z
    .string()
    .default('/usr/bin/chromium')
    .describe('REPORTER_CHROMIUM: browser that prints the PDF; where it is missing the PDF is left out'),
})
