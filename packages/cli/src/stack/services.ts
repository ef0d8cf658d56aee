import type { PortWish } from './ports.ts'

/** What one service needs beyond what every service gets (packages/cli/src/stack/plan.ts): sockets and settings. */
export interface ServiceEntry {
  /** Folder below services/. */
  name: string
  ports: readonly PortWish[]
  /** Its own settings, from the ports chosen. */
  env(ports: PortOf, places: ServicePlaces): Record<string, string>
  /** Addresses to print after start: name → address. */
  addresses(ports: PortOf): Record<string, string>
}

export type PortOf = (name: string) => number

/** Folders a setting may point to. */
export interface ServicePlaces {
  projectRoot: string
  /** The service's own data folder. */
  dataFolder: string
}

const nothing = { ports: [], env: () => ({}), addresses: () => ({}) }

/** Every service in the order of the path; `tocsin up` starts those whose `src/main.ts` exists. */
export const services: readonly ServiceEntry[] = [
  {
    name: 'syslog-ingest',
    ports: [
      { name: 'syslog', defaultPort: 15514, protocols: ['udp', 'tcp'] },
      { name: 'syslog-tls', defaultPort: 16514, protocols: ['tcp'] },
    ],
    env: (port) => ({
      SYSLOG_INGEST_UDP_PORT: String(port('syslog')),
      SYSLOG_INGEST_TCP_PORT: String(port('syslog')),
      SYSLOG_INGEST_TLS_PORT: String(port('syslog-tls')),
    }),
    addresses: (port) => ({
      'syslog UDP': `127.0.0.1:${port('syslog')}`,
      'syslog TCP': `127.0.0.1:${port('syslog')}`,
      'syslog TLS': `127.0.0.1:${port('syslog-tls')}`,
    }),
  },
  { name: 'normalizer', ...nothing },
  { name: 'enrichment', ...nothing },
  { name: 'correlation-engine', ...nothing },
  { name: 'incident-manager', ...nothing },
  { name: 'notifier', ...nothing },
  { name: 'reporter', ...nothing },
  { name: 'national-feed-exporter', ...nothing },
  { name: 'indexer', ...nothing },
  {
    name: 'console',
    ports: [{ name: 'console', defaultPort: 18080, protocols: ['tcp'] }],
    env: (port) => ({ CONSOLE_PORT: String(port('console')) }),
    addresses: (port) => ({ console: `http://127.0.0.1:${port('console')}` }),
  },
]
