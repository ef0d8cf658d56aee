import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Ticket } from '@tocsin/events'
import { printPdf } from '@tocsin/print'
import { type Command, type CommandIo, createClock, TocsinError } from '@tocsin/runtime'
import type { Account } from './account/account.ts'
import { loadAccount } from './adapters/account-file.ts'
import { readLines, readRegistry, readText, writeOctets } from './adapters/feed-files.ts'
import { readLedgerOnce } from './adapters/ledger.ts'
import { delaysOf } from './feeds/tw-nccst-1.3/audit.ts'
import { buildLists, readServiceList } from './feeds/tw-nccst-1.3/lists.ts'
import { testProgress } from './feeds/tw-nccst-1.3/progress.ts'
import { applicationForm, REQUESTS } from './forms/application-form.ts'
import { checkForm } from './forms/check-form.ts'
import { docxOf } from './forms/docx.ts'
import type { Form } from './forms/form.ts'
import { htmlOf } from './forms/html.ts'
import { issueForm } from './forms/issue-form.ts'
import { type Evidence, testForm } from './forms/test-form.ts'
import type { SelfCheck } from './self-check.ts'

const OPTIONS = {
  file: { type: 'string' },
  out: { type: 'string', default: '.' },
  as: { type: 'string', default: 'docx,pdf' },
  request: { type: 'string', default: 'new' },
  registry: { type: 'string' },
  ledger: { type: 'string' },
  check: { type: 'string', default: '' },
  issue: { type: 'string', default: '' },
  officer: { type: 'string', default: '' },
  browser: { type: 'string', default: '/usr/bin/chromium' },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

/** `tocsin feed form`: Appendices 4 to 7 from the account, the ledger and the self-checks. */
export const form: Command = {
  name: 'feed form',
  summary: 'Make the forms of Appendices 4 to 7 as DOCX and PDF from data.',
  usage:
    'tocsin feed form 4|5|6|7 --file ACCOUNT [--request KIND --registry FILE] [--ledger FILE] [--check FILE --officer NAME] [--issue ID] [--as docx,pdf,html] [--out DIR]',
  examples: [
    'tocsin feed form 4 --file account.json --registry registry.json --request new',
    'tocsin feed form 5 --file account.json',
    'tocsin feed form 6 --file account.json --check self-checks/2026H2.json --officer "Lin Mei"',
    'tocsin feed form 7 --file account.json --issue 7',
  ],
  async run(args, io) {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
    const make = MAKERS[positionals[0] ?? '']
    const kinds = values.as.split(',')
    if (
      make === undefined ||
      values.file === undefined ||
      !kinds.every((kind) => ['docx', 'pdf', 'html'].includes(kind))
    ) {
      io.stderr.write(`Usage: ${this.usage}\n`)
      return 2
    }
    const made = await make(loadAccount(values.file), values, io)
    const html = htmlOf(made)
    for (const kind of kinds) {
      const name = `appendix-${made.appendix}.${kind}`
      const octets =
        kind === 'docx' ? await docxOf(made) : kind === 'pdf' ? await printed(values.browser, html) : Buffer.from(html)
      writeOctets(values.out, name, octets)
      io.stdout.write(`${JSON.stringify({ file: join(values.out, name), bytes: octets.length })}\n`)
    }
    return 0
  },
}

/** Throws `pdf_failed` where there is no browser to print with. */
async function printed(browser: string, html: string): Promise<Buffer> {
  const pdf = await printPdf(browser, html)
  if (pdf !== null) return pdf
  throw new TocsinError(
    'pdf_failed',
    `There is no browser at ${browser} to print with; ask for docx or html, or name one with --browser.`,
  )
}

const MAKERS: Readonly<Record<string, (account: Account, values: Values, io: CommandIo) => Promise<Form> | Form>> = {
  '4': (account, { request, registry }, io) => {
    if (!isRequest(request))
      throw new TocsinError('form_refused', `--request is one of ${Object.keys(REQUESTS).join(', ')}.`)
    const { constituents = [], ruleSets = [] } = registry === undefined ? {} : readRegistry(registry)
    const { services } = buildLists(account.organization, constituents, ruleSets)
    return applicationForm(
      account,
      request,
      readServiceList(services.content),
      createClock(io.env['TOCSIN_CLOCK_FILE']).now(),
    )
  },
  '5': async (account, { ledger }, io) => {
    const records =
      ledger === undefined ? (await readLedgerOnce(io.env)).tickets : await readLines<Ticket>(ledger, io.stdin)
    const tickets = [...new Map(records.map((ticket) => [ticket.ticketId, ticket])).values()]
    const sent = tickets.filter(({ state }) => state === 'uploaded' || state === 'sent-unverified')
    const progress = testProgress(tickets)
    // TW-2.3e: the form is asked for after a day of test data or one test event without error.
    if (!progress.ready)
      throw new TocsinError(
        'form_refused',
        'Nothing was uploaded yet; Appendix 5 is asked for after one test event without error.',
      )
    return testForm(account, evidenceOf(tickets, sent), progress, {
      from: Math.min(...sent.map(({ issuedAt }) => issuedAt)),
      to: Math.max(...sent.map(({ stateAt }) => stateAt)),
    })
  },
  '6': (account, { check, officer }) => {
    if (check === '')
      throw new TocsinError('form_refused', 'Name the stored self-check with --check (self-checks/2026H2.json).')
    return checkForm(account, JSON.parse(readText(check)) as SelfCheck, officer)
  },
  '7': (account, { issue: id }) => {
    const issue = account.issues.find(({ issueId }) => issueId === id)
    if (issue === undefined) throw new TocsinError('form_refused', `The account has no issue "${id}".`)
    return issueForm(account, issue)
  },
}

const isRequest = (text: string): text is keyof typeof REQUESTS => Object.hasOwn(REQUESTS, text)

/** What our own ledger proves for the items that it can prove. */
function evidenceOf(tickets: readonly Ticket[], sent: readonly Ticket[]): Evidence {
  const { worstMinutes, late } = delaysOf(sent)
  const lateCount = Object.values(late).reduce((sum, count) => sum + count, 0)
  const held = tickets.filter(({ state }) => state === 'quarantined').length
  const verified = sent.filter(({ state }) => state === 'uploaded').length
  return {
    '2-1': `已上傳 ${sent.length} 個檔案，其中 ${verified} 個大小相符，附 SHA-256 清單`,
    '2-2': `最晚 ${worstMinutes} 分鐘，逾 1 小時 ${lateCount} 張`,
    '2-3': `上傳前逐檔驗證，未通過者 ${held} 張均未上傳`,
    '2-4': `${sent.length} 張之機關名稱與 OID 均與服務清單相符`,
  }
}
