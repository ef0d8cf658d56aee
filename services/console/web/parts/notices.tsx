import type { CaseDetail } from '../../src/case-view.ts'
import type { PackView } from '../../src/pack-view.ts'
import { useTexts } from '../context.ts'
import { roleTitle } from '../words.ts'
import { Section } from './section.tsx'
import { Time } from './time.tsx'

interface NoticesProps {
  detail: CaseDetail
  pack: PackView | undefined
}

/** Who had to be told, and what became of it. */
export function Notices({ detail, pack }: NoticesProps) {
  const { t, word, language } = useTexts()
  return (
    <Section title={t('case.notices')}>
      {detail.notices.length === 0 ? <p className="muted">{t('case.none')}</p> : null}
      <ul className="lines">
        {detail.notices.map((notice) => (
          <li key={notice.noticeId}>
            <span className={`badge notice-${notice.state}`}>{word('notice', notice.state)}</span>
            <span>
              <span className="role">{roleTitle(notice.recipientRole, pack, language)}</span>
              {notice.clockId === null ? null : <span className="law"> {notice.clockId.split('/')[0]}</span>}
            </span>
            <span className="line-end muted">
              {notice.deliveredAt !== null ? (
                <Time at={notice.deliveredAt} body={detail.constituent} withSeconds={false} />
              ) : notice.dueAt !== null ? (
                <>
                  {t('clock.due')} <Time at={notice.dueAt} body={detail.constituent} withSeconds={false} />
                </>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
