import { useEffect, useState } from 'react'
import type { ComplianceRow, ComplianceView, DutyCell } from '../../src/compliance/compliance.ts'
import { api } from '../api.ts'
import { usePage, useTexts } from '../context.ts'
import { Link } from '../parts/link.tsx'
import { Section } from '../parts/section.tsx'
import { bodyName } from '../words.ts'

const REFRESH_MS = 60_000
const VERDICTS = ['fail', 'unknown', 'pass', 'voluntary'] as const

/** Each system against the duties of Article 5 of Circular 31, with what shows each (VN-5.0). */
export function CompliancePage() {
  const { t } = useTexts()
  const [view, setView] = useState<ComplianceView | null>(null)
  useEffect(() => {
    const load = (): void => {
      void api.compliance().then(setView, () => {})
    }
    load()
    const timer = window.setInterval(load, REFRESH_MS)
    return () => window.clearInterval(timer)
  }, [])
  if (view === null) return <p className="empty">{t('case.loading')}</p>
  const { rows } = view
  return (
    <div className="page compliance">
      <h1 className="visually-hidden">{t('nav.compliance')}</h1>
      <dl className="tiles">
        {VERDICTS.map((verdict) => {
          const count = rows.filter((row) => row.verdict === verdict).length
          return (
            <div key={verdict} className={`tile ${verdict === 'fail' && count > 0 ? 'bad' : ''}`}>
              <dt>{t(`compliance.system.${verdict}`)}</dt>
              <dd>{count}</dd>
            </div>
          )
        })}
      </dl>
      <Section title={t('compliance.title')} note="VN-5.0">
        {rows.length === 0 ? (
          <p className="empty">{t('compliance.none')}</p>
        ) : (
          <>
            <p>
              <a href="/api/compliance.csv" download="compliance.csv">
                {t('compliance.file')}
              </a>
            </p>
            {rows.map((row) => (
              <SystemDuties key={row.systemId} row={row} />
            ))}
          </>
        )}
      </Section>
    </div>
  )
}

function SystemDuties({ row }: { row: ComplianceRow }) {
  const { t, language } = useTexts()
  const { constituents } = usePage()
  const met = row.cells.filter(({ verdict }) => verdict === 'pass').length
  return (
    <details className="duties" data-system={row.systemId} open={row.verdict === 'fail'}>
      <summary>
        <strong>{row.name}</strong>{' '}
        <span className={`badge verdict-${row.verdict}`}>{t(`compliance.system.${row.verdict}`)}</span>{' '}
        <span className="muted">
          {bodyName(constituents.get(row.constituent), row.constituent, language)} ·{' '}
          {t('compliance.class', { class: row.systemClass })} · {t('compliance.met', { met, all: row.cells.length })}
        </span>
      </summary>
      <div className="table-frame">
        <table className="cases plain">
          <thead>
            <tr>
              {(['duty', 'verdict', 'shown'] as const).map((column) => (
                <th key={column} scope="col">
                  {t(`compliance.column.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {row.cells.map((cell) => (
              <DutyRow key={cell.duty} cell={cell} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}

function DutyRow({ cell }: { cell: DutyCell }) {
  const { t, word } = useTexts()
  const { duty, verdict, shows, value, link } = cell
  const shown = `${word('shows', shows)}${value === '' ? '' : `: ${value}`}`
  return (
    <tr data-duty={duty} className={verdict === 'fail' ? 'row-critical' : ''}>
      <td>
        <span className="mono">{duty}</span> {word('duty', duty)}
      </td>
      <td>
        <span className={`badge verdict-${verdict}`}>{t(`compliance.verdict.${verdict}`)}</span>
      </td>
      <td>{link === null ? shown : <Link to={link}>{shown}</Link>}</td>
    </tr>
  )
}
