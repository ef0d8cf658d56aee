import type { CaseDetail } from '../../src/case-view.ts'
import { useTexts } from '../context.ts'
import { Section } from './section.tsx'
import { Time } from './time.tsx'

/** What the body answered and what was done, newest first; nothing where nothing was. */
export function Responses({ detail }: { detail: CaseDetail }) {
  const { t, word } = useTexts()
  if (detail.responses.length === 0) return null
  const entries = detail.responses.map((entry, index) => ({ ...entry, key: `${entry.at}/${entry.kind}/${index}` }))
  return (
    <Section title={t('case.responses')}>
      <ol className="history">
        {entries.toReversed().map(({ key, at, by, kind, text, evidence }) => (
          <li key={key}>
            <Time at={at} body={detail.constituent} />
            <span>
              <b>{word('response', kind)}</b> <span className="muted">{by}</span>
              <span className="response-text">{text}</span>
              {evidence === null || evidence === text ? null : <span className="response-text muted">{evidence}</span>}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  )
}
