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
  return minutes > 14 * 60 ? undefined : match[1] === '-' ? -minutes : minutes
}

interface ZoneMemory {
  readonly format: Intl.DateTimeFormat
  quarter: number
  offsetMs: number
}

// At most one entry a zone of the registry; Intl costs microseconds, and neighbouring lines share their quarter of an hour.
const zones = new Map<string, ZoneMemory | null>()

/** The instant of a wall-clock time (given as if it were UTC) in a zone; an unknown zone counts as UTC. */
export function wallClockToUtc(wallMs: number, zone: string | undefined): number {
  if (zone === undefined || zone === 'UTC') return wallMs
  const fixed = fixedOffsetMinutes(zone)
  if (fixed !== undefined) return wallMs - fixed * 60_000
  const first = wallMs - zoneOffsetMs(wallMs, zone)
  // The offset was taken at the wall-clock time read as UTC; near a DST change the second look is the right one.
  return wallMs - zoneOffsetMs(first, zone)
}

function zoneOffsetMs(at: number, zone: string): number {
  const memory = zoneMemory(zone)
  if (memory === null) return 0
  const quarter = Math.floor(at / 900_000)
  if (memory.quarter !== quarter) {
    memory.quarter = quarter
    memory.offsetMs = measureOffset(memory.format, quarter * 900_000)
  }
  return memory.offsetMs
}

function zoneMemory(zone: string): ZoneMemory | null {
  const known = zones.get(zone)
  if (known !== undefined) return known
  if (zones.size > 1000) zones.clear()
  let memory: ZoneMemory | null = null
  try {
    memory = {
      format: new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }),
      quarter: Number.NaN,
      offsetMs: 0,
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
