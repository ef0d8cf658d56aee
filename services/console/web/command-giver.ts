import { useState } from 'react'
import type { CaseDetail } from '../src/case-view.ts'
import { ApiError, api } from './api.ts'
import type { Button } from './case-actions.ts'

/** Gives commands on a case and says how far the newest one is. */
export interface CommandGiver {
  sending: Button | null
  error: unknown
  isDone: boolean
  forget: () => void
  /** True when incident-manager accepted it. */
  give: (button: Button, reason: string | null, fields: Record<string, string>) => Promise<boolean>
}

/** The commands of a case: sent through Kafka, answered by incident-manager, seen when the case has changed. */
export function useCommandGiver(detail: CaseDetail): CommandGiver {
  const [sending, setSending] = useState<Button | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [isDone, setDone] = useState(false)
  const give: CommandGiver['give'] = async (button, reason, fields) => {
    setSending(button)
    setError(null)
    setDone(false)
    try {
      const form = { action: button, revision: detail.revision, reason, fields }
      const answer = await api.command(detail.caseId, form)
      if (!answer.accepted) setError(new ApiError(200, answer.code, answer.reason))
      setDone(answer.accepted)
      return answer.accepted
    } catch (thrown) {
      setError(thrown)
      return false
    } finally {
      setSending(null)
    }
  }
  return { sending, error, isDone, forget: () => setError(null), give }
}
