import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, type Log, messageOf } from '@tocsin/runtime'
import type { Publisher } from '@tocsin/stage/kafka'
import type { SchemaValidator } from '../feeds/tw-nccst-1.3/validate.ts'
import { type BodyByOid, withCase } from '../receiving/received-case.ts'
import { Receiver } from '../receiving/receiver.ts'
import { loadSenders, type Sender } from '../receiving/senders.ts'
import { InboxFolder } from './inbox-folder.ts'
import { ReceiptFile } from './receipt-file.ts'

/** Where files are dropped and what is needed to take them. */
export interface ReceivingSettings {
  /** Root of the FTPS server: each sender's home is a folder in it. */
  root: string
  /** Our own folder, on the same file system. */
  stateDir: string
  sendersFile: string
  everyMs: number
}

/**
 * Looks for dropped files until the stop. A pass that fails (disk, file of senders) is said once and tried again; nothing that was
 * not finished is lost.
 */
export async function receiveUntil(
  signal: AbortSignal,
  settings: ReceivingSettings,
  {
    clock,
    log,
    validator,
    publisher,
    bodyOf,
  }: { clock: Clock; log: Log; validator: SchemaValidator; publisher: Publisher; bodyOf: BodyByOid },
): Promise<void> {
  mkdirSync(settings.stateDir, { recursive: true, mode: 0o700 })
  const book = new ReceiptFile(join(settings.stateDir, 'receipts.sqlite'))
  const receiver = new Receiver({
    senders: sendersOf(settings.sendersFile),
    inbox: new InboxFolder(settings.root, settings.stateDir),
    book,
    validator,
    publish: (judged) => {
      const item = { ...withCase(judged, bodyOf), judgedAt: clock.now() }
      return publisher.send({ topic: 'received-items', key: item.constituent || item.itemId, value: item })
    },
  })
  let said = ''
  while (!signal.aborted) {
    try {
      const count = await receiver.pass(clock.now())
      said = ''
      if (count.accepted + count.rejected + count.quarantined > 0) log.info(count, 'files received')
    } catch (error) {
      const message = messageOf(error)
      if (message !== said) log.error({ code: 'receiving_failed', err: error }, `Receiving stands still: ${message}`)
      said = message
    }
    await pause(settings.everyMs, undefined, { signal }).catch(() => undefined)
  }
  book.close()
}

/** Reads the file of senders anew when it has changed: a suspension holds from the next pass on. */
function sendersOf(path: string): () => readonly Sender[] {
  let read = ''
  let senders: readonly Sender[] = []
  return () => {
    const text = readFileSync(path, 'utf8')
    if (text !== read) {
      senders = loadSenders(text)
      read = text
    }
    return senders
  }
}
