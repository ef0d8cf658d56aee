import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Command } from '@tocsin/runtime'
import { ReceiptFile } from './adapters/receipt-file.ts'
import { acceptanceOf } from './receiving/acceptance.ts'

/** `tocsin feed received`: what a sender sent, tested as Appendix 5 asks, and the national trends (TW-P2). */
export const received: Command = {
  name: 'feed received',
  summary: 'Test what a sender sent (Appendix 5) and count what was received by agency, class and technique.',
  usage: 'tocsin feed received --state DIR [--sender CODE] [--from TIME] [--to TIME]',
  examples: ['tocsin feed received --state /data --sender EXAMPLE-SOC --from 2026-07-01 --to 2027-01-01'],
  run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        state: { type: 'string' },
        sender: { type: 'string' },
        from: { type: 'string', default: '1970-01-01' },
        to: { type: 'string', default: '9999-01-01' },
      },
    })
    const [from, to] = [Date.parse(values.from), Date.parse(values.to)]
    if (values.state === undefined || Number.isNaN(from) || Number.isNaN(to)) {
      io.stderr.write(`Usage: ${this.usage}\n`)
      return Promise.resolve(2)
    }
    const book = new ReceiptFile(join(values.state, 'receipts.sqlite'))
    const { items, statistics } = acceptanceOf(book.between(from, to, values.sender ?? null))
    book.close()
    // Without a sender there is nobody to test, only numbers to give.
    if (values.sender !== undefined) for (const item of items) io.stdout.write(`${JSON.stringify(item)}\n`)
    io.stdout.write(`${JSON.stringify(statistics)}\n`)
    return Promise.resolve(values.sender !== undefined && items.some(({ passed }) => !passed) ? 1 : 0)
  },
}
