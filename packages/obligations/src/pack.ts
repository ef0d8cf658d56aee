import { dayOf, instantOf, type LocalDay, offsetAt, type WorkCalendar } from './calendar.ts'
import { type Condition, namesIn } from './condition.ts'
import { MOMENTS } from './facts.ts'
import type { Fault } from './faults.ts'
import { type ClockSpec, type MessageSpec, type PackDocument, packSchema, type ScheduleSpec } from './pack-schema.ts'
import type { Taxonomy } from './taxonomy.ts'
import type { TemplateSet } from './template.ts'
import { pathText, readYaml } from './yaml-file.ts'

/** One country's law, loaded and checked. */
export interface Pack extends PackDocument {
  workCalendar: WorkCalendar
  /** First and last (exclusive) UTC instant in force, in the pack's zone; null = no end. */
  inForceFrom: number
  inForceTo: number | null
  /** RSIT → national classes; empty until `loadPackFiles` reads the file beside. */
  taxonomy: Taxonomy | null
  templates: TemplateSet | null
}

export type LoadedPack = { ok: true; pack: Pack } | { ok: false; faults: Fault[] }

/**
 * Loads `pack.yaml` alone. Takes its text and its path (for the faults); gives the pack or every fault with file, line and
 * reason. `loadPackFiles` also reads the templates and the taxonomy beside it.
 */
export function loadPack(text: string, path: string): LoadedPack {
  const read = readYaml(text, path, packSchema)
  if (!read.ok) return read
  const document = read.value
  const faults: Fault[] = []
  const fault = (place: readonly (string | number)[], reason: string): void => {
    faults.push({ file: path, line: read.lineOf(place), path: pathText(place), reason })
  }
  if (!isZone(document.timeZone)) {
    fault(['timeZone'], `no such time zone: ${document.timeZone}`)
    return { ok: false, faults }
  }
  checkDates(document, fault)
  checkObligations(document, fault)
  checkBands(document, fault)
  if (faults.length > 0) return { ok: false, faults }
  const from = dayOf(document.effectiveFrom) ?? 0
  const to = document.effectiveTo === null ? null : dayOf(document.effectiveTo)
  return {
    ok: true,
    pack: {
      ...document,
      workCalendar: workCalendarOf(document),
      inForceFrom: instantOf(document.timeZone, from),
      inForceTo: to === null ? null : instantOf(document.timeZone, to + 1),
      taxonomy: null,
      templates: null,
    },
  }
}

/** True when the pack is in force at `instant`: a case keeps the pack in force at its first instant (XC-2). */
export function inForce(pack: Pack, instant: number): boolean {
  return instant >= pack.inForceFrom && (pack.inForceTo === null || instant < pack.inForceTo)
}

/** What a person must check before the pack is relied on: its own list, and each year whose holidays are provisional. */
export function unconfirmedOf(pack: Pack): string[] {
  const years = Object.entries(pack.calendar.years)
    .filter(([, { status }]) => status === 'provisional')
    .map(([year]) => year)
    .sort()
  const calendar = years.length === 0 ? [] : [`holidays of ${years.join(', ')}: not from an official decision`]
  return [...pack.confirm.map(({ what, why }) => `${what}: ${why}`), ...calendar]
}

type AddFault = (place: readonly (string | number)[], reason: string) => void

function isZone(zone: string): boolean {
  try {
    offsetAt(zone, 0)
    return true
  } catch {
    return false
  }
}

function checkDates(document: PackDocument, fault: AddFault): void {
  for (const key of ['effectiveFrom', 'effectiveTo'] as const) {
    const value = document[key]
    if (value !== null && dayOf(value) === null) fault([key], `no such day: ${value}`)
  }
  if (document.effectiveTo !== null && document.effectiveTo < document.effectiveFrom) {
    fault(['effectiveTo'], 'lies before effectiveFrom')
  }
  for (const [year, days] of Object.entries(document.calendar.years)) {
    for (const [list, dates] of [
      ['holidays', days.holidays],
      ['workdays', days.workdays ?? []],
    ] as const) {
      dates.forEach((text, index) => {
        if (dayOf(text) === null || !text.startsWith(year))
          fault(['calendar', 'years', year, list, index], `no day of ${year}: ${text}`)
      })
    }
  }
}

