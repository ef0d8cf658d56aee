import { keyIdOf, runService, TocsinError } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { DatagramSpoolFiles } from './adapters/datagram-spool-files.ts'
import { EvidenceFiles } from './adapters/evidence-files.ts'
import { RepeatJournal } from './adapters/repeat-journal.ts'
import { openTlsFiles } from './adapters/tls-files.ts'
import { openTokenFile } from './adapters/token-file.ts'
import { settings } from './config.ts'
import { EvidenceLog } from './evidence/evidence-log.ts'
import { Ingest } from './ingest.ts'
import { RepeatWindows } from './repeat-windows.ts'

await runService('syslog-ingest', settings, async (context) => {
  const { config, clock, log, metrics, health, signal } = context
  let sourcesLoaded = false
  health.ready('sources', () => ({ ok: sourcesLoaded, detail: sourcesLoaded ? 'loaded' : 'waiting for the registry' }))
  const tls = openTlsFiles(config, clock.now(), log)
  const kafka = await openKafka(context)
  // Listening begins when it is known who may send: before that every line would be refused.
  const [sources, constituents, systems, publisher] = await Promise.all([
    kafka.table('registry-sources'),
    kafka.table('registry-constituents'),
    kafka.table('registry-systems'),
    kafka.publisher(),
  ])
  sourcesLoaded = true
  const files = new EvidenceFiles(config.dataDir, config.slot)
  const chain = files.openChain(clock.now())
  const signingKey = files.signingKey(config.signingKeyFile)
  const evidence = new EvidenceLog(chain.acknowledgedHead(), files.readState(), signingKey, config.treeMinutes * 60_000)
  log.info({ chain: chain.ingestId, keyId: keyIdOf(signingKey) }, 'evidence chain')
  // One slot is enough to put the heads of the audit chains under its checkpoints. Nobody waits for it: lines come first.
  if (config.slot === 0) {
    const following = kafka.follow(['audit-entries'], { from: 'latest' }, ({ value }) => {
      if (value !== null) evidence.auditEntry(value)
    })
    following.catch((error: unknown) =>
      log.warn({ code: 'audit_heads_off', err: error }, 'The heads of the audit chains are not under the checkpoints.'),
    )
  }
  const journal: RepeatJournal = new RepeatJournal(config.dataDir, config.slot, () => repeats.snapshot())
  const repeats = new RepeatWindows(journal, journal.left)
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  // Also when the stop comes first, a failure has been heard.
  failed.catch(() => {})
  const ingest = new Ingest({
    config,
    clock,
    log,
    metrics,
    health,
    sources,
    constituents,
    systems,
    publisher,
    chain,
    signingKey,
    evidence,
    saveEvidence: (state) => files.saveState(state),
    tls,
    tokens: config.httpsTokens === undefined ? null : openTokenFile(config.httpsTokens, log),
    repeats,
    spool:
      config.udpSpoolMib === 0
        ? null
        : new DatagramSpoolFiles(config.dataDir, config.slot, config.udpSpoolMib * 1_048_576, log),
    monotonicMs: () => performance.now(),
    onFailure: (error) => fail(error),
  })
  await ingest.start()
  if (!signal.aborted) {
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.race([stopped, failed])
  }
  const settled = await ingest.stop()
  // Where Kafka is away, closing would only wait once more.
  if (!settled) {
    throw new TocsinError(
      'unacknowledged_at_stop',
      'Kafka did not acknowledge all blocks within 5 s of the stop: senders of lost lines were not told (plain syslog has no answer). Look at Kafka before the next stop.',
    )
  }
  await publisher.close(2_000)
  files.saveHead(ingest.acknowledgedHead())
})
