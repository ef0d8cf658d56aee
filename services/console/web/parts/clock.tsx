import type { ClockView } from '../../src/case-view.ts'
import type { PackView } from '../../src/pack-view.ts'
import { isOwed } from '../case-order.ts'
import { useTexts } from '../context.ts'
import { useNow } from '../server-time.ts'
import { spanText } from '../time-text.ts'
import { clockTitle } from '../words.ts'
import { Icon } from './icons.tsx'
import { Time, useUnits } from './time.tsx'

/** How a clock looks at an instant: `soon` when four fifths of it are gone. */
export function clockLook(clock: ClockView, now: number): 'running' | 'soon' | 'breached' | 'met' | 'cancelled' {
  if (clock.state === 'cancelled') return 'cancelled'
  if (!isOwed(clock)) return clock.state === 'breached' ? 'breached' : 'met'
  if (clock.state === 'breached' || now >= clock.dueAt) return 'breached'
  return now - clock.startAt >= 0.8 * (clock.dueAt - clock.startAt) ? 'soon' : 'running'
}

/** Time left or overdue, counting each second, with its shape and word. */
export function Countdown({ clock }: { clock: ClockView }) {
  const { t } = useTexts()
  const units = useUnits()
  const now = useNow()
  const look = clockLook(clock, now)
  return (
    <span className={`countdown clock-${look}`}>
      <Icon name={look} />
      {isOwed(clock) ? (
        <span className="countdown-text">
          {t(now >= clock.dueAt ? 'clock.over' : 'clock.left', { time: spanText(Math.abs(clock.dueAt - now), units) })}
        </span>
      ) : (
        t(`clock.${clock.state === 'running' ? 'met' : (clock.state as 'met')}`)
      )}
    </span>
  )
}

/** How much of a clock is gone. */
export function ClockBar({ clock }: { clock: ClockView }) {
  const now = useNow()
  const until = clock.metAt ?? now
  const share = Math.min(1, Math.max(0, (until - clock.startAt) / Math.max(1, clock.dueAt - clock.startAt)))
  return (
    <span className={`bar clock-${clockLook(clock, now)}`} aria-hidden="true">
      <span style={{ width: `${(share * 100).toFixed(1)}%` }} />
    </span>
  )
}

interface ClockRowProps {
  clock: ClockView
  pack: PackView | undefined
  body: string
}

/** One legal clock of a case: what, by which law, until when, how far. */
export function ClockRow({ clock, pack, body }: ClockRowProps) {
  const { t, language } = useTexts()
  return (
    <li className="clock-row">
      <div className="clock-head">
        <span className="clock-title">{clockTitle(clock, pack, language)}</span>
        <Countdown clock={clock} />
      </div>
      <ClockBar clock={clock} />
      <div className="clock-foot">
        <span className="law">{clock.requirementIds.join(' · ')}</span>
        <span>
          {t('clock.due')} <Time at={clock.dueAt} body={body} withZone />
          {clock.metAt === null ? null : (
            <>
              {' · '}
              {t('clock.metAt')} <Time at={clock.metAt} body={body} />
            </>
          )}
        </span>
      </div>
    </li>
  )
}
