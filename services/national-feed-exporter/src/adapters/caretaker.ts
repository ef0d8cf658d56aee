import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, type Log, messageOf } from '@tocsin/runtime'
import type { Kafka, Publisher } from '@tocsin/stage/kafka'
import type { Account } from '../account/account.ts'
import { alarmsOf } from '../account/account-alarms.ts'
import type { FoundFile } from '../feeds/tw-nccst-1.3/audit.ts'
import type { Lists } from '../feeds/tw-nccst-1.3/lists.ts'
import { type HealthCode, healthEvent } from '../health-event.ts'
import { lastHalfYear, selfCheck, selfCheckSentence } from '../self-check.ts'
import { readLedger } from './ledger.ts'

/** What the caretaker looks after. */
export interface Care {
  dataDir: string
  clock: Clock
  log: Log
  kafka: Pick<Kafka, 'follow'>
  publisher: Pick<Publisher, 'send'>
  /** null: no account is kept. */
  account: (() => Account) | null
  /** Reads the receiver's files, null where it may not; absent without an endpoint. */
  readServer: (() => Promise<FoundFile[] | null>) | null
  address: string
  everyMs: number
}

/**
 * Does what the calendar asks, until the stop: alarms of the account (TW-A4.1, TW-3.4) and the self-check of each half-year, made up when the
 * process was away on the day (TW-3.3). Each is told once a process; its id comes from what it says, so a repeat is the same.
 */
export async function careUntil(signal: AbortSignal, care: Care): Promise<void> {
  const told = new Set<string>()
  const tell = async (
    code: HealthCode,
    subject: string,
    at: number,
    level: 'warning' | 'critical',
    message: string,
  ) => {
    const what = `${code} ${subject} ${at}`
    if (told.has(what)) return
    await care.publisher.send(healthEvent(code, subject, null, at, { level, message }))
    told.add(what)
  }
  while (!signal.aborted) {
    try {
      const alarms = care.account === null ? [] : alarmsOf(care.account(), care.clock.now())
      for (const { code, subject, at, level, message } of alarms) await tell(code, subject, at, level, message)
      await checkHalfYear(care, (message, at, id) => tell('self_check_done', id, at, 'warning', message))
    } catch (error) {
      care.log.error({ code: 'care_failed', err: error }, `A look at account and calendar failed: ${messageOf(error)}`)
    }
    await pause(care.everyMs, undefined, { signal }).catch(() => undefined)
  }
}

async function checkHalfYear(
  care: Care,
  tell: (message: string, at: number, id: string) => Promise<void>,
): Promise<void> {
  const period = lastHalfYear(care.clock.now())
  const folder = join(care.dataDir, 'self-checks')
  const path = join(folder, `${period.id}.json`)
  if (existsSync(path)) return
  const ledger = await readLedger(care.kafka)
  const files = care.readServer === null ? null : await care.readServer()
  const check = selfCheck(period, care.clock.now(), ledger, care.address, files)
  // A centre that sent nothing in that half-year has nothing to report.
  if (check.audit.tickets > 0) await tell(selfCheckSentence(check, path), period.to, period.id)
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${path}.part`, `${JSON.stringify(check, null, 1)}\n`, { flush: true })
  renameSync(`${path}.part`, path)
}

/** Keeps both lists as the server took them, under the instant of the upload (TW-A2.2). */
export function listKeeper(dataDir: string): (lists: Lists, at: number) => void {
  return (lists, at) => {
    const folder = join(dataDir, 'lists', new Date(at).toISOString().replaceAll(':', ''))
    mkdirSync(folder, { recursive: true })
    for (const { name, content } of [lists.services, lists.rules]) writeFileSync(join(folder, name), content)
  }
}
