import type { ReceivedItem } from '@tocsin/events'
import { ListIndex, type ListRow } from '../feeds/tw-nccst-1.3/lists.ts'
import type { SchemaValidator } from '../feeds/tw-nccst-1.3/validate.ts'
import { FILE_KINDS, type FileKind, type TakenFile } from './dropped-file.ts'
import { type Judgement, judge, type SenderKnowledge } from './judge.ts'
import { answerName, answerOf, itemIdOf, type Receipt, receiptOf } from './receipt.ts'
import { isTaken, type Sender } from './senders.ts'

/** The folders of the senders, and the place where taken files are kept. */
export interface Inbox {
  /**
   * Moves finished files of a sender out of its folder and gives them, what an earlier run had taken and not yet finished
   * first. At most `limit`.
   */
  take(sender: Sender, kind: FileKind, limit: number, nowMs: number): TakenFile[]
  /** Puts a taken file into the archive, durable. A second time is harmless. */
  archive(file: TakenFile): void
  /** Reads a file from the archive. */
  archived(receipt: Receipt): TakenFile | null
  /** Puts a text into the sender's `answer/` folder, whole or not at all. */
  answer(sender: Sender, name: string, content: string): void
}

/** What was received, durable before anything is said about it. */
export interface ReceiptBook {
  find(itemId: string): Receipt | undefined
  save(receipt: Receipt, rows: readonly ListRow[] | null): void
  /** Receipts whose record Kafka has not acknowledged yet. */
  unpublished(): Receipt[]
  markPublished(itemId: string): void
  quarantined(sender: string): Receipt[]
  /** Days (YYYYMMDD in Asia/Taipei) on which something was received or judged again that the sender was not told. */
  unansweredDays(sender: string): string[]
  receivedOn(sender: string, day: string): ReceivedItem[]
  markAnswered(sender: string, day: string): void
  lists(sender: string): { services: readonly ListRow[]; rules: readonly ListRow[] } | null
  acceptedHash(sender: string, eventId: string): string | null
  hasAttachment(sender: string, name: string): boolean
  /** Remembers the state of an account; gives the state before, or null when it is new. */
  changeState(sender: string, state: string, at: number): string | null
}

/** What receiving needs. */
export interface ReceiverParts {
  senders: () => readonly Sender[]
  inbox: Inbox
  book: ReceiptBook
  validator: SchemaValidator
  /** Resolves when Kafka has acknowledged the record. */
  publish(item: ReceivedItem): Promise<void>
}

/** What one pass did. */
export interface PassCount {
  accepted: number
  rejected: number
  quarantined: number
  /** Files that were received before, octet by octet. */
  repeated: number
}

/** Files of one sender and kind in one pass: a flood of one does not hold up the others. */
export const FILES_PER_PASS = 200

/**
 * The receiving half (TW-P1). A file is taken out of the sender's folder, archived, written into the book, published, and
 * answered, in this order: a process that dies between any two steps goes on where it was, and the item's id, made from sender, name
 * and hash, keeps a repeat from counting twice.
 */
export class Receiver {
  readonly #parts: ReceiverParts
  readonly #begun = new Set<string>()

  constructor(parts: ReceiverParts) {
    this.#parts = parts
  }

  /** Takes what lies there; gives what became of it. Errors of the disk or of Kafka end the pass and leave everything for the next. */
  async pass(nowMs: number): Promise<PassCount> {
    const count: PassCount = { accepted: 0, rejected: 0, quarantined: 0, repeated: 0 }
    await this.#publish()
    for (const sender of this.#parts.senders()) {
      this.#tellState(sender, nowMs)
      if (isTaken(sender.state)) await this.#passOf(sender, nowMs, count)
    }
    return count
  }

  async #passOf(sender: Sender, nowMs: number, count: PassCount): Promise<void> {
    const { inbox, book } = this.#parts
    // After a start too: the process may have ended between a list and what waited for it.
    let judgeAgain = !this.#begun.has(sender.sender)
    this.#begun.add(sender.sender)
    // Lists and attachments before the tickets that cite them.
    for (const kind of FILE_KINDS) {
      const files = inbox.take(sender, kind, FILES_PER_PASS, nowMs)
      // The lists are looked up anew where they may have changed, not once a file.
      const knowledge = this.#knowledgeOf(sender.sender)
      for (const file of files) {
        if (book.find(itemIdOf(file)) === undefined) {
          const judgement = judge(file, knowledge, this.#parts.validator)
          this.#save(receiptOf(file, judgement, nowMs, sender.state === 'test'), judgement, count)
        } else count.repeated++
        inbox.archive(file)
      }
      judgeAgain ||= files.length > 0 && kind !== 'incident'
    }
    if (judgeAgain) this.#judgeAgain(sender, count)
    await this.#publish()
    for (const day of book.unansweredDays(sender.sender)) {
      inbox.answer(sender, answerName(day), answerOf(book.receivedOn(sender.sender, day)))
      book.markAnswered(sender.sender, day)
    }
  }

  /** After a list or an attachment came, what waited for it is judged again; it keeps its id and the instant of its receipt. */
  #judgeAgain({ sender }: Sender, count: PassCount): void {
    const { inbox, book, validator } = this.#parts
    const knowledge = this.#knowledgeOf(sender)
    for (const held of book.quarantined(sender)) {
      const file = inbox.archived(held)
      if (file === null) continue
      const judgement = judge(file, knowledge, validator)
      const { receivedAt, exercise } = held.item
      if (judgement.verdict !== 'quarantined')
        this.#save(receiptOf(file, judgement, receivedAt, exercise), judgement, count)
    }
  }

  #save(receipt: Receipt, judgement: Judgement, count: PassCount): void {
    this.#parts.book.save(receipt, judgement.verdict === 'accepted' ? (judgement.rows ?? null) : null)
    count[judgement.verdict]++
  }

  async #publish(): Promise<void> {
    const { book } = this.#parts
    for (const { item } of book.unpublished()) {
      await this.#parts.publish(item)
      book.markPublished(item.itemId)
    }
  }

  /** A sender whose account changed finds a notice beside its answers (TW-3.5). */
  #tellState({ sender, state, notice, ...rest }: Sender, nowMs: number): void {
    const before = this.#parts.book.changeState(sender, state, nowMs)
    if (before === null || before === state) return
    const text = `${sender}: ${before} -> ${state}\n${notice}\n`
    this.#parts.inbox.answer({ sender, state, notice, ...rest }, `notice-${nowMs}-${state}.txt`, text)
  }

  #knowledgeOf(sender: string): SenderKnowledge {
    const { book } = this.#parts
    const lists = book.lists(sender)
    return {
      lists: lists === null ? null : new ListIndex(lists.services, lists.rules),
      hasAttachment: (name) => book.hasAttachment(sender, name),
      acceptedHash: (eventId) => book.acceptedHash(sender, eventId),
    }
  }
}
