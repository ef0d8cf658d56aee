import { z } from 'zod'
import { PERIODS } from './calendar.ts'
import { conditionSchema } from './condition.ts'
import { parseDuration } from './duration.ts'
import { KINDS } from './facts.ts'
import { predicateSchema } from './predicate.ts'

/** Upper bounds of a pack, so that a wrong file costs little: bytes of one file, entries of one list. */
export const PACK_LIMITS = { maxBytes: 262_144, maxEntries: 200 } as const

const id = z.string().regex(/^[A-Za-z][A-Za-z0-9.-]{0,60}$/, 'an id: letters, digits, dots and hyphens, first a letter')
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date as YYYY-MM-DD')
const duration = z
  .string()
  .refine((text) => parseDuration(text) !== null, 'an ISO 8601 duration such as PT30M, PT48H, P1M')
const list = <T extends z.ZodType>(item: T) => z.array(item).max(PACK_LIMITS.maxEntries)

/** Texts by language; English is always there, so that something can always be shown. */
export const textSchema = z.strictObject({
  en: z.string().min(1),
  vi: z.string().min(1).optional(),
  kk: z.string().min(1).optional(),
  ru: z.string().min(1).optional(),
  'zh-Hant': z.string().min(1).optional(),
})

const requirements = list(z.string().min(1)).min(1)

const limitSchema = z.union([
  duration,
  z.strictObject({ workingDays: z.int().min(1).max(400) }),
  // Whole local days: due when the last of them ends.
  z.strictObject({ endOfDays: z.int().min(0).max(400) }),
  z.strictObject({ moment: id }),
  z.strictObject({ setting: id }),
])

const when = {
  after: duration.optional(),
  before: duration.optional(),
  percent: z.number().gt(0).lt(100).optional(),
  every: z.union([duration, z.strictObject({ setting: id })]).optional(),
}

const messageFields = {
  to: list(id).min(1),
  /** True when every role of `to` must be reached, not one of them. */
  all: z.boolean().optional(),
  copies: list(id).optional(),
  template: id,
  purpose: z.enum(['notify', 'warn', 'remind', 'escalate', 'recommend', 'report', 'operate']).optional(),
  /** True where the law lets several be told in one message that lists each. */
  groupable: z.boolean().optional(),
}

const warningSchema = z
  .strictObject({ id, ...when, ...messageFields })
  .refine(
    (warning) =>
      [warning.after, warning.before, warning.percent, warning.every].filter((x) => x !== undefined).length === 1,
    'exactly one of after, before, percent, every',
  )

const onMissSchema = z.strictObject({
  record: z.enum(['breach', 'overdue']),
  escalates: z.boolean().optional(),
  messages: list(z.strictObject({ id, ...messageFields })).optional(),
})

const pauseSchema = z.strictObject({ from: conditionSchema, to: conditionSchema, reason: z.string().min(1) })

const obligationFields = {
  id,
  title: textSchema,
  requirements,
  /** The place in the law, as a notice cites it. */
  ground: textSchema.optional(),
  /** Where the number is ours and not the law's, it says so. */
  reading: z.string().optional(),
  met: conditionSchema,
  cancel: conditionSchema.optional(),
  notify: z.strictObject(messageFields).optional(),
  warnings: list(warningSchema).optional(),
  onMiss: onMissSchema,
}

const clockSchema = z.strictObject({
  ...obligationFields,
  kinds: list(z.enum(KINDS)).min(1),
  when: predicateSchema.optional(),
  start: conditionSchema,
  limit: limitSchema,
  pauses: list(pauseSchema).optional(),
})

const scheduleSchema = z.strictObject({
  ...obligationFields,
  met: conditionSchema.default('submittedAt'),
  period: z.enum(PERIODS),
  /** `report` is rendered by us, `task` is asked of the constituent, `check` is run by us. */
  action: z.enum(['report', 'task', 'check']),
  report: id.optional(),
  /** Roles that get the draft and send it on in their own name; without them it goes straight to those of `met`. */
  draftTo: list(id).min(1).optional(),
  scope: z.enum(['constituent', 'national']),
  start: z.enum(['periodStart', 'periodEnd']),
  /** Wall time after the start at which the draft is made or the task opens. */
  opens: duration.default('PT0S'),
  /** `at` is wall time after the start (PT8H = 08:00 of the first day); the others count whole days. */
  due: z.union([
    z.strictObject({ at: duration }),
    z.strictObject({ workingDays: z.int().min(1).max(400) }),
    z.strictObject({ endOfDays: z.int().min(0).max(400) }),
    z.strictObject({ endOfPeriod: z.literal(true) }),
  ]),
})

const yearSchema = z.strictObject({
  status: z.enum(['official', 'provisional']),
  holidays: list(date),
  workdays: list(date).optional(),
})

/** The schema of `pack.yaml`. Unknown keys are faults: a misspelt limit must not become no limit. */
export const packSchema = z.strictObject({
  schema: z.literal('tocsin/pack/1'),
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,60}$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'a version as 1.0.0'),
  title: textSchema,
  law: z.strictObject({ name: z.string(), reference: z.string(), wording: z.string().optional() }),
  country: z.string().regex(/^[A-Z]{2}$/),
  effectiveFrom: date,
  effectiveTo: date.nullable().default(null),
  languages: list(z.enum(['vi', 'kk', 'ru', 'zh-Hant', 'en'])).min(1),
  timeZone: z.string(),
  calendar: z.strictObject({
    weekend: list(z.int().min(0).max(6)).default([0, 6]),
    years: z.record(z.string().regex(/^\d{4}$/), yearSchema).default({}),
  }),
  settings: z
    .record(id, z.strictObject({ value: duration, title: textSchema, requirements, reading: z.string().optional() }))
    .default({}),
  moments: list(id).default([]),
  roles: z.record(id, z.strictObject({ title: textSchema, scope: z.enum(['constituent', 'national', 'centre']) })),
  scope: list(z.strictObject({ id, requirements, reason: id, when: predicateSchema })).default([]),
  kinds: z.strictObject({
    event: predicateSchema,
    incident: predicateSchema,
    ticket: predicateSchema.optional(),
    reading: z.string(),
  }),
  cancel: conditionSchema.optional(),
  /** The clock of the constituent's own answer; its due time and state are printed in notices. */
  answerClock: id.optional(),
  clocks: list(clockSchema),
  schedules: list(scheduleSchema).default([]),
  retention: z.strictObject({
    requirements,
    workingDaysFloor: z.int().min(0).optional(),
    defaultDays: z.int().min(1),
    floorDays: z.int().min(1),
  }),
  severity: z.strictObject({
    reading: z.string(),
    bands: list(z.strictObject({ from: z.int().min(0).max(100), code: z.string(), title: textSchema })).min(1),
  }),
  exportProfiles: list(id).default([]),
  /** What stands here by our best knowledge and a person of the country must check before it is relied on. */
  confirm: list(z.strictObject({ what: z.string().min(1), why: z.string().min(1) })).default([]),
})

export type PackDocument = z.infer<typeof packSchema>
export type ClockSpec = PackDocument['clocks'][number]
export type ScheduleSpec = PackDocument['schedules'][number]
export type LimitSpec = ClockSpec['limit']
export type WarningSpec = NonNullable<ClockSpec['warnings']>[number]
export interface MessageSpec {
  id?: string | undefined
  to: string[]
  all?: boolean | undefined
  copies?: string[] | undefined
  template: string
  purpose?: string | undefined
  groupable?: boolean | undefined
}
export type Texts = z.infer<typeof textSchema>
