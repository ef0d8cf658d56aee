import { useMemo, useState } from 'react'
import type { CaseSummary } from '../../src/case-view.ts'
import { byNextDue, type Filters, fits, NO_FILTERS, nextClock } from '../case-order.ts'
import { usePage, useTexts } from '../context.ts'
import { useLive } from '../live.ts'
import { KindBadge, SeverityBadge, StatusBadge } from '../parts/badges.tsx'
import { ClockBar, Countdown } from '../parts/clock.tsx'
import { FilterBar } from '../parts/filter-bar.tsx'
import { Icon } from '../parts/icons.tsx'
import { Link } from '../parts/link.tsx'
import { NewCase } from '../parts/new-case.tsx'
import { Tiles } from '../parts/tiles.tsx'
import { Time } from '../parts/time.tsx'
import { bodyName, clockTitle, levelOf, titleOf } from '../words.ts'

const ROWS_AT_FIRST = 200

/** The list of the shift: every case, the next due first. */
export function IncidentsPage() {
  const { t, language } = useTexts()
  const { live, constituents } = usePage()
  const { cases, isLoaded } = useLive(live)
  const [filters, setFilters] = useState<Filters>(NO_FILTERS)
  const [limit, setLimit] = useState(ROWS_AT_FIRST)
  const all = useMemo(() => [...cases.values()].sort(byNextDue), [cases])
  const found = useMemo(
    () =>
      all.filter((one) =>
        fits(
          one,
          filters,
          [
            one.number,
            titleOf(one, language),
            one.source ?? '',
            one.constituent,
            bodyName(constituents.get(one.constituent), one.constituent, language),
            one.rsitType,
            one.caseId,
          ].join(' '),
        ),
      ),
    [all, filters, language, constituents],
  )
  return (
    <div className="page">
      <h1 className="visually-hidden">{t('nav.cases')}</h1>
      <Tiles cases={all} />
      <div className="list-head">
        <FilterBar filters={filters} change={setFilters} shown={found.length} all={all.length} />
        <NewCase />
      </div>
      {found.length === 0 ? (
        <p className="empty">{t(!isLoaded ? 'case.loading' : all.length === 0 ? 'list.empty' : 'list.noneFit')}</p>
      ) : (
        <div className="table-frame">
          <table className="cases">
            <thead>
              <tr>
                {(['due', 'severity', 'case', 'body', 'kind', 'status', 'seen'] as const).map((column) => (
                  <th key={column} scope="col">
                    {t(`column.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {found.slice(0, limit).map((one) => (
                <Row key={one.caseId} one={one} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found.length > limit ? (
        <button type="button" className="more" onClick={() => setLimit(limit + ROWS_AT_FIRST)}>
          {t('list.shown', { shown: limit, all: found.length })}
        </button>
      ) : null}
    </div>
  )
}

function Row({ one }: { one: CaseSummary }) {
  const { t, language } = useTexts()
  const { constituents, packs, go } = usePage()
  const body = constituents.get(one.constituent)
  const clock = nextClock(one)
  const path = `/incidents/${encodeURIComponent(one.caseId)}`
  return (
    <tr className={`row-${levelOf(one.severity)}`} onClick={() => go(path)} data-case={one.caseId}>
      <td className="cell-due">
        {clock === null ? (
          <span className="muted">{t(one.clocks.length === 0 ? 'clock.none' : 'clock.allMet')}</span>
        ) : (
          <>
            <Countdown clock={clock} />
            <ClockBar clock={clock} />
            <span className="clock-name">
              {clockTitle(clock, packs.get(body?.pack ?? ''), language)}
              <span className="law"> {clock.requirementIds[0]}</span>
            </span>
          </>
        )}
      </td>
      <td>
        <SeverityBadge severity={one.severity} />
      </td>
      <td className="cell-case">
        <Link to={path} className="case-title">
          {titleOf(one, language)}
        </Link>
        <span className="case-sub">
          <span className="mono">{one.number}</span>
          <span>{one.nationalClass ?? `${one.rsitClass} / ${one.rsitType}`}</span>
          {one.source === null ? null : <span className="mono">{one.source}</span>}
          {one.exercise ? <span className="badge exercise">{t('case.exercise')}</span> : null}
        </span>
      </td>
      <td className="cell-body">{bodyName(body, one.constituent, language)}</td>
      <td>
        <KindBadge kind={one.kind} />
      </td>
      <td>
        <StatusBadge status={one.status} />
        {one.acknowledgedAt === null ? null : (
          <span className="acknowledged" title={t('fact.acknowledgedAt')}>
            <Icon name="met" />
          </span>
        )}
      </td>
      <td className="cell-seen">
        <Time at={one.occurredFirst} body={one.constituent} withSeconds={false} withZone />
        <Time at={one.occurredLast} body={one.constituent} withSeconds={false} />
      </td>
    </tr>
  )
}
