import {
  type HealthEvent,
  idFrom,
  type RegistryConstituent,
  type RegistryContact,
  type RegistrySystem,
  type Report,
} from '@tocsin/events'
import type { Pack } from '@tocsin/obligations'
import { messageOf } from '@tocsin/runtime'
import type { Output, Store } from '@tocsin/stage'
import type { ReportOrder } from './produce.ts'
import type { FormerVersion } from './report-input.ts'
import { reportNotices } from './report-notices.ts'
import { isUnder, type ReportPack } from './schedule.ts'
import type { ReportTemplate } from './template.ts'
import { type Blank, blanksOf, valuesOf } from './versions.ts'

const LOOK_EVERY_MS = 5_000
const MAX_NAMED = 10

/** The last version of a form that was made, and what was last seen of what it describes. */
export interface FormMark {
  made: FormerVersion | null
  /** Hash of what is there now, and since when it has been so. */
  seen: string
  since: number
  /** Health event that says what is blank, while something is. */
  blank: string | null
}

/** What the desk of forms needs. */
export interface FormParts {
  packs: readonly ReportPack[]
  readonly constituents: () => Iterable<RegistryConstituent>
  readonly systems: () => Iterable<RegistrySystem>
  readonly contacts: () => Iterable<RegistryContact>
  make(order: ReportOrder): Promise<Report>
  settleAfterMs: number
}

interface Job {
  template: ReportTemplate
  pack: Pack
  constituent: RegistryConstituent
  key: string
  values: Record<string, string>
}

/**
 * Makes a new version of a form whenever what it describes has changed and been quiet for a while (VN-5.3g): with the list of
 * differences, owed to the Ministry. A form with blanks does not leave; a health event names each blank field.
 */
export class FormDesk {
  readonly #parts: FormParts
  readonly #marks: Store<FormMark>
  #finished: { job: Job; result: Report | Error } | null = null
  #busy = false
  #lookAt = 0

  constructor(parts: FormParts, marks: Store<FormMark>) {
    this.#parts = parts
    this.#marks = marks
  }

  tick(nowMs: number): Output[] {
    const outputs = this.#settle(nowMs)
    if (this.#busy || this.#finished !== null || nowMs < this.#lookAt) return outputs
    this.#lookAt = nowMs + LOOK_EVERY_MS
    const systems = Map.groupBy(this.#parts.systems(), ({ constituent }) => constituent)
    const contacts = Map.groupBy(this.#parts.contacts(), ({ constituent }) => constituent)
    for (const { pack, templates } of this.#parts.packs)
      for (const template of templates.filter(({ complete }) => complete === 'systems'))
        for (const constituent of this.#parts.constituents()) {
          const id = constituent.constituentId
          const own = (systems.get(id) ?? []).filter(({ deleted }) => !deleted)
          const reached = (contacts.get(id) ?? []).filter(({ deleted, test }) => !deleted && !test)
          if (own.length > 0 && isUnder(constituent, pack, nowMs))
            outputs.push(...this.#look({ template, pack, constituent }, own, reached, nowMs))
        }
    return outputs
  }

  #look(
    form: Pick<Job, 'template' | 'pack' | 'constituent'>,
    systems: readonly RegistrySystem[],
    contacts: readonly RegistryContact[],
    nowMs: number,
  ): Output[] {
    const { template, constituent } = form
    const values = valuesOf({ systems, contacts })
    const seen = idFrom(
      ...Object.entries(values)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .flat(),
    )
    const key = `${template.id}|${constituent.constituentId}`
    const known = this.#marks.get(key)
    const mark =
      known?.seen === seen ? known : { made: known?.made ?? null, seen, since: nowMs, blank: known?.blank ?? null }
    if (mark !== known) this.#marks.set(key, mark)
    const isMade = mark.made !== null && sameValues(mark.made.values, values)
    if (isMade || nowMs - mark.since < this.#parts.settleAfterMs) return []
    const blanks = blanksOf({ systems, contacts })
    const told = this.#tellBlanks(key, mark, constituent, blanks, nowMs)
    if (blanks.length === 0 && !this.#busy) this.#start({ ...form, key, values }, mark, nowMs)
    return told
  }

  #start(job: Job, { made }: FormMark, nowMs: number): void {
    const { template, pack, constituent } = job
    this.#busy = true
    void this.#parts
      .make({
        template,
        pack,
        constituent,
        from: nowMs,
        to: nowMs,
        languages: template.languages,
        revision: (made?.version ?? 0) + 1,
        createdAt: nowMs,
        dueAt: null,
        missedAt: null,
        former: made,
      })
      .catch((error: unknown) => (error instanceof Error ? error : new Error(messageOf(error))))
      .then((result) => {
        this.#finished = { job, result }
        this.#busy = false
      })
  }

  #settle(nowMs: number): Output[] {
    if (this.#finished === null) return []
    const { job, result } = this.#finished
    this.#finished = null
    // The folder is full or away: report_failed of the scheduled reports says so; the form is tried again.
    if (result instanceof Error) return []
    const mark = this.#marks.get(job.key)
    if (mark !== undefined)
      this.#marks.set(job.key, { ...mark, made: { version: result.revision, values: job.values } })
    const { pack, constituent, template } = job
    const addressing = {
      pack,
      constituent,
      title: template.title,
      requirements: ['VN-5.3g'],
      roles: ['ministry'],
      dueAt: null,
      clockId: null,
    }
    return [{ topic: 'reports', key: result.reportId, value: result }, ...reportNotices(result, addressing, nowMs)]
  }

  #tellBlanks(
    key: string,
    mark: FormMark,
    constituent: RegistryConstituent,
    blanks: readonly Blank[],
    nowMs: number,
  ): Output[] {
    const text = blanks
      .slice(0, MAX_NAMED)
      .map(({ item, of, field }) => `${item} ${of}.${field}`)
      .join(', ')
    if (text === (mark.blank ?? '')) return []
    this.#marks.set(key, { ...(this.#marks.get(key) ?? mark), blank: text === '' ? null : text })
    const value: HealthEvent = {
      healthId: idFrom('reporter', 'form_incomplete', key),
      code: 'form_incomplete',
      service: 'reporter',
      slot: '',
      constituent: constituent.constituentId,
      sourceId: null,
      level: text === '' ? 'info' : 'warning',
      state: text === '' ? 'cleared' : 'raised',
      at: nowMs,
      message:
        text === ''
          ? `The form ${key.split('|')[0]} of ${constituent.constituentId} has no blank field any more.`
          : `The form ${key.split('|')[0]} of ${constituent.constituentId} is not sent, fields are blank: ${text}; fill them in the registry.`,
      values: {},
    }
    return [{ topic: 'health-events', key: constituent.constituentId, value }]
  }
}

function sameValues(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...keys].every((key) => one[key] === other[key])
}
