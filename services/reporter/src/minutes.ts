const MINUTE_MS = 60_000
const MINUTES_A_DAY = 1_440
/** A source without a registered interval should be heard once in a quarter of an hour (VN-5.1d, ours). */
const DEFAULT_INTERVAL_SECONDS = 900

/** Marks a minute in a day's bits. Minutes are counted in UTC: a local day has each of them once, whatever its zone. */
export function markMinute(bits: string, minuteMs: number): string {
  const octets = bits === '' ? Buffer.alloc(MINUTES_A_DAY / 8) : Buffer.from(bits, 'base64')
  const index = Math.floor(minuteMs / MINUTE_MS) % MINUTES_A_DAY
  const octet = index >> 3
  octets[octet] = (octets[octet] ?? 0) | (1 << (index & 7))
  return octets.toString('base64')
}

/** Length of a slot in minutes: the longest silence that is normal, a whole part of the day. */
export function slotMinutes(intervalSeconds: number | null): number {
  const wanted = Math.max(1, Math.ceil((intervalSeconds ?? DEFAULT_INTERVAL_SECONDS) / 60))
  for (let minutes = Math.min(wanted, MINUTES_A_DAY); minutes < MINUTES_A_DAY; minutes++)
    if (MINUTES_A_DAY % minutes === 0) return minutes
  return MINUTES_A_DAY
}

/** In how many slots of the day something was heard. */
export function slotsSeen(bits: string, intervalSeconds: number | null): number {
  const octets = Buffer.from(bits, 'base64')
  const length = slotMinutes(intervalSeconds)
  const seen = new Set<number>()
  for (let index = 0; index < MINUTES_A_DAY; index++)
    if (((octets[index >> 3] ?? 0) >> (index & 7)) & 1) seen.add(Math.floor(index / length))
  return seen.size
}
