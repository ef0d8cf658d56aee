import type { CoverageView } from '../../src/source-views.ts'
import { usePage, useTexts } from '../context.ts'
import { bodyName } from '../words.ts'
import { Time } from './time.tsx'

/** One row for each system or connection, one column for each input that the law asks for. */
export function CoverageTable({ rows }: { rows: readonly CoverageView[] }) {
  const { t, word, language } = useTexts()
  const { constituents } = usePage()
  if (rows.length === 0) return <p className="muted">{t('coverage.none')}</p>
  const inputs = rows[0]?.inputs.map(({ input }) => input) ?? []
  const covered = rows.filter(({ state }) => state === 'covered').length
  return (
    <div className="table-frame">
      <table className="cases plain coverage">
        <thead>
          <tr>
            <th scope="col">{t('coverage.share', { covered, all: rows.length })}</th>
            {inputs.map((input) => (
              <th key={input} scope="col">
                {word('coverageInput', input)}
              </th>
            ))}
            <th scope="col">{t('sources.column.state')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.coverageId} data-coverage={row.coverageId}>
              <td>
                <strong>{row.name}</strong>
                <span className="case-sub">
                  {bodyName(constituents.get(row.constituent), row.constituent, language)}
                  {row.measure === null ? null : <span>{word('httpsMeasure', row.measure)}</span>}
                </span>
              </td>
              {row.inputs.map((input) => (
                <td key={input.input} className={`cover cover-${input.state}`}>
                  <span className="cover-word">{word('coverageState', input.state)}</span>
                  {input.lastSeenAt === null ? null : (
                    <span className="case-sub nowrap">
                      <Time at={input.lastSeenAt} body={row.constituent} withSeconds={false} />
                    </span>
                  )}
                  <span className="case-sub mono">{input.sourceIds.join(', ')}</span>
                </td>
              ))}
              <td>
                <span className={`badge coverage-${row.state}`}>{word('coverageVerdict', row.state)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
