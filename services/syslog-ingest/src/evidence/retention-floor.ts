import { calendarDaysCovering, instantOf, localDayAt, type Pack } from '@tocsin/obligations'

/**
 * The instant from which on a pack's law wants records kept, UTC ms: what was received before it may go. Days are whole
 * local days of the country; where the law counts working days, weekends and holidays do not count (VN-5.3h).
 */
export function keepFrom(pack: Pick<Pack, 'timeZone' | 'workCalendar' | 'retention'>, nowMs: number): number {
  const { timeZone, workCalendar, retention } = pack
  const today = localDayAt(timeZone, nowMs)
  const working =
    retention.workingDaysFloor === undefined ? 0 : calendarDaysCovering(workCalendar, today, retention.workingDaysFloor)
  return instantOf(timeZone, today - Math.max(retention.floorDays, working))
}

/** Why a file may not be removed; null when it may. */
export function floorFault(
  file: { path: string; until: number; constituents: readonly string[] },
  packOf: (constituent: string) => Pack | undefined,
  nowMs: number,
): string | null {
  for (const constituent of file.constituents) {
    const pack = packOf(constituent)
    if (pack === undefined)
      return `${file.path} holds records of ${constituent}, whose law is not known: nothing of it may go`
    const from = keepFrom(pack, nowMs)
    if (file.until >= from) {
      const floor = new Date(from).toISOString()
      return `${file.path} holds records of ${constituent} up to ${new Date(file.until).toISOString()}; ${pack.id} (${pack.retention.requirements.join(', ')}) wants all since ${floor} kept`
    }
  }
  return null
}
