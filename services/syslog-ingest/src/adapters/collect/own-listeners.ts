import { baseSettings, type Log, type Metrics, TocsinError } from '@tocsin/runtime'
import type { CollectConfig } from '../../collect/config.ts'
import { type IngestConfig, settings } from '../../config.ts'
import type { Door } from '../../intake.ts'
import { RepeatWindows } from '../../repeat-windows.ts'
import { transports } from '../../transports/index.ts'
import type { Listener, TlsSource } from '../../transports/transport.ts'
import { RepeatJournal } from '../repeat-journal.ts'
import { openTlsFiles } from '../tls-files.ts'

/** What the listeners of a collector need. */
export interface ListenParts {
  listen: NonNullable<CollectConfig['listen']>
  folder: string
  door: Door
  log: Log
  metrics: Metrics
  nowMs: number
  monotonicMs: () => number
}

/** The open listeners and what must be looked after. */
export interface OwnListeners {
  listeners: readonly Listener[]
  tls: TlsSource | null
  close(): Promise<void>
}

/** Opens the ingest's listeners before a collector's door. Throws `listen_failed`, `bad_settings`. */
export async function openListeners(parts: ListenParts): Promise<OwnListeners> {
  const { listen, folder, door, log, metrics, monotonicMs } = parts
  const config = listenerConfig(listen, folder)
  const tls = listen.certFile === undefined ? null : openTlsFiles(config, parts.nowMs, log)
  const journal: RepeatJournal = new RepeatJournal(folder, 0, () => repeats.snapshot())
  const repeats = new RepeatWindows(journal, journal.left)
  const closed = metrics.counter('tocsin_collect_connections_closed_total', 'Connections closed by us', [
    'listener',
    'reason',
  ])
  const context = {
    config,
    host: listen.host,
    intake: door,
    log,
    tls,
    repeats,
    monotonicMs,
    closed: (listener: string, reason: string) => closed.inc({ listener, reason }),
    receiveBuffer: () => {},
  }
  const listeners: Listener[] = []
  const close = async () => {
    await Promise.all(listeners.map((listener) => listener.close()))
    journal.close()
  }
  for (const transport of transports) {
    const port = transport.port(config)
    if (port === 'off') continue
    try {
      listeners.push(await transport.open(port, context))
    } catch (error) {
      await close()
      const why = (error as NodeJS.ErrnoException).code ?? 'error'
      throw new TocsinError(
        'listen_failed',
        `The ${transport.name} listener of the collector cannot have ${listen.host}:${port} (${why}): free the port or change listen.${transport.name} in the configuration file.`,
        error,
      )
    }
  }
  return { listeners, tls, close }
}

/** The listeners read the settings of the ingest: here they come from the configuration file, and Kafka has no part in it. */
function listenerConfig(listen: ListenParts['listen'], folder: string): IngestConfig {
  const { host, udp, tcp, tls, relp, relpTls, certFile, keyFile, clientCaFile, maxFrameBytes } = listen
  return {
    ...baseSettings.parse({ kafkaBrokers: 'none', registryUrl: 'http://none.invalid', dataDir: folder }),
    ...settings.parse({
      host,
      udpPort: udp ?? 'off',
      tcpPort: tcp ?? 'off',
      tlsPort: tls ?? 'off',
      relpPort: relp ?? 'off',
      relpTlsPort: relpTls ?? 'off',
      tlsCertFile: certFile,
      tlsKeyFile: keyFile,
      tlsCaFile: clientCaFile,
      maxFrameBytes,
    }),
  }
}
