import { canonicalIp } from './address.ts'
import { FIELDS, type Field, type FieldName, type FieldValues, NULL_TEXT } from './fields.ts'
import type { ListIndex } from './lists.ts'
import { DEFAULT_READINGS, type Readings } from './readings.ts'
import { TECHNIQUE_ID } from './techniques.ts'
import { lengthOf } from './text.ts'
import { EVENT_ID } from './ticket-number.ts'

/** What the check says of one field. */
export interface Verdict {
  no: number
  name: FieldName
  /** null: right; otherwise what is wrong with it. */
  problem: string | null
}

/** Takes the 28 values; gives a verdict for each (TW-2.1a). What needs the registry is said by `checkReferences`. */
export function checkFields(fields: FieldValues, readings: Readings = DEFAULT_READINGS): Verdict[] {
  return FIELDS.map((field) => ({ no: field.no, name: field.name, problem: problemOf(field, fields, readings) }))
}

function problemOf(field: Field & { name: FieldName }, fields: FieldValues, readings: Readings): string | null {
  const value = fields[field.name]
  if (value === undefined) return 'is missing'
  if (value === '') return field.mandatory ? 'is empty; a mandatory field without a value holds NULL' : null
  const length = lengthOf(value, readings.lengthUnit)
  if (field.maxCodePoints !== null && length > field.maxCodePoints) {
    return `has ${length} ${readings.lengthUnit}; at most ${field.maxCodePoints} are allowed`
  }
  if (/[\r\n]/.test(value)) return 'has a line break'
  if (value === NULL_TEXT && field.mandatory) {
    // Fields 1 and 2 name the file and its sender and may never be NULL (AMB-TW18).
    return field.no <= 2 ? 'may not be NULL' : null
  }
  if (value === NULL_TEXT && readings.optionalEmpty === 'null') return null
  return FORMS[field.name]?.(value, fields, readings) ?? null
}

const TIME = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{1,5}$/

const time = (value: string): string | null =>
  TIME.test(value) && Number.isFinite(Date.parse(`${value.replace(' ', 'T').slice(0, 23)}Z`))
    ? null
    : 'is no time as YYYY-MM-DD HH:MM:SS.X'

const address = (value: string): string | null => {
  const canonical = canonicalIp(value)
  if (canonical === null) return 'is no IP address'
  return canonical === value ? null : `is not written as ${canonical} (RFC 5952)`
}

const port = (value: string): string | null =>
  /^(0|[1-9]\d{0,4})$/.test(value) && Number(value) <= 65_535 ? null : 'is no port from 0 to 65535'

const PLACE = /^(\()?(-?\d{1,3}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)(\))?$/

const place = (value: string, _fields: FieldValues, { geoForm }: Readings): string | null => {
  const [, open, first, second, close] = PLACE.exec(value) ?? []
  const brackets = `${open ?? ''}${close ?? ''}`
  if (brackets !== (geoForm === '(lon,lat)' ? '()' : '')) return `is no place as ${geoForm}`
  const [lon, lat] = geoForm === 'lat,lon' ? [second, first] : [first, second]
  return lon !== undefined && lat !== undefined && Math.abs(Number(lon)) <= 180 && Math.abs(Number(lat)) <= 90
    ? null
    : 'is no longitude,latitude in range'
}

const integer = (value: string, from: number, to: number): string | null =>
  /^[1-9]\d*$/.test(value) && Number(value) >= from && Number(value) <= to
    ? null
    : `is no whole number from ${from} to ${to}`

const FORMS: Partial<Record<FieldName, (value: string, fields: FieldValues, readings: Readings) => string | null>> = {
  Event_ID: (value) => (EVENT_ID.test(value) ? null : 'has characters that are not safe in a file name'),
  Customer_ID: (value) => (/^2\.16\.886(\.(0|[1-9]\d*))+$/.test(value) ? null : 'is no OID under 2.16.886'),
  Base_Event_ID: (value) => (EVENT_ID.test(value) ? null : 'is no Event_ID'),
  Start_Time: time,
  End_Time: (value, fields) =>
    time(value) ?? (value >= fields.Start_Time || fields.Start_Time === NULL_TEXT ? null : 'lies before Start_Time'),
  Source_Address: address,
  Target_Address: address,
  Source_Port: port,
  Target_Port: port,
  Source_Geo_Descriptor: place,
  Target_Geo_Descriptor: place,
  Event_Attacking_Technical: (value) =>
    value.split('; ').every((part) => TECHNIQUE_ID.test(part.split(' ')[0] ?? '')) || value.endsWith('…')
      ? null
      : 'does not begin with an ATT&CK technique id',
  Event_Vulnerability: (value) =>
    !value.startsWith('CVE') || /^CVE-\d{4}-\d{4,7}(; CVE-\d{4}-\d{4,7})*…?$/.test(value) || value.endsWith('…')
      ? null
      : 'is no CVE number',
  Event_Severity: (value) => integer(value, 1, 10),
  Aggregated_Count: (value) => integer(value, 1, Number.MAX_SAFE_INTEGER),
  Attachment: (value, fields) =>
    value.split(';').every((name) => name.startsWith(`${fields.Event_ID}_`) && /^[A-Za-z0-9_-]+\.[a-z0-9]+$/.test(name))
      ? null
      : 'is no list of <Event_ID>_<n>.<ext>',
}

/**
 * The referential check before upload (TW-3.2): what the platform would refuse to match. Gives the first field that does
 * not agree with the lists, or null. An unknown parent only warns, because an upload may be due (AMB-TW20).
 */
export function checkReferences(fields: FieldValues, lists: ListIndex): { field: FieldName; problem: string } | null {
  if (fields.Customer_ID !== NULL_TEXT) {
    const name = lists.serviceName(fields.Customer_ID)
    if (name === undefined) return { field: 'Customer_ID', problem: 'is not in the service list' }
    if (name !== fields.Customer_Name) return { field: 'Customer_Name', problem: `is "${name}" in the service list` }
  }
  if (fields.Correlated_Rule_ID !== '') {
    const name = lists.ruleName(fields.Correlated_Rule_ID)
    if (name === undefined) return { field: 'Correlated_Rule_ID', problem: 'is not in the rule table' }
    if (name !== fields.Correlated_Rule_Name) {
      return { field: 'Correlated_Rule_Name', problem: `is "${name}" in the rule table` }
    }
  }
  return null
}
