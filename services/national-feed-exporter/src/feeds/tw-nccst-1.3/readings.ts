import { z } from 'zod'

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true')

/** How the uploader reads what the SOP leaves open, one setting for each ambiguity; the first value of each is the default. */
export const readingSettings = {
  rootElement: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/)
    .default('Incident')
    .describe('root element (AMB-TW1); the schema must name the same'),
  lengthUnit: z.enum(['characters', 'bytes']).default('characters').describe('what String(max n) counts (AMB-TW3)'),
  endTime: z.enum(['last-record', 'issued']).default('last-record').describe('field 9 (AMB-TW5)'),
  optionalEmpty: z
    .enum(['element', 'omit', 'null'])
    .default('element')
    .describe('an optional field without a value: empty element, none, or NULL (AMB-TW6); field 28 is always there'),
  geoForm: z.enum(['lon,lat', 'lat,lon', '(lon,lat)']).default('lon,lat').describe('fields 15 and 16 (AMB-TW7)'),
  listBom: flag.describe('true: both lists begin with a byte order mark (AMB-TW10)'),
  extraFields: flag.describe('true: own fields after field 28 (note 1, TW-S1)'),
}

export type Readings = Readonly<z.infer<z.ZodObject<typeof readingSettings>>>

export const DEFAULT_READINGS: Readings = z.object(readingSettings).parse({})
