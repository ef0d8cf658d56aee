/** Units of time in the reader's language. */
export interface Units {
  d: string
  h: string
  m: string
  s: string
}

/** A span as the two or three largest units: `2d 04h`, `3h 05m 09s`, `12m 07s`. Takes ms, without sign. */
export function spanText(ms: number, units: Units): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const pad = (n: number): string => String(n).padStart(2, '0')
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3_600) % 24
  const minutes = Math.floor(seconds / 60) % 60
  if (days > 0) return `${days}${units.d} ${pad(hours)}${units.h} ${pad(minutes)}${units.m}`
  if (hours > 0) return `${hours}${units.h} ${pad(minutes)}${units.m} ${pad(seconds % 60)}${units.s}`
  return `${minutes}${units.m} ${pad(seconds % 60)}${units.s}`
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** `2026-11-22 10:44:12` in a time zone: the same for every language, so that nothing is misread on the telephone. */
export function zonedText(ms: number, timeZone: string, withSeconds = true): string {
  let format = formats.get(timeZone)
  if (format === undefined) {
    // The Swedish form is ISO 8601's.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    formats.set(timeZone, format)
  }
  const text = format.format(ms)
  return withSeconds ? text : text.slice(0, -3)
}

/** `2026-11-22T05:44:12Z`. */
export function utcText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** `UTC+5`, `UTC+5:30` at that instant. */
export function zoneName(ms: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' }).formatToParts(ms)
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC'
  return name.replace('GMT', 'UTC')
}
