import type { CaseDetail } from '../../src/case-view.ts'
import { useTexts } from '../context.ts'
import { Section } from './section.tsx'

export function Participants({ detail }: { detail: CaseDetail }) {
  const { t, word } = useTexts()
  return (
    <Section title={t('case.participants')}>
      {detail.participants.length === 0 ? <p className="muted">{t('case.none')}</p> : null}
      <ul className="lines">
        {detail.participants.slice(0, 30).map((one) => {
          const rest = [one.host ?? one.domain, one.account, one.country, one.asn === null ? null : `AS${one.asn}`]
          const key = [one.role, one.ip, one.port, one.host, one.domain, one.account].join('|')
          return (
            <li key={key}>
              <span className="line-label">{word('role', one.role)}</span>
              <span className="mono">
                {one.ip ?? one.domain ?? one.account ?? '?'}
                {one.port === null ? '' : `:${one.port}`}
              </span>
              <span className="muted">{rest.filter((part) => part !== null && part !== one.ip).join(' · ')}</span>
              <span className="line-end muted">×{one.count}</span>
            </li>
          )
        })}
      </ul>
    </Section>
  )
}
