import { type Delivery, idFrom } from '@tocsin/events'
import type { Output } from '@tocsin/stage'
import type { Lists } from './feeds/tw-nccst-1.3/lists.ts'
import { healthEvent } from './health-event.ts'
import type { ExporterState } from './state.ts'
import type { SendResult, Transport } from './transport.ts'
import { backOffMs, type ProfileState } from './upload.ts'

/** Sent again at least this often though nothing changed (TW-A2.2, ours: monthly). */
export const RESEND_AFTER_MS = 30 * 86_400_000

/** Uploads under way in this process, by list version: its tasks share them. */
export type SharedUploads = Map<string, Promise<SendResult>>

/** What the lists need. */
export interface ListDeskParts {
  organization: string
  profileState: () => ProfileState
  transport: Transport
  lists: () => Lists
  shared: SharedUploads
  /** Keeps a copy of what the server took: old versions can be shown (TW-A2.2). */
  keepLists?: (lists: Lists, at: number) => void
}

/**
 * Keeps both lists on the server, before any ticket (TW-2.3a, TW-2.3b). Each task holds the order for itself: it opens its
 * gate only when the present version is on the server, so a rule that is new is in the table there before the first ticket
 * that cites it (TW-A3.3).
 */
export class ListDesk {
  readonly #parts: ListDeskParts
  readonly #state: ExporterState
  #sending: string | null = null
  #result: { version: string; result: SendResult; own: boolean } | null = null
  #failures = 0
  #retryAt = 0
  #blocked: string | null = null

  constructor(parts: ListDeskParts, state: ExporterState) {
    this.#parts = parts
    this.#state = state
  }

  /** True when the server has the lists as they are now. */
  uploaded(): boolean {
    const { address } = this.#parts.transport
    // A version with problems is never sent, so it is never the one that stands there.
    return this.#state.lists.get(address)?.version === this.#parts.lists().version
  }

  tick(nowMs: number): Output[] {
    const outputs: Output[] = []
    this.#takeResult(nowMs, outputs)
    const lists = this.#parts.lists()
    if (lists.problems.length > 0) {
      if (this.#blocked !== lists.version) outputs.push(blockedAlarm(lists, nowMs))
      this.#blocked = lists.version
      return outputs
    }
    this.#blocked = null
    const last = this.#state.lists.get(this.#parts.transport.address)
    const due = last === undefined || last.version !== lists.version || nowMs - last.at > RESEND_AFTER_MS
    const profileState = this.#parts.profileState()
    const open = profileState === 'test' || profileState === 'production'
    if (due && open && this.#sending === null && nowMs >= this.#retryAt) this.#send(lists)
    return outputs
  }

  #send(lists: Lists): void {
    const { shared, transport } = this.#parts
    this.#sending = lists.version
    const running = shared.get(lists.version)
    const sent =
      running ??
      transport.send({
        id: `lists ${lists.version}`,
        files: [lists.services, lists.rules].map((file) => ({
          path: file.name,
          content: Buffer.from(file.content),
          replaces: true,
        })),
      })
    shared.set(lists.version, sent)
    void sent.then((result) => {
      if (result.kind !== 'delivered') shared.delete(lists.version)
      else if (running === undefined) this.#parts.keepLists?.(lists, result.at)
      this.#result = { version: lists.version, result, own: running === undefined }
      this.#sending = null
    })
  }

  #takeResult(nowMs: number, outputs: Output[]): void {
    const taken = this.#result
    if (taken === null) return
    this.#result = null
    const { version, result, own } = taken
    if (result.kind === 'delivered') {
      this.#failures = 0
      this.#state.lists.set(this.#parts.transport.address, { version, at: result.at })
      if (nowMs - result.at > RESEND_AFTER_MS / 2) this.#parts.shared.delete(version)
    } else if (result.kind === 'failed') {
      this.#failures++
      this.#retryAt = nowMs + backOffMs(this.#failures)
    } else this.#retryAt = result.retryAt
    if (own && result.kind !== 'not-tried') {
      outputs.push({
        topic: 'deliveries',
        key: this.#parts.organization,
        value: deliveryOf(this.#parts, version, this.#failures + 1, result),
      })
    }
  }
}

function blockedAlarm(lists: Lists, nowMs: number): Output {
  return healthEvent('lists_blocked', lists.version, null, nowMs, {
    level: 'critical',
    message: `The lists are not published and tickets wait: ${lists.problems.slice(0, 5).join(' ')}`,
  })
}

function deliveryOf(
  { organization, transport }: ListDeskParts,
  version: string,
  attempt: number,
  result: Exclude<SendResult, { kind: 'not-tried' }>,
): Delivery {
  const delivered = result.kind === 'delivered'
  return {
    deliveryId: idFrom('lists', version, transport.address, result.at),
    noticeId: null,
    contactId: null,
    digestId: null,
    subjectId: `lists ${version}`,
    caseId: null,
    constituent: organization,
    recipientRole: 'nccst',
    exercise: false,
    channel: 'ftps',
    address: transport.address,
    attempt,
    state: !delivered ? 'retrying' : result.verified ? 'delivered' : 'sent-unverified',
    at: result.at,
    startedAt: result.startedAt,
    reply: result.reply.slice(0, 512),
    proof: delivered ? (result.verified ? 'size check' : 'reply 226') : null,
    sha256: version,
    bytes: null,
    clockId: null,
    errorCode: delivered ? null : result.code,
  }
}
