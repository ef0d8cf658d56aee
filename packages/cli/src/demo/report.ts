import type { Incident } from '@tocsin/events'
import type { Check } from './checks.ts'
import type { StoryFacts } from './facts.ts'
import type { Mail } from './outside.ts'

const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** One case with its clocks and notices, as a block of lines. */
export function describeCase(entry: Incident, facts: StoryFacts): string {
  const lines = [
    `${entry.number}  ${entry.kind.padEnd(8)} severity ${String(entry.severity).padStart(3)}  ${entry.constituent}  ${entry.ruleName}`,
  ]
  for (const clock of [...entry.clocks].sort((a, b) => a.dueAt - b.dueAt)) {
    const left = clock.metAt === null ? '' : `, met ${utc(clock.metAt)}`
    lines.push(
      `    clock ${clock.clockId.padEnd(18)} ${clock.state.padEnd(8)} due ${utc(clock.dueAt)}${left}  (${clock.requirementIds.join(', ')})`,
    )
  }
  const tickets = [...facts.tickets.values()].filter((ticket) => ticket.caseId === entry.caseId)
  for (const ticket of tickets) lines.push(`    ticket ${ticket.ticketId} ${ticket.state}`)
  const notices = [...facts.notices.values()].filter((notice) => notice.caseId === entry.caseId)
  for (const notice of notices) {
    const delivery = [...facts.deliveries.values()]
      .filter((attempt) => attempt.noticeId === notice.noticeId)
      .sort((a, b) => b.attempt - a.attempt)[0]
    lines.push(
      `    notice to ${notice.recipientRole.padEnd(18)} ${delivery === undefined ? 'owed' : `${delivery.state} by ${delivery.channel} ${utc(delivery.at)}`}`,
    )
  }
  return lines.join('\n')
}

/** Mails as the server got them. */
export function describeMails(mails: readonly Mail[]): string {
  return mails.map(({ to, subject }) => `    ${to.padEnd(28)} ${subject}`).join('\n')
}

/** Checks as lines; the bad ones stand out without colour. */
export function describeChecks(checks: readonly Check[]): string {
  return checks.map(({ ok, text }) => `  ${ok ? 'ok  ' : 'FAIL'} ${text}`).join('\n')
}
