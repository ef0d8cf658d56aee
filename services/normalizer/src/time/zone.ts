/** Offsets of time zones: fixed ones, the letters that devices write, and IANA names by way of Intl. */

const minutesByLetters: Record<string, number> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  UCT: 0,
  WET: 0,
  WEST: 60,
  BST: 60,
  CET: 60,
  MET: 60,
  CEST: 120,
  MEST: 120,
  EET: 120,
  EEST: 180,
  MSK: 180,
  MSD: 240,
  SAST: 120,
  EAT: 180,
  TRT: 180,
  EST: -300,
  EDT: -240,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
  AKST: -540,
  AKDT: -480,
  HST: -600,
  BRT: -180,
  ART: -180,
  JST: 540,
  KST: 540,
  HKT: 480,
  SGT: 480,
  PHT: 480,
  ICT: 420,
  AWST: 480,
  ACST: 570,
  AEST: 600,
  AEDT: 660,
  NZST: 720,
  NZDT: 780,
  ALMT: 360,
  QYZT: 300,
  AQTT: 300,
  ORAT: 300,
  PKT: 300,
  // Letters with several meanings (CST, IST) are left to the source's setting: a wrong guess moves an event by hours.
}

/** Minutes east of UTC for zone letters, or undefined where they are unknown or ambiguous. */
export function lettersOffsetMinutes(letters: string): number | undefined {
  return Object.hasOwn(minutesByLetters, letters) ? minutesByLetters[letters] : undefined
}

/** Minutes east of UTC for `+05:00`, `+0500`, `+05`, `Z`; undefined for anything else. */
export function fixedOffsetMinutes(text: string): number | undefined {
  const match = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?$/.exec(text)
  if (match === null) return lettersOffsetMinutes(text)
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0)
  // RFC 3339 admits any offset under a day.
  return minutes >= 24 * 60 ? undefined : match[1] === '-' ? -minutes : minutes
}

interface ZoneMemory {
  readonly format: Intl.DateTimeFormat
  /** The last span of three days looked at, and its offset where it does not change in it. */
  day: number
  steadyMs: number | undefined
}

const dayMs = 86_400_000
// At most one entry a zone of the registry; Intl costs microseconds, and neighbouring lines share their day.
const zones = new Map<string, ZoneMemory | null>()

/**
 * The instant of a wall-clock time (given as if it were UTC) in a zone; an unknown zone counts as UTC. A time that comes twice when clocks go back is
 * the first; one that is skipped when they go forward is counted from before the change.
 */
export function wallClockToUtc(wallMs: number, zone: string | undefined): number {
  if (zone === undefined || zone === 'UTC') return wallMs
  const fixed = fixedOffsetMinutes(zone)
  if (fixed !== undefined) return wallMs - fixed * 60_000
  const memory = zoneMemory(zone)
  if (memory === null) return wallMs
  const day = Math.floor(wallMs / dayMs)
  if (memory.day !== day) {
    memory.day = day
    const before = measureOffset(memory.format, (day - 1) * dayMs)
    memory.steadyMs = before === measureOffset(memory.format, (day + 2) * dayMs) ? before : undefined
  }
  if (memory.steadyMs !== undefined) return wallMs - memory.steadyMs
  const before = wallMs - measureOffset(memory.format, wallMs - dayMs)
  if (before + measureOffset(memory.format, before) === wallMs) return before
  const after = wallMs - measureOffset(memory.format, wallMs + dayMs)
  return after + measureOffset(memory.format, after) === wallMs ? after : before
}

function zoneMemory(zone: string): ZoneMemory | null {
  const known = zones.get(zone)
  if (known !== undefined) return known
  if (zones.size > 1000) zones.clear()
  let memory: ZoneMemory | null = null
  try {
    memory = {
      format: new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }),
      day: Number.NaN,
      steadyMs: undefined,
    }
  } catch {
    memory = null
  }
  zones.set(zone, memory)
  return memory
}

function measureOffset(format: Intl.DateTimeFormat, at: number): number {
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) return 0
  const name = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  const match = /([+-])(\d\d):(\d\d)/.exec(name)
  if (match === null) return 0
  const offset = (Number(match[2]) * 60 + Number(match[3])) * 60_000
  return match[1] === '-' ? -offset : offset
}
