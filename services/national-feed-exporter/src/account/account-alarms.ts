import type { Account } from './account.ts'

/** Something about the account that a person must know now. */
export interface AccountAlarm {
  code: 'account_ends' | 'issue_due' | 'consent_ends'
  /** What it is about; with `at`, its identity. */
  subject: string
  /** The instant from which it holds, UTC ms. */
  at: number
  level: 'warning' | 'critical'
  message: string
}

const DAY_MS = 86_400_000
/** End of a day in Asia/Taipei, UTC ms. */
const endOf = (day: string): number => Date.parse(`${day}T24:00:00+08:00`)

/**
 * Gives what is due at `nowMs`: the end of the account 30 and 7 days before (TW-A4.1), an open issue at 50, 80 and 100 % of its
 * period (TW-3.4), contact data a month before the plan's end (TW-A4.3). Of each, the latest step only.
 */
export function alarmsOf(account: Account, nowMs: number): AccountAlarm[] {
  const alarms: AccountAlarm[] = []
  const { organization, validTo, consent } = account
  if (validTo !== null && account.state !== 'terminated') {
    const days = [0, 7, 30].find((left) => nowMs >= endOf(validTo) - left * DAY_MS)
    if (days !== undefined) {
      alarms.push({
        code: 'account_ends',
        subject: `${organization} ${days}`,
        at: endOf(validTo) - days * DAY_MS,
        level: days === 30 ? 'warning' : 'critical',
        message:
          days === 0
            ? `The account of ${organization} ended on ${validTo}; apply anew (Appendix 4).`
            : `The account of ${organization} ends on ${validTo}, in ${days} days or less; apply for its extension (Appendix 4).`,
      })
    }
  }
  for (const issue of account.issues) {
    if (issue.closedAt !== null) continue
    const reachedAt = (percent: number) => issue.openedAt + Math.ceil(((issue.dueAt - issue.openedAt) * percent) / 100)
    const share = [100, 80, 50].find((percent) => nowMs >= reachedAt(percent))
    if (share === undefined) continue
    alarms.push({
      code: 'issue_due',
      subject: `${issue.issueId} ${share}`,
      at: reachedAt(share),
      level: share === 100 ? 'critical' : 'warning',
      message: `Issue ${issue.issueId} (${issue.name}) is open and ${share} % of its period is over; an overdue issue may suspend the account (TW-3.5).`,
    })
  }
  if (consent !== null && consent.deletedOn === null) {
    const dueAt = endOf(consent.planEnds) - 30 * DAY_MS
    if (nowMs >= dueAt) {
      alarms.push({
        code: 'consent_ends',
        subject: `${organization} ${consent.planEnds}`,
        at: dueAt,
        level: 'critical',
        message: `The plan ends on ${consent.planEnds}: delete the contact data of ${organization} now and keep the proof (feed account delete-contacts).`,
      })
    }
  }
  return alarms
}
