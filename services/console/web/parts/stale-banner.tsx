import { useTexts } from '../context.ts'
import { spanText } from '../time-text.ts'
import { Icon } from './icons.tsx'
import { useSilence } from './live-mark.tsx'
import { useUnits } from './time.tsx'

/** The page says of itself that it is old (VN-5.1c). */
export function StaleBanner() {
  const { t } = useTexts()
  const units = useUnits()
  const silence = useSilence()
  if (silence === null || silence === 0) return null
  return (
    <div className="stale-banner" role="alert">
      <Icon name="breached" />
      {t('live.banner', { age: spanText(silence, units) })}
    </div>
  )
}
