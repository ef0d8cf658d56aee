import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { ReceivedItem } from '@tocsin/events'
import { InboxFolder, SETTLED_AFTER_MS } from '../../src/adapters/inbox-folder.ts'
import { ReceiptFile } from '../../src/adapters/receipt-file.ts'
import { fromCsv } from '../../src/feeds/tw-nccst-1.3/csv.ts'
import { buildLists } from '../../src/feeds/tw-nccst-1.3/lists.ts'
import { cutTicket } from '../../src/feeds/tw-nccst-1.3/ticket.ts'
import { Receiver } from '../../src/receiving/receiver.ts'
import type { Sender } from '../../src/receiving/senders.ts'
import { constituent, defaultLists, defaultRuleSet, detection, NOW, profile, source, validator } from '../fixtures.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-receiving-'))
const schema = validator()
const books: ReceiptFile[] = []
after(() => {
  for (const book of books) book.close()
  schema.dispose()
  rmSync(base, { recursive: true })
})

let worlds = 0

export const sender = (changes: Partial<Sender> = {}): Sender => ({
  sender: 'EXAMPLE-SOC',
  name: 'Example SOC',
  directory: 'example',
  state: 'production',
  notice: '',
  ...changes,
})

/** A receiver on real folders and a real book, its topic kept in memory; `kill` is the death of the process, `start` its successor. */
export function receiverWorld({ root = join(base, String(worlds++), 'root') }: { root?: string } = {}) {
  const own = `${root}-own`
  for (const folder of ['example/incident', 'example/attachment']) mkdirSync(join(root, folder), { recursive: true })
  mkdirSync(own, { recursive: true })
  const published: ReceivedItem[] = []
  let senders: readonly Sender[] = [sender()]
  let nowMs = NOW
  let fails: (step: string) => boolean = () => false
  const dying = (step: string): void => {
    if (fails(step)) throw new Error(`killed before ${step}`)
  }
  const open = () => {
    const book = new ReceiptFile(join(own, 'receipts.sqlite'))
    books.push(book)
    const inbox = new InboxFolder(root, own)
    return new Receiver({
      senders: () => senders,
      inbox: stepped(inbox, 'inbox', dying),
      book: stepped(book, 'book', dying),
      validator: schema,
      publish: (item) => {
        dying('publish')
        published.push(item)
        return Promise.resolve()
      },
    })
  }
  let receiver = open()
  return {
    root,
    published,
    /** Record of each item as it stands last on the topic. */
    items: () => new Map(published.map((item) => [item.name, item])),
    become: (next: readonly Sender[]) => {
      senders = next
    },
    drop(path: string, content: string | Buffer, directory = 'example') {
      writeFileSync(join(root, directory, path), content)
    },
    /** Two looks with the time between them in which a file settles. */
    async pass() {
      await receiver.pass(nowMs)
      nowMs += SETTLED_AFTER_MS
      return receiver.pass(nowMs)
    },
    look: () => receiver.pass(nowMs),
    dieBefore(where: (step: string) => boolean) {
      fails = where
    },
    restart() {
      fails = () => false
      receiver = open()
    },
    left: (folder = 'example/incident') => readdirSync(join(root, folder)),
    answers(directory = 'example'): string[][] {
      const folder = join(root, directory, 'answer')
      if (!existsSync(folder)) return []
      return readdirSync(folder)
        .filter((name) => name.endsWith('.csv'))
        .flatMap((name) => fromCsv(readFileSync(join(folder, name), 'utf8')).slice(1))
    },
    notices: () => readdirSync(join(root, 'example/answer')).filter((name) => name.startsWith('notice-')),
    advance: (ms: number) => {
      nowMs += ms
    },
  }
}

/** Every call of a method is a step at which the process may die. */
function stepped<Target extends object>(target: Target, name: string, dying: (step: string) => void): Target {
  return new Proxy(target, {
    get(object, property) {
      const value: unknown = Reflect.get(object, property, object)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        dying(`${name}.${String(property)}`)
        return (value as (...args: unknown[]) => unknown).apply(object, args)
      }
    },
  })
}

export const lists = () => buildLists(profile.organization, [constituent()], [defaultRuleSet()])

/** File of a ticket of the example sender. */
export function ticketXml(eventId: string, changes: Parameters<typeof detection>[0] = {}): string {
  return cut(eventId, changes).ticket.xml
}

export function cut(eventId: string, changes: Parameters<typeof detection>[0] = {}) {
  return cutTicket(
    {
      eventId,
      number: 1,
      baseEventId: null,
      caseId: 'case-1',
      detection: detection(changes),
      constituent: constituent(),
      source: source(),
    },
    NOW,
    { profile, validator: schema, lists: defaultLists().index },
  )
}

/** Puts both lists of the example sender into its home. */
export function dropLists(world: ReturnType<typeof receiverWorld>): void {
  const { services, rules } = lists()
  for (const list of [services, rules]) world.drop(list.name, list.content)
}
