/** A duration split into the part that follows the calendar and the part that is elapsed time. */
export interface Duration {
  months: number
  days: number
  elapsedMs: number
}

const ISO =
  /^P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?$/

/**
 * Reads an ISO 8601 duration: `PT30M`, `PT48H`, `P1M`. Hours, minutes and seconds are elapsed time; days, weeks, months and
 * years follow the local calendar (`P1D` over a change of offset is not 24 hours). Gives null for anything else.
 */
export function parseDuration(text: string): Duration | null {
  const match = ISO.exec(text)
  if (match === null || text === 'P' || text.endsWith('T')) return null
  const [years, months, weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0))
  return {
    months: (years ?? 0) * 12 + (months ?? 0),
    days: (weeks ?? 0) * 7 + (days ?? 0),
    elapsedMs: ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000,
  }
}
