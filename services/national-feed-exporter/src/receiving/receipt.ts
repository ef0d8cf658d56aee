import { idFrom, type ReceivedItem } from '@tocsin/events'
import { toCsv } from '../feeds/tw-nccst-1.3/csv.ts'
import { PROFILE } from '../feeds/tw-nccst-1.3/profile.ts'
import { taipeiTime } from '../feeds/tw-nccst-1.3/taipei-time.ts'
import type { FileKind, TakenFile } from './dropped-file.ts'
import type { Judgement } from './judge.ts'

/** A received file with the judgement on it: what the book keeps and what goes on the topic. */
export interface Receipt {
  item: ReceivedItem
  kind: FileKind
  /** First word of the reason; null when accepted. */
  fault: string | null
}

const MAX_REASON_CHARACTERS = 500

/** Id of a dropped file: the same octets under the same name from the same sender are the same item, however often they come. */
export function itemIdOf({ sender, name, sha256 }: Pick<TakenFile, 'sender' | 'name' | 'sha256'>): string {
  return idFrom(sender, name, sha256)
}

/** Makes the receipt of a file. `receivedAt`: when it was first seen, UTC ms; `exercise`: the sender has not passed its test yet. */
export function receiptOf(file: TakenFile, judgement: Judgement, receivedAt: number, exercise: boolean): Receipt {
  const accepted = judgement.verdict === 'accepted'
  return {
    kind: file.kind,
    fault: accepted ? null : judgement.fault,
    item: {
      itemId: itemIdOf(file),
      sender: file.sender,
      profile: PROFILE,
      name: file.name,
      receivedAt,
      sha256: file.sha256,
      bytes: file.bytes,
      verdict: judgement.verdict,
      reason: accepted ? null : `${judgement.fault}: ${judgement.detail}`.slice(0, MAX_REASON_CHARACTERS),
      caseFields: { ...judgement.fields },
      exercise,
      constituent: '',
      sharedCase: '',
      judgedAt: receivedAt,
    },
  }
}

/** Header of the listing that a sender finds in `answer/`. */
export const ANSWER_HEADER = ['name', 'sha256', 'bytes', 'received_at', 'verdict', 'reason'] as const

/** Name of the listing of a day (YYYYMMDD in Asia/Taipei). */
export function answerName(day: string): string {
  return `received-${day}.csv`
}

/** Takes what was received of one sender on one day; gives the listing with a hash for each file (TW-A6.2-1). */
export function answerOf(items: readonly ReceivedItem[]): string {
  return toCsv([
    ANSWER_HEADER,
    ...items.map(({ name, sha256, bytes, receivedAt, verdict, reason }) => [
      name,
      sha256,
      String(bytes),
      taipeiTime(receivedAt, 3),
      verdict,
      // One row a file: what a parser said of a hostile file may hold anything.
      (reason ?? '').replace(/\s+/g, ' '),
    ]),
  ])
}
