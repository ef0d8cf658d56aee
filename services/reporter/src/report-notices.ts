import { idFrom, inLanguage, type Notice, type RegistryConstituent, type Report } from '@tocsin/events'
import { dateOf, inTexts, localDayAt, type Pack, type Texts } from '@tocsin/obligations'
import type { OutputTo } from '@tocsin/stage'

/** Constituent id of the centre's own desks: a national report is told to them and to the authorities registered there. */
const CENTRE = 'centre'

/** A notice on its way to the topic. */
export type OwedNotice = Omit<OutputTo<'notices'>, 'value'> & { value: Notice }

/** Whom a report goes to, under which name and by when. */
export interface Addressing {
  pack: Pack
  constituent: RegistryConstituent | null
  title: Texts
  requirements: readonly string[]
  roles: readonly string[]
  dueAt: number | null
  /** Key of the period's clock that its delivery meets; null where no clock runs. */
  clockId: string | null
}

/** Takes a report and whom it goes to; gives one notice for each role, with the files as references. */
export function reportNotices(report: Report, addressing: Addressing, nowMs: number): OwedNotice[] {
  const { pack, constituent, title, requirements, roles, dueAt, clockId } = addressing
  const name = inTexts(title, report.language)
  const body = constituent === null ? inTexts(pack.title, report.language) : nameOf(constituent, report.language)
  const period = report.from === report.to ? `v${report.revision}` : dateOf(localDayAt(pack.timeZone, report.from))
  const subject = `${name} ${period}: ${body}`
  return roles.map((role) => {
    const value: Notice = {
      noticeId: noticeIdOf(report, role),
      constituent: constituent?.constituentId ?? CENTRE,
      caseId: null,
      clockId,
      requirementIds: [...requirements],
      pack: pack.id,
      purpose: 'report',
      recipientRole: role,
      contactId: null,
      exercise: false,
      tlp: 'amber',
      createdAt: nowMs,
      dueAt,
      language: report.language,
      subject,
      body: `${subject}\n\n${report.files.map(({ path, sha256 }) => `${path}\nSHA-256 ${sha256}`).join('\n\n')}\n`,
      fields: { reportId: report.reportId, kind: report.kind, period, dataSha256: report.dataSha256 },
      attachments: report.files.map(({ path }) => path),
      channels: [],
      groupable: false,
    }
    return { topic: 'notices', key: value.constituent, value }
  })
}

/** A report is owed once to each role in each revision. */
export const noticeIdOf = ({ reportId, revision }: Report, role: string): string =>
  idFrom('report', reportId, revision, role)

function nameOf(constituent: RegistryConstituent, language: string): string {
  return inLanguage({ ...constituent.names, [language]: constituent.names[language] ?? constituent.name }, language)
}
