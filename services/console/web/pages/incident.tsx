import { useEffect, useState } from 'react'
import type { CaseDetail } from '../../src/case-view.ts'
import { ApiError, api } from '../api.ts'
import { usePage, useTexts } from '../context.ts'
import { useLive } from '../live.ts'
import { Actions } from '../parts/actions.tsx'
import { KindBadge, SeverityBadge, StatusBadge } from '../parts/badges.tsx'
import { ClockRow } from '../parts/clock.tsx'
import { Evidence } from '../parts/evidence.tsx'
import { Facts } from '../parts/facts.tsx'
import { History } from '../parts/history.tsx'
import { Icon } from '../parts/icons.tsx'
import { Link } from '../parts/link.tsx'
import { Notices } from '../parts/notices.tsx'
import { Participants } from '../parts/participants.tsx'
import { ResponseActions } from '../parts/response-actions.tsx'
import { Responses } from '../parts/responses.tsx'
import { Section } from '../parts/section.tsx'
import { bodyName, titleOf } from '../words.ts'

/** One case with all that is known of it, fresh with every revision. */
export function IncidentPage({ params }: { params: Readonly<Record<string, string>> }) {
  const { t } = useTexts()
  const caseId = params['caseId'] ?? ''
  const [detail, error] = useDetail(caseId)
  if (detail !== null) return <Detail detail={detail} />
  return (
    <div className="page">
      <BackLink />
      <p className="empty">{t(error === null ? 'case.loading' : 'case.gone')}</p>
    </div>
  )
}

function useDetail(caseId: string): [CaseDetail | null, ApiError | null] {
  const { live } = usePage()
  const revision = useLive(live).cases.get(caseId)?.revision ?? 0
  const [answer, setAnswer] = useState<[CaseDetail | null, ApiError | null]>([null, null])
  useEffect(() => {
    let isCurrent = true
    api.case(caseId).then(
      (found) => isCurrent && setAnswer([found.case, null]),
      (error: unknown) => {
        // A server that is away leaves what was there; the banner says how old it is.
        if (isCurrent && error instanceof ApiError && error.status >= 400 && error.status < 500)
          setAnswer([null, error])
      },
    )
    return () => {
      isCurrent = false
    }
    // The revision is no argument of the request: a new one asks again.
  }, [caseId, revision])
  return answer
}

function BackLink() {
  const { t } = useTexts()
  return (
    <Link to="/" className="back">
      <Icon name="back" />
      {t('case.back')}
    </Link>
  )
}

function Detail({ detail }: { detail: CaseDetail }) {
  const { t, language } = useTexts()
  const { constituents, packs } = usePage()
  const pack = packs.get(detail.pack)
  const recommendation = detail.recommendations[language] ?? detail.recommendations['en'] ?? ''
  const clocks = detail.clocks.toSorted((a, b) => a.dueAt - b.dueAt)
  return (
    <article className="page">
      <BackLink />
      <header className="case-header">
        <div>
          <p className="case-kicker">
            <span className="mono">{detail.number}</span>
            <span>{bodyName(constituents.get(detail.constituent), detail.constituent, language)}</span>
          </p>
          <h1>{titleOf(detail, language)}</h1>
          <p className="badges">
            <SeverityBadge severity={detail.severity} />
            <KindBadge kind={detail.kind} />
            <StatusBadge status={detail.status} />
            {detail.verification === 'supplementary-asked' ? (
              <span className="badge">{t('verification.supplementary-asked')}</span>
            ) : null}
            {detail.exercise ? <span className="badge exercise">{t('case.exercise')}</span> : null}
            <span className="badge tlp">TLP:{detail.tlp.toUpperCase()}</span>
          </p>
        </div>
        <Actions detail={detail} pack={pack} />
      </header>
      <div className="columns">
        <div className="column">
          <Section title={t('case.clocks')}>
            {clocks.length === 0 ? (
              <p className="muted">{t('clock.none')}</p>
            ) : (
              <ul className="clocks">
                {clocks.map((clock) => (
                  <ClockRow key={clock.clockId} clock={clock} pack={pack} body={detail.constituent} />
                ))}
              </ul>
            )}
          </Section>
          {recommendation === '' ? null : (
            <Section title={t('case.recommendation')}>
              <p className="prose">{recommendation}</p>
            </Section>
          )}
          <ResponseActions detail={detail} pack={pack} />
          <Evidence detail={detail} />
          <Responses detail={detail} />
          {detail.primaryAnalysis === null ? null : (
            <Section title={t('case.analysis')}>
              <p className="prose">{detail.primaryAnalysis}</p>
            </Section>
          )}
          {detail.conclusion === null ? null : (
            <Section title={t('case.conclusion')}>
              <p className="prose">{detail.conclusion}</p>
            </Section>
          )}
        </div>
        <div className="column side">
          <Facts detail={detail} pack={pack} />
          <Participants detail={detail} />
          <Notices detail={detail} pack={pack} />
          <History detail={detail} />
        </div>
      </div>
    </article>
  )
}
