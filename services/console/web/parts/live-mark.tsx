import { usePage, useTexts } from '../context.ts'
import { useLive } from '../live.ts'
import { useNow } from '../server-time.ts'

/** The stream says something at least every 5 s; twice that and a little is too long. */
const STALE_AFTER_MS = 12_000

/** Milliseconds since the stream said anything, once that is too long; 0 while it is live; null before the first word. */
export function useSilence(): number | null {
  const { live } = usePage()
  const { heardAt } = useLive(live)
  useNow()
  if (heardAt === null) return null
  const silenceMs = performance.now() - heardAt
  return silenceMs > STALE_AFTER_MS ? silenceMs : 0
}

export function LiveMark() {
  const { t } = useTexts()
  const silence = useSilence()
  const look = silence === null ? 'connecting' : silence === 0 ? 'live' : 'stale'
  return (
    <span className={`live live-${look}`} role="status">
      <span className="live-dot" aria-hidden="true" />
      {t(`live.${look}`)}
    </span>
  )
}
