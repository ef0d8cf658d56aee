import { TocsinError } from '@tocsin/runtime'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Readings, readingSettings } from './readings.ts'

const editionsSchema = z
  .array(
    z.strictObject({
      profile: z.string().regex(/^tw-nccst-[0-9.]{1,10}$/),
      version: z.string().regex(/^\d+\.\d+\.\d+$/),
      effectiveFrom: z.iso.date(),
      effectiveTo: z.iso.date().nullable(),
      schema: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,60}\.xsd$/),
      readings: z.object(readingSettings).partial().strict(),
    }),
  )
  .min(1)
  .max(50)

/** One edition of the export profile: in force over whole days of Asia/Taipei, both ends included (TW-1.1, XC-2). */
export type Edition = Readonly<Omit<z.infer<typeof editionsSchema>[number], 'readings'>> & {
  readings: Readonly<Partial<Readings>>
}

const dayStart = (day: string): number => Date.parse(`${day}T00:00:00+08:00`)
const DAY_MS = 86_400_000

/** Takes the text of export-profiles.yaml; gives the editions, oldest first. Throws `TocsinError('bad_pack')` naming the place. */
export function loadEditions(text: string, path: string): Edition[] {
  let document: unknown
  try {
    document = parse(text, { maxAliasCount: 0 })
  } catch (error) {
    throw new TocsinError('bad_pack', `${path} is no YAML.`, error)
  }
  const result = editionsSchema.safeParse(document)
  if (!result.success) {
    const [issue] = result.error.issues
    throw new TocsinError(
      'bad_pack',
      `${path} is wrong at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? ''}.`,
    )
  }
  const given = document as { readings: object }[]
  const editions = result.data
    .map((edition, index) => ({ ...edition, readings: onlyGiven(edition.readings, given[index]?.readings ?? {}) }))
    .toSorted((a, b) => dayStart(a.effectiveFrom) - dayStart(b.effectiveFrom))
  for (const [index, { effectiveTo, version }] of editions.entries()) {
    const next = editions[index + 1]
    if (next !== undefined && (effectiveTo === null || dayStart(effectiveTo) >= dayStart(next.effectiveFrom)))
      throw new TocsinError('bad_pack', `${path}: edition ${version} is still in force when ${next.version} begins.`)
  }
  return editions
}

/** What an edition says itself: a default that the schema filled in is the deployment's to decide. */
function onlyGiven(readings: object, given: object): Partial<Readings> {
  return Object.fromEntries(Object.entries(readings).filter(([name]) => Object.hasOwn(given, name)))
}

/** The edition in force at an instant. Throws `TocsinError('bad_pack')` where none is: nothing is filed under a form that is not law. */
export function editionAt(editions: readonly Edition[], ms: number): Edition {
  const found = editions.find(
    ({ effectiveFrom, effectiveTo }) =>
      dayStart(effectiveFrom) <= ms && (effectiveTo === null || ms < dayStart(effectiveTo) + DAY_MS),
  )
  if (found !== undefined) return found
  throw new TocsinError('bad_pack', `No edition of the export profile is in force on ${new Date(ms).toISOString()}.`)
}
