import { idFrom, inLanguage, type Notice, type Report } from '@tocsin/events'
import { dateOf, inTexts, localDayAt } from '@tocsin/obligations'
import type { OutputTo } from '@tocsin/stage'
import { type DueReport, rolesOf } from './schedule.ts'

/** Takes a report and its schedule; gives one notice for each role that the law names, with the files as references. */
export function reportNotices(report: Report, due: DueReport, nowMs: number): OutputTo<'notices'>[] {
  const { pack, schedule, constituent, run } = due
  const name = inTexts(schedule.title, report.language)
  const body = inLanguage(
    { ...constituent.names, [report.language]: constituent.names[report.language] ?? constituent.name },
    report.language,
  )
  const period = dateOf(localDayAt(pack.timeZone, run.from))
  const subject = `${name} ${period}: ${body}`
  return rolesOf(schedule).map((role) => {
    const value: Notice = {
      noticeId: idFrom('report', report.reportId, report.revision, role),
      constituent: report.constituent,
      caseId: null,
      clockId: null,
      requirementIds: [...schedule.requirements],
      pack: pack.id,
      purpose: 'report',
      recipientRole: role,
      contactId: null,
      exercise: false,
      tlp: 'amber',
      createdAt: nowMs,
      dueAt: run.dueAt,
      language: report.language,
      subject,
      body: `${subject}\n\n${report.files.map(({ path, sha256 }) => `${path}\nSHA-256 ${sha256}`).join('\n\n')}\n`,
      fields: { reportId: report.reportId, kind: report.kind, period },
      attachments: report.files.map(({ path }) => path),
      channels: [],
    }
    return { topic: 'notices', key: value.constituent, value }
  })
}
