import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, createClock } from '@tocsin/runtime'
import { ReceiptFile } from './adapters/receipt-file.ts'
import { acceptanceOf, issuesOf } from './receiving/acceptance.ts'

/** `tocsin feed received`: what a sender sent, tested as Appendix 5 asks, and the national trends (TW-P2). */
export const received: Command = {
  name: 'feed received',
  summary: 'Test what a sender sent (Appendix 5) and count what was received by agency, class and technique.',
  usage: 'tocsin feed received --state DIR [--sender CODE [--issues-due DAYS --by NAME]] [--from TIME] [--to TIME]',
  examples: ['tocsin feed received --state /data --sender EXAMPLE-SOC --from 2026-07-01 --to 2027-01-01'],
  run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        state: { type: 'string' },
        sender: { type: 'string' },
        from: { type: 'string', default: '1970-01-01' },
        to: { type: 'string', default: '9999-01-01' },
        'issues-due': { type: 'string' },
        by: { type: 'string', default: '' },
      },
    })
    const [from, to] = [Date.parse(values.from), Date.parse(values.to)]
    const days = values['issues-due'] === undefined ? null : Number(values['issues-due'])
    // An issue is opened by a named person, against somebody, with a deadline (Appendix 7).
    const wrongIssue = days !== null && (!(days > 0) || values.by === '' || values.sender === undefined)
    if (wrongIssue || values.state === undefined || Number.isNaN(from) || Number.isNaN(to)) {
      io.stderr.write(`Usage: ${this.usage}\n`)
      return Promise.resolve(2)
    }
    const book = new ReceiptFile(join(values.state, 'receipts.sqlite'))
    const { items, statistics } = acceptanceOf(book.between(from, to, values.sender ?? null))
    if (days !== null && values.sender !== undefined) {
      const nowMs = createClock(io.env['TOCSIN_CLOCK_FILE']).now()
      for (const issue of issuesOf(values.sender, items, values.by, nowMs, days)) book.openIssue(values.sender, issue)
    }
    const issues = values.sender === undefined ? [] : book.issues(values.sender)
    book.close()
    // Without a sender there is nobody to test, only numbers to give.
    if (values.sender !== undefined) for (const item of items) io.stdout.write(`${JSON.stringify(item)}\n`)
    for (const issue of issues) io.stdout.write(`${JSON.stringify(issue)}\n`)
    io.stdout.write(`${JSON.stringify(statistics)}\n`)
    return Promise.resolve(values.sender !== undefined && items.some(({ passed }) => !passed) ? 1 : 0)
  },
}
