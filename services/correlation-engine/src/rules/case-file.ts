import { maxCaseEvents, type RuleCase } from './case-run.ts'

/** A file of cases beside a rule file, read or not. */
export interface CaseFile {
  /** The rule file that the cases belong to. */
  ruleFile: string
  cases: RuleCase[]
  /** Why the file was not taken; null where it was, or where there is none. */
  fault: string | null
  present: boolean
}

/** The name of the file of cases that belongs to a rule file. */
export function caseFileOf(ruleFile: string): string {
  return ruleFile.replace(/\.ya?ml$/, '.cases.json')
}

/** Reads the text of a case file; null where there is none. Never throws: a broken file is a fault of its own. */
export function readCases(ruleFile: string, text: string | null): CaseFile {
  if (text === null) return { ruleFile, cases: [], fault: null, present: false }
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    return { ruleFile, cases: [], fault: `The cases are no JSON: ${(cause as Error).message}.`, present: true }
  }
  if (!Array.isArray(parsed)) return { ruleFile, cases: [], fault: 'The cases are no list.', present: true }
  for (const [index, given] of parsed.entries()) {
    const fault = faultOf(given)
    if (fault !== null) return { ruleFile, cases: [], fault: `Case ${index + 1} ${fault}.`, present: true }
  }
  return { ruleFile, cases: parsed as RuleCase[], fault: null, present: true }
}

function faultOf(given: unknown): string | null {
  if (!isRecord(given)) return 'is no object'
  for (const key of ['name', 'rule']) if (typeof given[key] !== 'string') return `has no "${key}"`
  if (typeof given['fires'] !== 'boolean') return 'does not say whether it "fires"'
  const { events } = given
  if (!Array.isArray(events) || events.length === 0) return 'has no events'
  let total = 0
  for (const event of events as unknown[]) {
    if (!isRecord(event) || !isRecord(event['event']) || !isRecord(event['logsource']))
      return 'has an event without "event" or "logsource"'
    total += timesOf(event['repeat'])
  }
  return total <= maxCaseEvents ? null : `has more than ${maxCaseEvents} events`
}

function timesOf(repeat: unknown): number {
  if (repeat === undefined) return 1
  const times = isRecord(repeat) ? repeat['times'] : null
  return typeof times === 'number' && Number.isInteger(times) && times > 0 ? times : Number.POSITIVE_INFINITY
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
