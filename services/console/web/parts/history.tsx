import type { CaseDetail } from '../../src/case-view.ts'
import { useTexts } from '../context.ts'
import { Section } from './section.tsx'
import { Time } from './time.tsx'

export function History({ detail }: { detail: CaseDetail }) {
  const { t, word } = useTexts()
  const entries = detail.history.map((entry, index) => ({ ...entry, key: `${entry.at}/${entry.action}/${index}` }))
  return (
    <Section title={t('case.history')}>
      <ol className="history">
        {entries.toReversed().map((entry) => (
          <li key={entry.key}>
            <Time at={entry.at} body={detail.constituent} />
            <span>
              <b>{word('change', entry.action)}</b> <span className="muted">{entry.actor}</span>
              {entry.detail === null ? null : (
                <span className="history-detail" title={entry.detail}>
                  {entry.detail}
                </span>
              )}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  )
}
