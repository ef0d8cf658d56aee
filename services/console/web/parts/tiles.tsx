import type { CaseSummary } from '../../src/case-view.ts'
import { hasEnded, nextClock } from '../case-order.ts'
import { useTexts } from '../context.ts'
import { useNow } from '../server-time.ts'

const HOUR_MS = 3_600_000

/** Four numbers that say how the shift stands. */
export function Tiles({ cases }: { cases: readonly CaseSummary[] }) {
  const { t } = useTexts()
  const now = useNow()
  const open = cases.filter((one) => !hasEnded(one))
  const dues = open.map((one) => nextClock(one)?.dueAt ?? Number.POSITIVE_INFINITY)
  const tiles = [
    { key: 'open', count: open.length, look: '' },
    { key: 'overdue', count: dues.filter((due) => due <= now).length, look: 'bad' },
    { key: 'soon', count: dues.filter((due) => due > now && due - now <= HOUR_MS).length, look: 'warn' },
    { key: 'new', count: open.filter((one) => one.acknowledgedAt === null).length, look: 'note' },
  ] as const
  return (
    <dl className="tiles">
      {tiles.map(({ key, count, look }) => (
        <div key={key} className={`tile ${count === 0 ? '' : look}`}>
          <dt>{t(`tile.${key}`)}</dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  )
}
