import { usePage, useTexts } from '../context.ts'
import { utcText, zonedText, zoneName } from '../time-text.ts'

interface TimeProps {
  at: number
  /** Body whose time zone counts. */
  body: string
  withZone?: boolean
  withSeconds?: boolean
}

/** An instant in the body's time zone; UTC on hover. */
export function Time({ at, body, withZone = false, withSeconds = true }: TimeProps) {
  const { constituents } = usePage()
  const zone = constituents.get(body)?.timeZone ?? 'UTC'
  return (
    <time className="time" dateTime={utcText(at)} title={utcText(at)}>
      {zonedText(at, zone, withSeconds)}
      {withZone ? <span className="muted"> {zoneName(at, zone)}</span> : null}
    </time>
  )
}

export function useUnits() {
  const { t } = useTexts()
  return { d: t('unit.d'), h: t('unit.h'), m: t('unit.m'), s: t('unit.s') }
}
