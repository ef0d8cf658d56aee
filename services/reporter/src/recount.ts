import type { DailyFact, RecordOf } from '@tocsin/events'
import { TaskStores } from '@tocsin/stage'
import { FactBook } from './fact-book.ts'
import { Facts } from './facts.ts'
import type { World } from './law.ts'
import { type FactTopic, takeRecord } from './reporter.ts'

/** One record of a topic that facts are made from. */
export type FactRecord = { [Topic in FactTopic]: { topic: Topic; value: RecordOf<Topic> } }[FactTopic]

/** Counts the facts anew from whole topics; the same records give the same facts in whatever order the topics come. */
export function recount(world: World, records: Iterable<FactRecord>, nowMs: number): DailyFact[] {
  const stores = new TaskStores()
  const book = new FactBook(stores.store('facts'))
  const facts = new Facts(book, stores.store('memos'), world)
  for (const record of records) takeRecord(facts, record, nowMs)
  return [...book.facts()]
}
