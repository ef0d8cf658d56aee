import { type Fault, readYaml, type Texts, textSchema } from '@tocsin/obligations'
import { z } from 'zod'

const list = <T extends z.ZodType>(item: T) => z.array(item).max(100)
const id = z.string().regex(/^[a-z][a-z0-9-]{1,60}$/, 'an id: lower-case letters, digits and hyphens')

const blockSchema = z.union([
  z.strictObject({ text: textSchema, note: z.boolean().optional() }),
  z.object({ use: id }).catchall(z.union([z.string(), z.number(), z.boolean(), list(z.string())])),
])

const sideSchema = z.strictObject({ title: textSchema, lines: list(textSchema).default([]) })

const templateSchema = z.strictObject({
  schema: z.literal('tocsin/report/1'),
  id,
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'a version as 1.0.0'),
  /** One report for each body, or one for the whole country. */
  scope: z.enum(['constituent', 'national']),
  /** Languages that it is made in, one document each. */
  languages: list(z.enum(['vi', 'kk', 'ru', 'zh-Hant', 'en'])).min(1),
  /** Kinds of case that any part of it may see; nothing of another kind gets near it (KZ-14). */
  kinds: list(z.enum(['event', 'incident', 'threat'])).optional(),
  /** Days before the period whose facts it shows. */
  daysBefore: z.int().min(0).max(31).default(0),
  /** Fields that must be filled in before it may leave (VN-A1). */
  complete: z.enum(['systems', 'assets']).optional(),
  /** True where it describes the present, not a period: it is made when what it describes changes. */
  present: z.boolean().default(false),
  title: textSchema,
  basis: textSchema,
  /** Who writes a national report. */
  author: textSchema.optional(),
  nation: textSchema.optional(),
  motto: textSchema.optional(),
  head: list(blockSchema).default([]),
  sections: list(
    z.strictObject({ items: list(z.string()).default([]), title: textSchema, blocks: list(blockSchema).min(1) }),
  ).min(1),
  signature: list(sideSchema).default([]),
})

/** A report as data: which blocks stand where, under which titles. Blocks are code, what a report is made of is not. */
export type ReportTemplate = z.infer<typeof templateSchema> & { pack: string }
/** One use of a block, or a text that stands as it is. */
export type BlockUse = z.infer<typeof blockSchema>
export type { Texts }

/** Reads `reports/<id>.yaml` of a pack: the template, or every fault with its line. */
export function loadTemplate(
  text: string,
  file: string,
  pack: string,
  blocks: ReadonlySet<string>,
): { ok: true; template: ReportTemplate } | { ok: false; faults: Fault[] } {
  const read = readYaml(text, file, templateSchema)
  if (!read.ok) return read
  const faults: Fault[] = []
  const check = (uses: readonly BlockUse[], place: readonly (string | number)[]): void => {
    for (const [index, use] of uses.entries())
      if ('use' in use && !blocks.has(use.use))
        faults.push({
          file,
          line: read.lineOf([...place, index]),
          path: [...place, index, 'use'].join('.'),
          reason: `there is no block ${use.use}; there are ${[...blocks].sort().join(', ')}`,
        })
  }
  check(read.value.head, ['head'])
  for (const [index, { blocks: uses }] of read.value.sections.entries()) check(uses, ['sections', index, 'blocks'])
  return faults.length > 0 ? { ok: false, faults } : { ok: true, template: { ...read.value, pack } }
}
