// One ingest with a UDP listener in a process of its own: prints its port, and at SIGTERM what became of the datagrams.
import type { SourceCount } from '@tocsin/events'
import { startIngest } from './ingest-under-test.ts'
import { source } from './registry-records.ts'

const afterwards: (() => unknown)[] = []
const { port, sent, stop } = await startIngest(
  { after: (work: () => unknown) => void afterwards.push(work) } as Parameters<typeof startIngest>[0],
  {
    SYSLOG_INGEST_TCP_PORT: 'off',
    SYSLOG_INGEST_TLS_PORT: 'off',
    SYSLOG_INGEST_UDP_RECEIVE_BUFFER_BYTES: '65536',
    ...(process.env as Record<string, string>),
  },
  [source({ addresses: ['127.0.0.1'] })],
)
process.stdout.write(`${JSON.stringify({ port: port('udp') })}\n`)
process.once('SIGTERM', () => {
  void (async () => {
    await stop()
    const totals = { received: 0, accepted: 0, refused: 0, dropped: 0, kernel: 0, alarms: 0 }
    for (const { topic, value } of sent) {
      if (topic === 'health-events') totals.alarms += 1
      if (topic !== 'source-counts') continue
      const count = value as SourceCount
      totals.received += count.received
      totals.accepted += count.accepted
      totals.refused += count.refused
      totals.dropped += count.dropped
      totals.kernel += count.reasons['kernel'] ?? 0
    }
    process.stdout.write(`${JSON.stringify({ totals })}\n`)
    for (const work of afterwards) await work()
    process.exit(0)
  })()
})
