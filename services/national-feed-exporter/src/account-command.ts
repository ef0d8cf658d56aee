import { parseArgs } from 'node:util'
import { type Command, createClock, TocsinError } from '@tocsin/runtime'
import { type Account, type AccountAction, act, readAccount, SEVERITIES, TEST_ITEMS } from './account/account.ts'
import { loadAccount, saveAccount } from './adapters/account-file.ts'
import { readText } from './adapters/feed-files.ts'

const OPTIONS = {
  file: { type: 'string' },
  from: { type: 'string' },
  by: { type: 'string', default: '' },
  reason: { type: 'string', default: '' },
  item: { type: 'string', default: '' },
  passed: { type: 'boolean', default: false },
  remark: { type: 'string', default: '' },
  issue: { type: 'string', default: '' },
  name: { type: 'string', default: '' },
  severity: { type: 'string', default: '中' },
  form: { type: 'string', default: '定期檢測' },
  occurred: { type: 'string', default: '' },
  description: { type: 'string', default: '' },
  suggestion: { type: 'string', default: '' },
  reference: { type: 'string', default: '' },
  due: { type: 'string', default: '' },
  day: { type: 'string', default: '' },
  proof: { type: 'string', default: '' },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

/** What each word does. The password has no word: it goes into the secret store by another way than address and account (TW-2.2c). */
const VERBS: Readonly<Record<string, (values: Values) => AccountAction>> = {
  confirm: ({ by }) => ({ kind: 'confirm', by }),
  test: ({ by, item, passed, remark }) => ({
    kind: 'test',
    by,
    item: oneOf(TEST_ITEMS, item, '--item'),
    passed,
    remark,
  }),
  outcome: ({ by, passed }) => ({ kind: 'outcome', by, passed }),
  production: ({ by, reason }) => ({ kind: 'become', by, to: 'production', reason }),
  suspend: ({ by, reason }) => ({ kind: 'become', by, to: 'suspended', reason }),
  resume: ({ by, reason }) => ({ kind: 'become', by, to: 'resumed', reason }),
  terminate: ({ by, reason }) => ({ kind: 'become', by, to: 'terminated', reason }),
  'open-issue': (values) => ({
    kind: 'open-issue',
    by: values.by,
    issue: {
      issueId: values.issue,
      name: values.name,
      severity: oneOf(SEVERITIES, values.severity, '--severity'),
      form: values.form,
      occurredOn: values.occurred,
      tester: values.by,
      description: values.description,
      suggestion: values.suggestion,
      reference: values.reference,
      dueAt: Date.parse(`${values.due}T24:00:00+08:00`),
    },
  }),
  recheck: ({ by, issue, day, passed }) => ({ kind: 'recheck', by, issueId: issue, day, passed }),
  'close-issue': ({ by, issue }) => ({ kind: 'close-issue', by, issueId: issue }),
  'delete-contacts': ({ by, day, proof }) => ({ kind: 'delete-contacts', by, day, proof }),
}

function oneOf<Value extends string>(values: readonly Value[], text: string, option: string): Value {
  const found = values.find((value) => value === text)
  if (found !== undefined) return found
  throw new TocsinError('account_refused', `${option} is one of ${values.join(', ')}; it was "${text}".`)
}

/** `tocsin feed account`: the life of the account with the platform. */
export const account: Command = {
  name: 'feed account',
  summary: 'Keep the account with the platform: confirmation, test results, states, issues, consent.',
  usage: `tocsin feed account VERB --file FILE [--by NAME] [options]

  show                             prints the record
  init --from FILE                 begins it from an application
  confirm, production, suspend, resume, terminate   [--reason TEXT]
  test --item ITEM [--passed] [--remark TEXT]; outcome [--passed]   ITEM: ${TEST_ITEMS.join(', ')}
  open-issue --issue ID --name TEXT --occurred DAY --due DAY [--severity ${SEVERITIES.join('|')}] [--form TEXT]
             [--description TEXT] [--suggestion TEXT] [--reference TEXT]
  recheck --issue ID --day DAY [--passed]; close-issue --issue ID
  delete-contacts --day DAY --proof TEXT`,
  examples: [
    'tocsin feed account init --file account.json --from application.json',
    'tocsin feed account confirm --file account.json --by "Lin Mei"',
    'tocsin feed account test --file account.json --by "Lin Mei" --item 2-3 --passed',
    'tocsin feed account suspend --file account.json --by "Lin Mei" --reason "issue 7 overdue"',
    'tocsin feed account recheck --file account.json --by "Lin Mei" --issue 7 --day 2026-11-20 --passed',
  ],
  run(args, io) {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
    const [verb = ''] = positionals
    const nowMs = createClock(io.env['TOCSIN_CLOCK_FILE']).now()
    if (values.file === undefined || positionals.length !== 1) return usage(this.usage)
    let record: Account
    if (verb === 'show') record = loadAccount(values.file)
    else if (verb === 'init' && values.from !== undefined) record = readAccount(readText(values.from), values.from)
    else if (Object.hasOwn(VERBS, verb)) {
      const action = VERBS[verb]?.(values)
      if (action === undefined) return usage(this.usage)
      // Written back through the same schema: a wrong date or an empty text never reaches the file.
      record = readAccount(JSON.stringify(act(loadAccount(values.file), action, nowMs)), `feed account ${verb}`)
    } else return usage(this.usage)
    if (verb !== 'show') saveAccount(values.file, record)
    io.stdout.write(`${JSON.stringify(record)}\n`)
    return Promise.resolve(0)

    function usage(text: string): Promise<number> {
      io.stderr.write(`Usage: ${text}\n`)
      return Promise.resolve(2)
    }
  },
}
