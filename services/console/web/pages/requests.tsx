import { type SyntheticEvent, useCallback, useEffect, useState } from 'react'
import type { RequestView } from '../../src/request-view.ts'
import { ApiError, api } from '../api.ts'
import { usePage, useTexts } from '../context.ts'
import { typed } from '../form-text.ts'
import { ErrorText } from '../parts/error-text.tsx'
import { NewRequest } from '../parts/new-request.tsx'
import { Section } from '../parts/section.tsx'
import { Time, useUnits } from '../parts/time.tsx'
import { useNow } from '../server-time.ts'
import { spanText } from '../time-text.ts'
import { bodyName } from '../words.ts'

const REFRESH_MS = 10_000

/** What is formally asked of whom, on whichever side one sits: with times, files, answer and proof. */
export function RequestsPage() {
  const { t } = useTexts()
  const [requests, setRequests] = useState<readonly RequestView[] | null>(null)
  const load = useCallback((): void => {
    void api.requests().then(
      (answer) => setRequests(answer.requests),
      () => {},
    )
  }, [])
  useEffect(() => {
    load()
    const timer = window.setInterval(load, REFRESH_MS)
    return () => window.clearInterval(timer)
  }, [load])
  if (requests === null) return <p className="empty">{t('case.loading')}</p>
  return (
    <div className="page requests">
      <h1 className="visually-hidden">{t('nav.requests')}</h1>
      <NewRequest done={load} />
      <Section title={t('nav.requests')}>
        {requests.length === 0 ? <p className="empty">{t('requests.none')}</p> : null}
        {requests.map((one) => (
          <RequestItem key={one.requestId} one={one} done={load} />
        ))}
      </Section>
    </div>
  )
}

function RequestItem({ one, done }: { one: RequestView; done: () => void }) {
  const { t, word, language } = useTexts()
  const { constituents } = usePage()
  const units = useUnits()
  const now = useNow()
  const name = (id: string): string =>
    id === 'centre' ? t('requests.centre') : bodyName(constituents.get(id), id, language)
  const isOpen = one.state === 'open' || one.state === 'overdue'
  return (
    <details className="duties" data-request={one.number} open={one.state === 'overdue'}>
      <summary>
        <span className="mono">{one.number}</span> <strong>{one.subject}</strong>{' '}
        <span className={`badge request-${one.state}`}>{word('requestState', one.state)}</span>{' '}
        <span className="muted">
          {name(one.from)} → {name(one.to)}
          {one.dueAt === null || !isOpen
            ? null
            : ` · ${t(one.dueAt > now ? 'clock.left' : 'requests.late', { time: spanText(Math.abs(one.dueAt - now), units) })}`}
        </span>
      </summary>
      <dl className="facts">
        <Fact name="ground" text={one.ground} />
        <Fact name="text" text={one.body} />
        <Fact name="period" text={one.period ?? ''} />
        <Instant name="opened" at={one.createdAt} body={one.constituent} />
        <Instant name="due" at={one.dueAt} body={one.constituent} />
        <Fact name="files" text={one.files.join('\n')} />
        <Fact name="proof" text={one.proof ?? ''} />
        <Instant name="answered" at={one.answeredAt} body={one.constituent} />
        <Fact name="answer" text={one.answer ?? ''} />
        <Fact name="answerFiles" text={one.answerFiles.join('\n')} />
        <Fact name="difference" text={one.difference ?? ''} />
      </dl>
      {isOpen ? <AnswerForm one={one} done={done} /> : null}
    </details>
  )
}

function Fact({ name, text }: { name: string; text: string }) {
  const { word } = useTexts()
  if (text === '') return null
  return (
    <div>
      <dt>{word('requests', name)}</dt>
      <dd className="prewrap">{text}</dd>
    </div>
  )
}

function Instant({ name, at, body }: { name: string; at: number | null; body: string }) {
  const { word } = useTexts()
  if (at === null) return null
  return (
    <div>
      <dt>{word('requests', name)}</dt>
      <dd>
        <Time at={at} body={body} withZone />
      </dd>
    </div>
  )
}

/** The answer, where the account's side is asked; the centre may write down what came by dispatch. */
function AnswerForm({ one, done }: { one: RequestView; done: () => void }) {
  const { t } = useTexts()
  const { account } = usePage()
  const [error, setError] = useState<unknown>(null)
  const [isSending, setSending] = useState(false)
  const mayAnswer =
    account.role === 'national' ||
    (one.to !== 'centre' && ['constituent', 'manager', 'operator'].includes(account.role))
  if (!mayAnswer) return null
  const submit = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const text = typed(new FormData(event.currentTarget), 'text').trim()
    setSending(true)
    setError(null)
    api
      .requestCommand(one.constituent, one.requestId, { action: 'request-answer', reason: null, fields: { text } })
      .then((answer) => {
        if (!answer.accepted) throw new ApiError(200, answer.code, answer.reason)
        done()
      })
      .catch(setError)
      .finally(() => setSending(false))
  }
  return (
    <form className="answer-form" onSubmit={submit}>
      <label>
        {t('requests.answer')} *
        <textarea name="text" rows={3} maxLength={8_000} required />
      </label>
      <ErrorText error={error} />
      <button type="submit" className="primary" disabled={isSending}>
        {isSending ? t('dialog.sending') : t('dialog.send')}
      </button>
    </form>
  )
}
