import { useEffect, useState } from 'react'
import type { CoverageView, OutageView, SourcesPageView, SourceView } from '../../src/source-views.ts'
import { api } from '../api.ts'
import { usePage, useTexts } from '../context.ts'
import { CoverageTable } from '../parts/coverage-table.tsx'
import { Section } from '../parts/section.tsx'
import { Time, useUnits } from '../parts/time.tsx'
import { useNow } from '../server-time.ts'
import { spanText } from '../time-text.ts'
import { bodyName } from '../words.ts'

const REFRESH_MS = 10_000
const ROWS_AT_FIRST = 200

/** Every source with its state, what the law wants covered, and the gaps of the last month. */
export function SourcesPage() {
  const { t } = useTexts()
  const [view, setView] = useState<SourcesPageView | null>(null)
  useEffect(() => {
    const load = (): void => {
      void api.sources().then(setView, () => {})
    }
    load()
    const timer = window.setInterval(load, REFRESH_MS)
    return () => window.clearInterval(timer)
  }, [])
  if (view === null) return <p className="empty">{t('case.loading')}</p>
  const { sources, maintainers, coverage, outages } = view
  return (
    <div className="page sources">
      <h1 className="visually-hidden">{t('nav.sources')}</h1>
      <SourceTiles sources={sources} coverage={coverage} />
      <Section title={t('sources.list')}>
        {sources.length === 0 ? <p className="empty">{t('sources.none')}</p> : <SourceTable sources={sources} />}
        <p className="muted maintainers">
          {t('sources.maintained')}{' '}
          {maintainers.map(({ maintainedBy, count }) => `${maintainedBy ?? '–'}: ${count}`).join(' · ')}
        </p>
      </Section>
      <Section title={t('coverage.inputs')} note="VN-5.1d">
        <CoverageTable rows={coverage.filter(({ kind }) => kind === 'mandatory-inputs')} />
      </Section>
      <Section title={t('coverage.connections')} note="VN-5.2b">
        <CoverageTable rows={coverage.filter(({ kind }) => kind === 'internet-connection')} />
      </Section>
      <Section title={t('coverage.https')} note="VN-5.2d">
        <CoverageTable rows={coverage.filter(({ kind }) => kind === 'https')} />
      </Section>
      <Section title={t('coverage.logs')} note="KZ-10.3d">
        <CoverageTable rows={coverage.filter(({ kind }) => kind === 'object-and-source-logs')} />
      </Section>
      <Section title={t('outages.title')} note="VN-3.1">
        {outages.length === 0 ? <p className="muted">{t('outages.none')}</p> : <OutageTable outages={outages} />}
      </Section>
    </div>
  )
}

function SourceTiles({ sources, coverage }: { sources: readonly SourceView[]; coverage: readonly CoverageView[] }) {
  const { t } = useTexts()
  const tiles = [
    { key: 'heard', count: sources.filter(({ state }) => state === 'heard').length, look: '' },
    {
      key: 'silent',
      count: sources.filter(({ state }) => ['silent', 'never-heard'].includes(state)).length,
      look: 'bad',
    },
    { key: 'clock', count: sources.filter(({ clock }) => clock === 'wrong').length, look: 'warn' },
    { key: 'uncovered', count: coverage.filter(({ state }) => state !== 'covered').length, look: 'bad' },
  ] as const
  return (
    <dl className="tiles">
      {tiles.map(({ key, count, look }) => (
        <div key={key} className={`tile ${count === 0 ? '' : look}`}>
          <dt>{t(`sources.tile.${key}`)}</dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  )
}

function SourceTable({ sources }: { sources: readonly SourceView[] }) {
  const { t } = useTexts()
  const [limit, setLimit] = useState(ROWS_AT_FIRST)
  return (
    <>
      <div className="table-frame">
        <table className="cases plain">
          <thead>
            <tr>
              {(['source', 'state', 'lastSeen', 'limit', 'rate', 'clock'] as const).map((column) => (
                <th key={column} scope="col">
                  {t(`sources.column.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sources.slice(0, limit).map((one) => (
              <SourceRow key={one.sourceId} one={one} />
            ))}
          </tbody>
        </table>
      </div>
      {sources.length > limit ? (
        <button type="button" className="more" onClick={() => setLimit(limit + ROWS_AT_FIRST)}>
          {t('list.shown', { shown: limit, all: sources.length })}
        </button>
      ) : null}
    </>
  )
}

function SourceRow({ one }: { one: SourceView }) {
  const { t, word, language } = useTexts()
  const { constituents } = usePage()
  const units = useUnits()
  const now = useNow()
  const isQuiet = one.state === 'silent' || one.state === 'never-heard'
  return (
    <tr data-source={one.sourceId} className={isQuiet ? 'row-critical' : one.clock === 'wrong' ? 'row-medium' : ''}>
      <td>
        <strong>{one.name}</strong>
        <span className="case-sub">
          <span>{bodyName(constituents.get(one.constituent), one.constituent, language)}</span>
          <span>{word('sourceKind', one.kind)}</span>
          <span className="mono">{one.sourceId}</span>
        </span>
      </td>
      <td>
        <span className={`badge source-${one.state}`}>{word('sourceState', one.state)}</span>
      </td>
      <td className="nowrap">
        {one.lastSeenAt === null ? (
          <span className="muted">–</span>
        ) : (
          <>
            <Time at={one.lastSeenAt} body={one.constituent} withZone />
            <span className="case-sub">{t('sources.ago', { time: spanText(now - one.lastSeenAt, units) })}</span>
          </>
        )}
      </td>
      <td className="nowrap">
        {spanText(one.limitSeconds * 1_000, units)}
        <span className="case-sub">{word('limitBasis', one.limitBasis)}</span>
      </td>
      <td>
        <span className={`badge rate-${one.rate}`}>{word('sourceRate', one.rate)}</span>
        <span className="case-sub">
          {t('sources.lines', {
            lines: one.linesLastHour,
            usual: one.linesUsual === null ? '–' : Math.round(one.linesUsual),
          })}
        </span>
      </td>
      <td>
        <span className={`badge clock-${one.clock}`}>{word('sourceClock', one.clock)}</span>
        {one.skewMs === null ? null : (
          <span className="case-sub nowrap">
            {one.skewMs < 0 ? '−' : '+'}
            {spanText(Math.abs(one.skewMs), units)}
          </span>
        )}
      </td>
    </tr>
  )
}

function OutageTable({ outages }: { outages: readonly OutageView[] }) {
  const { t, language } = useTexts()
  const { constituents } = usePage()
  const units = useUnits()
  const now = useNow()
  return (
    <div className="table-frame">
      <table className="cases plain">
        <thead>
          <tr>
            {(['source', 'from', 'to', 'length'] as const).map((column) => (
              <th key={column} scope="col">
                {t(`outages.column.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {outages.map((one) => (
            <tr key={one.outageId}>
              <td>
                {one.name}
                <span className="case-sub">
                  {bodyName(constituents.get(one.constituent), one.constituent, language)}
                </span>
              </td>
              <td className="nowrap">
                <Time at={one.startedAt} body={one.constituent} withZone />
              </td>
              <td className="nowrap">
                {one.endedAt === null ? (
                  <span className="badge source-silent">{t('outages.lasting')}</span>
                ) : (
                  <Time at={one.endedAt} body={one.constituent} withZone />
                )}
              </td>
              <td className="nowrap">{spanText((one.endedAt ?? now) - one.startedAt, units)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
