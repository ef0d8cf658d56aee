import { TocsinError } from '@tocsin/runtime'
import { z } from 'zod'
import { PROFILE_STATES } from '../upload.ts'

/** Items of the connectivity test (Appendix 5); 1-0 is the description of the test data. */
export const TEST_ITEMS = ['1-0', '1-1', '1-2', '2-1', '2-2', '2-3', '2-4'] as const
export const SEVERITIES = ['高', '中', '低', '建議'] as const
const day = z.iso.date()
const text = (max: number) => z.string().trim().min(1).max(max)
const instant = z.number().int().min(0)

const contactSchema = z.strictObject({
  kind: z.enum(['applicant', 'main', 'second']),
  name: text(100),
  department: text(200),
  phone: text(50),
  fax: z.string().max(50).default(''),
  email: z.email(),
})

const recheckSchema = z.strictObject({ day, passed: z.boolean(), tester: text(100) })

/** A problem that the platform found, with its deadline (Appendix 7). */
export const issueSchema = z.strictObject({
  issueId: z.string().regex(/^[A-Za-z0-9-]{1,40}$/),
  name: text(255),
  severity: z.enum(SEVERITIES),
  form: text(100),
  occurredOn: day,
  tester: text(100),
  description: text(4_000),
  suggestion: z.string().max(4_000).default(''),
  reference: z.string().max(1_000).default(''),
  openedAt: instant,
  dueAt: instant,
  /** Two rounds at most (Appendix 7). */
  rechecks: z.array(recheckSchema).max(2).default([]),
  closedAt: instant.nullable().default(null),
})

/** The account with the platform, from the application to its end: what Appendices 4, 5 and 7 hold (TW-2.x, TW-3.4, TW-A4.x, TW-A7). */
export const accountSchema = z.strictObject({
  organization: z.string().regex(/^[A-Za-z0-9_-]{1,40}$/),
  unit: text(255),
  oid: z.string().max(255).default(''),
  address: text(500),
  userType: z.enum(['self-built', 'provider', 'other']),
  contacts: z.array(contactSchema).min(1).max(3),
  /** Upload address and directory as the receiver gave them; the password is never here (TW-2.2c). */
  endpoint: z
    .strictObject({ address: text(255), directory: z.string().max(255), user: text(100) })
    .nullable()
    .default(null),
  passwordChannel: z.string().max(200).nullable().default(null),
  validFrom: day.nullable().default(null),
  /** null: long term. */
  validTo: day.nullable().default(null),
  consent: z
    .strictObject({
      by: text(100),
      signedOn: day,
      purpose: text(500),
      territory: text(200),
      users: text(500),
      /** End of the plan; contact data are deleted at the latest a month before (TW-A4.3). */
      planEnds: day,
      deletedOn: day.nullable().default(null),
      deletionProof: z.string().max(500).nullable().default(null),
    })
    .nullable()
    .default(null),
  /** The named person who checked the first files of this profile (TW-2.1b). */
  confirmed: z
    .strictObject({ by: text(100), at: instant })
    .nullable()
    .default(null),
  state: z.enum(PROFILE_STATES).default('test'),
  history: z
    .array(
      z.strictObject({ at: instant, by: text(100), from: z.string(), to: z.string(), reason: z.string().max(1_000) }),
    )
    .default([]),
  tests: z
    .array(
      z.strictObject({
        item: z.enum(TEST_ITEMS),
        passed: z.boolean(),
        remark: z.string().max(1_000),
        tester: text(100),
        at: instant,
      }),
    )
    .default([]),
  outcome: z
    .strictObject({ passed: z.boolean(), by: text(100), at: instant })
    .nullable()
    .default(null),
  issues: z.array(issueSchema).default([]),
})

export type Account = z.infer<typeof accountSchema>
export type Issue = Account['issues'][number]

/** What can be done to an account. Every one is by a named person. */
export type AccountAction =
  | { kind: 'confirm'; by: string }
  | { kind: 'test'; by: string; item: (typeof TEST_ITEMS)[number]; passed: boolean; remark: string }
  | { kind: 'outcome'; by: string; passed: boolean }
  | { kind: 'become'; by: string; to: Account['state'] | 'resumed'; reason: string }
  | { kind: 'open-issue'; by: string; issue: Omit<Issue, 'openedAt' | 'rechecks' | 'closedAt'> }
  | { kind: 'recheck'; by: string; issueId: string; day: string; passed: boolean }
  | { kind: 'close-issue'; by: string; issueId: string }
  | { kind: 'delete-contacts'; by: string; day: string; proof: string }

const refuse = (sentence: string): never => {
  throw new TocsinError('account_refused', sentence)
}