function checkObligations(document: PackDocument, fault: AddFault): void {
  const moments = new Set<string>([...MOMENTS, ...document.moments])
  const seen = new Map<string, Set<string>>()
  const check = (place: (string | number)[], spec: ClockSpec | ScheduleSpec, kinds: readonly string[]): void => {
    for (const kind of kinds) {
      if (seen.get(spec.id)?.has(kind)) fault([...place, 'id'], `${spec.id} stands twice for ${kind}`)
    }
    checkConditions(conditionsOf(spec), document, moments, seen, place, fault)
    spec.warnings?.forEach((warning, index) => {
      if (typeof warning.every === 'object' && document.settings[warning.every.setting] === undefined) {
        fault([...place, 'warnings', index, 'every'], `no such setting: ${warning.every.setting}`)
      }
    })
    for (const [message, where] of messagesOf(spec)) checkRoles(message, [...place, ...where], document, fault)
    if ('limit' in spec && typeof spec.limit === 'object') {
      if ('setting' in spec.limit && document.settings[spec.limit.setting] === undefined) {
        fault([...place, 'limit'], `no such setting: ${spec.limit.setting}`)
      }
      if ('moment' in spec.limit && !moments.has(spec.limit.moment))
        fault([...place, 'limit'], `no such moment: ${spec.limit.moment}`)
    }
    seen.set(spec.id, new Set([...(seen.get(spec.id) ?? []), ...kinds]))
  }
  document.clocks.forEach((clock, index) => check(['clocks', index], clock, clock.kinds))
  document.schedules.forEach((schedule, index) => check(['schedules', index], schedule, ['period']))
  if (document.answerClock !== undefined && !seen.has(document.answerClock))
    fault(['answerClock'], `no such clock: ${document.answerClock}`)
  if (document.cancel !== undefined) checkConditions([['cancel', document.cancel]], document, moments, seen, [], fault)
}

function conditionsOf(spec: ClockSpec | ScheduleSpec): [string, Condition][] {
  const conditions: [string, Condition][] = [
    ['start', spec.start],
    ['met', spec.met],
  ]
  if (spec.cancel !== undefined) conditions.push(['cancel', spec.cancel])
  if ('pauses' in spec) {
    for (const pause of spec.pauses ?? []) conditions.push(['pauses', pause.from], ['pauses', pause.to])
  }
  return conditions
}

function checkConditions(
  conditions: readonly [string, Condition][],
  document: PackDocument,
  moments: ReadonlySet<string>,
  clocks: ReadonlyMap<string, unknown>,
  place: readonly (string | number)[],
  fault: AddFault,
): void {
  for (const [key, condition] of conditions) {
    const names = namesIn(condition)
    for (const name of names.facts) if (!moments.has(name)) fault([...place, key], `no such moment: ${name}`)
    for (const role of names.roles)
      if (document.roles[role] === undefined) fault([...place, key], `no such role: ${role}`)
    for (const clock of names.clocks) {
      if (!clocks.has(clock)) fault([...place, key], `no clock ${clock} stands before this one`)
    }
  }
}

/** Every message that an obligation may send, with its place in the file. */
export function messagesOf(spec: ClockSpec | ScheduleSpec): [MessageSpec, (string | number)[]][] {
  const messages: [MessageSpec, (string | number)[]][] = []
  if (spec.notify !== undefined) messages.push([spec.notify, ['notify']])
  spec.warnings?.forEach((warning, index) => messages.push([warning, ['warnings', index]]))
  spec.onMiss.messages?.forEach((message, index) => messages.push([message, ['onMiss', 'messages', index]]))
  return messages
}

function checkRoles(
  message: MessageSpec,
  place: readonly (string | number)[],
  document: PackDocument,
  fault: AddFault,
): void {
  for (const role of [...message.to, ...(message.copies ?? [])]) {
    if (document.roles[role] === undefined) fault([...place, 'to'], `no such role: ${role}`)
  }
}

function checkBands(document: PackDocument, fault: AddFault): void {
  const { bands } = document.severity
  if (bands[0]?.from !== 0) fault(['severity', 'bands', 0, 'from'], 'the first band begins at 0')
  bands.forEach((band, index) => {
    const previous = bands[index - 1]
    if (previous !== undefined && band.from <= previous.from) fault(['severity', 'bands', index, 'from'], 'bands rise')
  })
}

function workCalendarOf(document: PackDocument): WorkCalendar {
  const years = Object.entries(document.calendar.years)
  const days = (list: (string | undefined)[]): Set<LocalDay> =>
    new Set(list.map((text) => dayOf(text ?? '')).filter((day) => day !== null))
  return {
    weekend: new Set(document.calendar.weekend),
    holidays: days(years.flatMap(([, year]) => year.holidays)),
    workdays: days(years.flatMap(([, year]) => year.workdays ?? [])),
    years: new Set(years.map(([year]) => Number(year))),
  }
}
