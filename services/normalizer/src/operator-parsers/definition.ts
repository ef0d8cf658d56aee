import { ECS_FIELDS } from '@tocsin/events'
import { z } from 'zod'

/** Bounds of one file: a parser is a page, and its patterns run for every line that it recognises. */
const maxPatterns = 64
const maxPatternChars = 1_024
const maxCases = 200

const category = z.enum(
  'api authentication configuration database driver email file host iam intrusion_detection library malware network package process registry session threat vulnerability web'.split(
    ' ',
  ),
)
const type = z.enum(
  'access admin allowed change connection creation deletion denied device end error group indicator info installation protocol start user'.split(
    ' ',
  ),
)
const field = z
  .string()
  .refine((name) => Object.hasOwn(ECS_FIELDS, name) || /^(?:labels|tocsin)\.[a-z0-9_.]{1,60}$/.test(name), {
    error: ({ input }) => `"${String(input)}" is no field: take one of ECS's, or labels.<name>`,
  })
const value = z.union([z.string().max(256), z.number()])

const message = z.strictObject({
  pattern: z
    .string()
    .min(1)
    .max(maxPatternChars)
    .describe('expression, unanchored, linear (RE2: no look-around, no back-reference)'),
  fields: z
    .array(z.union([z.literal('_'), field]))
    .max(32)
    .default([])
    .describe('field of each group, in order; _ skips one'),
  set: z.record(field, value).default({}).describe('fields with a fixed value'),
  category: z.array(category).max(4).optional(),
  type: z.array(type).max(4).optional(),
  outcome: z.enum(['success', 'failure', 'unknown']).optional(),
  kind: z.enum(['event', 'alert', 'state', 'metric']).optional(),
})

/** What an operator writes about one format; the file's name is `<name>.yaml`. */
export const definitionSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9_]{2,40}$/, 'a name has 3 to 41 lower-case letters, digits and _'),
    log: z
      .strictObject({ product: z.string().max(60), service: z.string().max(60), category: z.string().max(60) })
      .partial()
      .default({}),
    recognises: z.strictObject({
      contains: z
        .array(z.string().min(3).max(200))
        .max(8)
        .default([])
        .describe('texts that must all stand in the message'),
      application: z
        .array(z.string().min(1).max(64))
        .max(16)
        .default([])
        .describe('tags of the header, one of which it must have'),
      keys: z.array(z.string().min(1).max(80)).max(8).default([]).describe('keys that the vendor frame must all have'),
    }),
    messages: z.array(message).max(maxPatterns).default([]).describe('tried in order; the first that matches is taken'),
    keys: z.record(z.string().max(80), field).default({}).describe('key of the vendor frame → field'),
    cases: z
      .array(z.strictObject({ line: z.string().min(1).max(16_384), expect: z.record(z.string(), z.unknown()) }))
      .min(1, 'a parser has at least one case')
      .max(maxCases),
  })
  .refine(({ recognises: { contains, application, keys } }) => contains.length + application.length + keys.length > 0, {
    message: 'recognises must name a text, a tag or a key: a parser without one would take every line',
    path: ['recognises'],
  })
  .refine(({ messages, keys }) => messages.length + Object.keys(keys).length > 0, {
    message: 'messages and keys are both empty: the parser would find nothing',
    path: ['messages'],
  })

export type Definition = z.output<typeof definitionSchema>
