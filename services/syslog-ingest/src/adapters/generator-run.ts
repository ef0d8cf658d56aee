import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { addressAfter, dueRecords, type GenPlan, recordAt } from '../generator/plan.ts'
import { openSender, type SyslogSender } from './syslog-sender.ts'

const BATCH = 500
const PACE_MS = 5

/** What was sent. */
export interface Sent {
  sent: number
  bytes: number
  seconds: number
}

/**
 * Sends what the plan says; ends early when `signal` is aborted. `nowMs` is the time that lines name, `monotonicMs`
 * paces them.
 */
export async function runGenerator(
  plan: GenPlan,
  input: Readable,
  clocks: { nowMs: () => number; monotonicMs: () => number },
  signal: AbortSignal,
): Promise<Sent> {
  const senders: SyslogSender[] = []
  for (let source = 0; source < plan.sources; source++) {
    const from = plan.fromAddress === null ? null : addressAfter(plan.fromAddress, source)
    senders.push(await openSender(plan.target, from))
  }
  const startMs = clocks.monotonicMs()
  const next = plan.linesFile === null ? numbered(plan, clocks.nowMs) : await written(plan.linesFile, input)
  let sent = 0
  let bytes = 0
  while (sent < plan.count && !signal.aborted) {
    const due = Math.min(BATCH, dueRecords(plan, clocks.monotonicMs() - startMs) - sent)
    const batch = next(sent, due)
    const perSender = senders.map((): Buffer[] => [])
    for (const { source, line } of batch) {
      ;(perSender[source] as Buffer[]).push(line)
      bytes += line.length
    }
    const sending = perSender.map(async (lines, source) => {
      if (lines.length > 0) await senders[source]?.send(lines)
    })
    await Promise.all(sending)
    sent += batch.length
    if (plan.linesFile !== null && due > 0 && batch.length === 0) break
    if (plan.rate > 0 && due < BATCH) await pause(PACE_MS)
  }
  await Promise.all(senders.map((sender) => sender.close()))
  return { sent, bytes, seconds: Math.max(0.001, (clocks.monotonicMs() - startMs) / 1_000) }
}

type Batch = readonly { source: number; line: Buffer }[]

function numbered(plan: GenPlan, nowMs: () => number): (from: number, count: number) => Batch {
  return (from, count) =>
    Array.from({ length: count }, (_, index) => {
      const { source, record } = recordAt(plan, from + index, nowMs())
      return { source, line: Buffer.from(plan.format(record)) }
    })
}

/** Lines of a file or of standard input, as they are; empty ones are left out. */
async function written(file: string, input: Readable): Promise<(from: number, count: number) => Batch> {
  const lines: Buffer[] = []
  const stream = file === '-' ? input : createReadStream(file)
  stream.setEncoding('latin1')
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line !== '') lines.push(Buffer.from(line, 'latin1'))
  }
  return (from, count) => lines.slice(from, from + count).map((line) => ({ source: 0, line }))
}