/** Takes the text of an account file; gives the account. Throws `TocsinError('bad_account_record')` naming the place. */
export function readAccount(text: string, path: string): Account {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new TocsinError('bad_account_record', `${path} is no JSON.`, error)
  }
  const result = accountSchema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new TocsinError(
    'bad_account_record',
    `${path} is wrong at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? ''}.`,
  )
}

/** Does one action; gives the account after it. Throws `TocsinError('account_refused')` where the SOP does not let it happen. */
export function act(account: Account, action: AccountAction, nowMs: number): Account {
  if (action.by.trim() === '') refuse('Say who does it (--by NAME): the record names a person.')
  switch (action.kind) {
    case 'confirm':
      return { ...account, confirmed: { by: action.by, at: nowMs } }
    case 'test': {
      const { item, passed, remark, by } = action
      // The latest result of an item counts.
      const tests = account.tests.filter((one) => one.item !== item)
      return { ...account, tests: [...tests, { item, passed, remark, tester: by, at: nowMs }] }
    }
    case 'outcome': {
      const open = TEST_ITEMS.filter((item) => !account.tests.some((one) => one.item === item && one.passed))
      if (action.passed && open.length > 0) refuse(`The test is not passed: ${open.join(', ')} have no OK.`)
      return { ...account, outcome: { passed: action.passed, by: action.by, at: nowMs } }
    }
    case 'become':
      return become(account, action, nowMs)
    case 'open-issue': {
      if (account.issues.some(({ issueId }) => issueId === action.issue.issueId))
        refuse(`Issue ${action.issue.issueId} exists.`)
      if (action.issue.dueAt <= nowMs) refuse('The deadline of an issue lies in the future.')
      return {
        ...account,
        issues: [...account.issues, { ...action.issue, openedAt: nowMs, rechecks: [], closedAt: null }],
      }
    }
    case 'recheck':
      return withIssue(account, action.issueId, (issue) => {
        if (issue.closedAt !== null) refuse(`Issue ${issue.issueId} is closed.`)
        if (issue.rechecks.length >= 2) refuse(`Issue ${issue.issueId} had its two rounds; open a new one.`)
        return {
          ...issue,
          rechecks: [...issue.rechecks, { day: action.day, passed: action.passed, tester: action.by }],
        }
      })
    case 'close-issue':
      return withIssue(account, action.issueId, (issue) => {
        if (issue.rechecks.at(-1)?.passed !== true)
          refuse(`Issue ${issue.issueId} cannot be closed: its last round is not 通過.`)
        return { ...issue, closedAt: issue.closedAt ?? nowMs }
      })
    case 'delete-contacts':
      return deleteContacts(account, action)
    default:
      return action satisfies never
  }
}

function become(account: Account, { by, to, reason }: AccountAction & { kind: 'become' }, at: number): Account {
  const { state, history } = account
  if (state === 'terminated') refuse('The account is terminated; a new one is applied for.')
  // A resumed account is what it was before its suspension.
  const before = history.findLast((entry) => entry.to === 'suspended')?.from as Account['state'] | undefined
  if (to === 'resumed' && (state !== 'suspended' || before === undefined))
    refuse('Only a suspended account can be resumed.')
  const next = to === 'resumed' ? (before ?? state) : to
  if (next === state) refuse(`The account is ${state} already.`)
  if (state === 'suspended' && to !== 'resumed' && to !== 'terminated')
    refuse('A suspended account is resumed or terminated.')
  if (next === 'production' && to !== 'resumed') {
    if (account.confirmed === null) refuse('Nobody has confirmed the first files of this profile (TW-2.1b).')
    if (account.outcome?.passed !== true) refuse('The connectivity test is not passed (Appendix 5).')
  }
  if (next === 'test' && state === 'production') refuse('An account in production does not go back to the test.')
  return { ...account, state: next, history: [...history, { at, by, from: state, to: next, reason }] }
}

function withIssue(account: Account, issueId: string, change: (issue: Issue) => Issue): Account {
  if (!account.issues.some((issue) => issue.issueId === issueId)) refuse(`There is no issue ${issueId}.`)
  return { ...account, issues: account.issues.map((issue) => (issue.issueId === issueId ? change(issue) : issue)) }
}

const GONE = '（已刪除）'

/** Takes personal data out and keeps the proof that it was done (TW-A4.3). */
function deleteContacts(
  account: Account,
  { day: deletedOn, proof }: AccountAction & { kind: 'delete-contacts' },
): Account {
  const { consent } = account
  if (consent === null) return refuse('There is no consent, so no personal data are held under one.')
  return {
    ...account,
    contacts: account.contacts.map(({ kind }) => ({
      kind,
      name: GONE,
      department: GONE,
      phone: GONE,
      fax: '',
      email: 'deleted@invalid.example',
    })),
    consent: { ...consent, deletedOn, deletionProof: proof },
  }
}
