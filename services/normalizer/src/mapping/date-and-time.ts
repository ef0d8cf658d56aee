import type { Line, LineTime } from '../parser.ts'
import { readTime } from '../time/read-time.ts'
import { fixedOffsetMinutes } from '../time/zone.ts'

/** The instant of frames that write date, time and zone as values of their own (`date=… time=… tz=…`); undefined where either is missing. */
export function readDateAndTime(line: Line): LineTime | undefined {
  const date = line.value('date')
  const time = line.value('time')
  if (date === undefined || time === undefined || !/^\d{1,2}:\d\d/.test(time) || date.length > 40) return undefined
  const zone = line.value('tz') ?? line.value('timezone')
  const known = zone === undefined ? undefined : fixedOffsetMinutes(zone)
  const timeZone = known === undefined ? line.timeZone : zone
  const found = readTime(`${date.replaceAll(' ', '-')} ${time}`, { receivedAt: line.receivedAt, timeZone })
  return found === undefined ? undefined : { ...found, hasZone: found.hasZone || known !== undefined }
}
