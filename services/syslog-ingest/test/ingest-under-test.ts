import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { RawBlock, RegistrySource } from '@tocsin/events'
import { createLog, Health, loadConfig, Metrics, systemClock } from '@tocsin/runtime'
import type { Output } from '@tocsin/stage'
import { DatagramSpoolFiles } from '../src/adapters/datagram-spool-files.ts'
import { EvidenceFiles } from '../src/adapters/evidence-files.ts'
import { openTlsFiles } from '../src/adapters/tls-files.ts'
import { openTokenFile } from '../src/adapters/token-file.ts'
import { settings } from '../src/config.ts'
import { EvidenceLog } from '../src/evidence/evidence-log.ts'
import { Ingest } from '../src/ingest.ts'
import { RepeatWindows } from '../src/repeat-windows.ts'
import { constituent, source } from './registry-records.ts'

/** Waits until `check` gives something; the test's own time-out ends it. */
export async function eventually<T>(check: () => T | undefined | false | null): Promise<T> {
  for (;;) {
    const found = check()
    if (found !== undefined && found !== false && found !== null) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A whole ingest with real sockets on free loopback ports, and a publisher in memory. */
export async function startIngest(
  t: Pick<TestContext, 'after'>,
  env: Record<string, string> = {},
  sources?: RegistrySource[],
) {
  const folder = mkdtempSync(join(tmpdir(), 'ingest-'))
  const config = loadConfig(
    settings,
    {
      TOCSIN_PROFILE: 'embedded',
      KAFKA_BROKERS: '127.0.0.1:1',
      REGISTRY_URL: 'http://127.0.0.1:1',
      TOCSIN_DATA: folder,
      SYSLOG_INGEST_UDP_PORT: '0',
      SYSLOG_INGEST_TCP_PORT: '0',
      SYSLOG_INGEST_TLS_PORT: '0',
      ...env,
    },
    'syslog-ingest',
  )
  const sent: Output[] = []
  const held: { topic: string; acknowledge: () => void }[] = []
  const state = { acknowledging: true, monotonicMs: 0 }
  const table = <T>(values: readonly T[]) => ({ values: () => values, onChange: () => {} })
  const files = new EvidenceFiles(folder, 0)
  const chain = files.openChain(systemClock.now())
  const signingKey = generateKeyPairSync('ed25519').privateKey
  const metrics = new Metrics('syslog-ingest', 0)
  const log = createLog('syslog-ingest', 0, 'error')
  const ingest = new Ingest({
    config,
    clock: systemClock,
    log,
    metrics,
    health: new Health(),
    sources: table(sources ?? [source({ addresses: ['127.0.0.0/8'] })]),
    constituents: table([constituent()]),
    systems: table([]),
    publisher: {
      send(output) {
        sent.push(output)
        return state.acknowledging
          ? Promise.resolve()
          : new Promise((resolve) => held.push({ topic: output.topic, acknowledge: resolve }))
      },
    },
    chain,
    evidence: new EvidenceLog(chain.acknowledgedHead(), files.readState(), signingKey),
    saveEvidence: (state) => files.saveState(state),
    signingKey,
    tls: openTlsFiles(config, systemClock.now(), log),
    spool: config.udpSpoolMib === 0 ? null : new DatagramSpoolFiles(folder, 0, config.udpSpoolMib * 1_048_576, log),
    tokens: config.httpsTokens === undefined ? null : openTokenFile(config.httpsTokens, log),
    repeats: new RepeatWindows({ sending: () => {}, ended: () => {} }),
    monotonicMs: () => state.monotonicMs,
    onFailure: (error) => {
      throw error
    },
  })
  await ingest.start()
  let stopped: Promise<boolean> | null = null
  const stop = () => {
    stopped ??= ingest.stop()
    return stopped
  }
  t.after(async () => {
    await stop()
    rmSync(folder, { recursive: true })
  })
  const blocks = () => sent.filter((output) => output.topic === 'raw-blocks').map((output) => output.value as RawBlock)
  return {
    ingest,
    stop,
    state,
    folder,
    metrics,
    sent,
    blocks,
    frames: () => blocks().flatMap((block) => block.frames),
    lines: () => blocks().flatMap((block) => block.frames.map((frame) => frame.octets.toString())),
    port: (transport: string) => ingest.listeners.find(({ name }) => name.startsWith(transport))?.port ?? 0,
    release: () => {
      state.acknowledging = true
      for (const { acknowledge } of held.splice(0)) acknowledge()
    },
    /** Kafka has the oldest block that it did not have, and nothing else yet. */
    releaseBlock: () => {
      const index = held.findIndex(({ topic }) => topic === 'raw-blocks')
      if (index < 0) throw new Error('no block waits')
      for (const { acknowledge } of held.splice(index, 1)) acknowledge()
    },
  }
}
