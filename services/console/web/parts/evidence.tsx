import { useEffect, useState } from 'react'
import type { CaseDetail, EvidenceLine } from '../../src/case-view.ts'
import { api } from '../api.ts'
import { useTexts } from '../context.ts'
import { visiblePieces } from '../visible.ts'
import { ErrorText } from './error-text.tsx'
import { Section } from './section.tsx'

/** The original lines as they came, with whatever does not show made visible. Reading them is written to the audit trail. */
export function Evidence({ detail }: { detail: CaseDetail }) {
  const { t } = useTexts()
  const [lines, setLines] = useState<readonly EvidenceLine[]>([])
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    api.evidence(detail.caseId).then((answer) => {
      setLines(answer.lines)
      setError(null)
    }, setError)
    // Asked again only when lines were added: every reading is an audit entry.
  }, [detail.caseId, detail.evidenceCount])
  return (
    <Section
      title={t('case.evidence')}
      note={t('case.evidenceCount', { shown: detail.evidenceCount, all: detail.eventCount })}
    >
      <ErrorText error={error} />
      <ol className="evidence" tabIndex={0} aria-label={t('case.evidence')}>
        {lines.map((line) => (
          <Line key={line.eventId} line={line} constituent={detail.constituent} />
        ))}
      </ol>
    </Section>
  )
}

function Line({ line, constituent }: { line: EvidenceLine; constituent: string }) {
  const { t } = useTexts()
  const [event, setEvent] = useState<Record<string, unknown> | null>(null)
  const [error, setError] = useState<unknown>(null)
  const toggle = (): void => {
    if (event !== null) setEvent(null)
    else api.event(constituent, line.eventId).then((answer) => setEvent(answer.event), setError)
  }
  return (
    <li>
      <div className="evidence-line">
        {line.original === null ? <i className="muted">{t('case.noText')}</i> : <Visible text={line.original} />}
      </div>
      <button type="button" className="quiet small" aria-expanded={event !== null} onClick={toggle}>
        {t('case.fullRecord')}
      </button>
      <ErrorText error={error} />
      {event === null ? null : (
        <dl className="event-fields">
          {Object.entries(event).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Visible text={typeof value === 'string' ? value : JSON.stringify(value)} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  )
}

function Visible({ text }: { text: string }) {
  let at = 0
  return visiblePieces(text).map((piece) => {
    const key = at++
    return piece.isControl ? (
      <span key={key} className="control">
        {piece.text}
      </span>
    ) : (
      <span key={key}>{piece.text}</span>
    )
  })
}
