import { idFrom, type Notice } from '@tocsin/events'
import type { Progress } from './deliver.ts'
import { oneLine, plainText } from './text.ts'

const MINUTE_MS = 60_000
/** Messages that a receiver gets at once before what may be told together waits. */
const FREE_PER_MINUTE = 20
/** Longest that a notice waits for others. */
const LONGEST_WAIT_MS = MINUTE_MS / 2
/** Notices of one message; what is more goes into the next one. */
const MAX_MEMBERS = 50
const MAX_BODY = 90_000

const TITLES: Readonly<Record<string, (count: number) => string>> = {
  en: (count) => `${count} notices`,
  vi: (count) => `${count} thông báo`,
  kk: (count) => `${count} хабарлама`,
  ru: (count) => `Уведомления: ${count}`,
  'zh-Hant': (count) => `${count} 則通知`,
}

/** Who has been told how often in the last minute: what may wait waits for others when it is much. */
export class Pace {
  readonly #told = new Map<string, number[]>()

  /** Notes a message to a receiver. */
  told(contactId: string, nowMs: number): void {
    this.#told.set(contactId, [...this.#recent(contactId, nowMs), nowMs].slice(-FREE_PER_MINUTE))
  }

  isFull(contactId: string, nowMs: number): boolean {
    return this.#recent(contactId, nowMs).length >= FREE_PER_MINUTE
  }

  #recent(contactId: string, nowMs: number): number[] {
    const recent = (this.#told.get(contactId) ?? []).filter((at) => nowMs - at < MINUTE_MS)
    if (recent.length === 0) this.#told.delete(contactId)
    return recent
  }
}

/** Whether a notice may still wait to be told with others: its first attempt, and the law lets it. */
export function mayWait({ notice, attempts, held, members, begun }: Progress): boolean {
  return notice.groupable && attempts === 0 && held !== true && members === undefined && (begun ?? null) === null
}

/** Until when it waits: half a minute, or a quarter of the time that is left. */
export function heldUntil({ notice }: Progress, nowMs: number): number {
  const left = notice.dueAt === null ? Infinity : Math.max(0, notice.dueAt - nowMs)
  return nowMs + Math.min(LONGEST_WAIT_MS, left / 4)
}

/** What must be alike in notices that go out in one message. */
export function groupOf({ notice, contactId }: Progress): string {
  const { constituent, language, tlp, exercise, channels, recipientRole } = notice
  return JSON.stringify([contactId, constituent, recipientRole, language, tlp, exercise, channels])
}

/** Those that wait for others, as their keys by group. */
export function heldByGroup(open: ReadonlyMap<string, Progress>): Map<string, string[]> {
  const byGroup = new Map<string, string[]>()
  for (const [key, progress] of open) {
    if (progress.held !== true) continue
    const group = groupOf(progress)
    const keys = byGroup.get(group)
    if (keys === undefined) byGroup.set(group, [key])
    else keys.push(key)
  }
  return byGroup
}

/** Takes the first of a group's `keys` that make one message; none where that would be a single one. */
export function takeTogether(keys: string[], open: ReadonlyMap<string, Progress>): [string, Progress][] {
  const waiting = keys.splice(0, MAX_MEMBERS).flatMap((key): [string, Progress][] => {
    const progress = open.get(key)
    return progress?.held === true ? [[key, progress]] : []
  })
  const fit = membersThatFit(waiting.map(([, { notice }]) => notice))
  const taken = fit < 2 ? [] : waiting.slice(0, fit)
  keys.unshift(...waiting.slice(taken.length).map(([key]) => key))
  return taken
}

/** How many notices, from the first, one message tells in full, so that its record is bounded too. */
function membersThatFit(waiting: readonly Notice[]): number {
  let characters = 0
  let count = 0
  for (const { subject, body } of waiting) {
    characters += subject.length + body.length
    if (count > 0 && characters > MAX_BODY) break
    count++
  }
  return count
}

/** One message for several notices of one group: each is listed with its number, then told in full as far as there is room. */
export function digestOf(members: readonly Notice[]): Notice {
  const [first] = members
  if (first === undefined) throw new RangeError('A digest has members.')
  const dues = members.flatMap(({ dueAt }) => (dueAt === null ? [] : [dueAt]))
  const title = (TITLES[first.language] ?? TITLES['en'])?.(members.length) ?? ''
  const list = members.map(
    ({ subject, noticeId }, index) => `${index + 1}. ${oneLine(subject)} [${noticeId.slice(0, 12)}]`,
  )
  const whole = members.map(
    ({ subject, body }, index) => `${index + 1}. ${oneLine(subject)}\n\n${plainText(body).trimEnd()}`,
  )
  return {
    ...first,
    noticeId: idFrom('digest', first.contactId ?? first.recipientRole, ...members.map(({ noticeId }) => noticeId)),
    caseId: members.every(({ caseId }) => caseId === first.caseId) ? first.caseId : null,
    clockId: members.find(({ clockId }) => clockId !== null)?.clockId ?? null,
    requirementIds: [...new Set(members.flatMap(({ requirementIds }) => requirementIds))],
    createdAt: Math.min(...members.map(({ createdAt }) => createdAt)),
    dueAt: dues.length === 0 ? null : Math.min(...dues),
    subject: `${title}: ${oneLine(first.subject)}`.slice(0, 200),
    body: cutAtLine([list.join('\n'), ...whole].join('\n\n———\n\n')),
    fields: { notices: String(members.length), noticeIds: members.map(({ noticeId }) => noticeId).join(' ') },
    attachments: [...new Set(members.flatMap(({ attachments }) => attachments))],
  }
}

function cutAtLine(text: string): string {
  if (text.length <= MAX_BODY) return `${text}\n`
  return `${text.slice(0, text.lastIndexOf('\n', MAX_BODY))}\n…\n`
}
