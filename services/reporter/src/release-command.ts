import { parseArgs } from 'node:util'
import type { Report } from '@tocsin/events'
import { dayOf, instantOf } from '@tocsin/obligations'
import { type Command, TocsinError } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { loadPacks } from './adapters/packs.ts'
import { openReportSources } from './adapters/report-sources.ts'
import { settings } from './config.ts'
import { type OwedNotice, reportNotices } from './report-notices.ts'
import type { ReportPack } from './schedule.ts'

/** `tocsin report release`: whoever owns a draft sends it to those whom the law names, in their own name (C7). */
export const release: Command = {
  name: 'report release',
  summary: 'send a drafted report in the name of the one who signed it',
  usage: 'report release --kind KIND --period FIRST-DAY --by NAME',
  examples: ['tocsin report release --kind kz-quarterly-authorized-body --period 2026-07-01 --by "A. Akhmetov"'],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        kind: { type: 'string', default: '' },
        period: { type: 'string' },
        by: { type: 'string', default: '' },
      },
    })
    const day = dayOf(values.period ?? '')
    if (day === null || values.by.trim() === '' || values.kind === '')
      throw new TocsinError('usage', `Say which report and who signed it. Usage: tocsin ${this.usage}`)
    const { packs } = loadPacks(io.env['REPORTER_PACKS'] ?? settings.shape.packs.parse(undefined))
    const kafka = await openKafkaForCommand(io.env, 'tocsin-report')
    try {
      const state = await openReportSources(kafka)
      const notices = releasedNotices(
        packs,
        [...state.reports()],
        values.kind,
        day,
        values.by.trim(),
        kafka.clock.now(),
      )
      const publisher = await kafka.publisher()
      for (const notice of notices) {
        await publisher.send(notice)
        io.stdout.write(`${JSON.stringify({ noticeId: notice.value.noticeId, to: notice.value.recipientRole })}\n`)
      }
      return 0
    } finally {
      await kafka.close()
    }
  },
}

/** The notices by which a draft leaves. Throws `TocsinError('no_draft')` where there is none to send. */
export function releasedNotices(
  packs: readonly ReportPack[],
  reports: readonly Report[],
  kind: string,
  day: number,
  by: string,
  nowMs: number,
): OwedNotice[] {
  for (const { pack } of packs) {
    const schedule = pack.schedules.find(({ report }) => report === kind)
    if (schedule?.draftTo === undefined || typeof schedule.met !== 'object' || !('delivered' in schedule.met)) continue
    const from = instantOf(pack.timeZone, day)
    const draft = reports.find((report) => report.kind === kind && report.from === from)
    if (draft === undefined) continue
    const { title, requirements, met, id } = schedule
    const addressing = {
      pack,
      constituent: null,
      title,
      requirements,
      dueAt: draft.dueAt,
      roles: met.delivered.to,
      clockId: `${id}/period`,
    }
    return reportNotices(draft, addressing, nowMs).map((notice) => ({
      ...notice,
      value: { ...notice.value, fields: { ...notice.value.fields, releasedBy: by } },
    }))
  }
  throw new TocsinError(
    'no_draft',
    `There is no draft of ${kind} for a period from that day that waits to be sent: look at the reports of the console, and at draftTo in the pack's schedule.`,
  )
}
