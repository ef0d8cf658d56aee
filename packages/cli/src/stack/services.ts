import { join } from 'node:path'
import type { PortWish } from './ports.ts'

/** What one service needs beyond what every service gets (packages/cli/src/stack/plan.ts): sockets and settings. */
export interface ServiceEntry {
  /** Folder below services/, or the name of a helper of the embedded stack. */
  name: string
  /** Its program, where it is not `services/<name>/src/main.ts`. */
  main?: string
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
  /** Where the sinks keep what they take. */
  sinksFolder: string
}

const nothing = { ports: [], env: () => ({}), addresses: () => ({}) }

/** Every service in the order of the path; `tocsin up` starts those whose `src/main.ts` exists. */
export const services: readonly ServiceEntry[] = [
  {
    // Mail, webhook and FTPS servers: the outside world of the embedded stack, never of a deployment.
    name: 'sinks',
    main: 'packages/cli/src/sinks/main.ts',
    ports: [
      { name: 'sink-mail', defaultPort: 12525, protocols: ['tcp'] },
      { name: 'sink-webhook', defaultPort: 18090, protocols: ['tcp'] },
      { name: 'sink-ftps', defaultPort: 12121, protocols: ['tcp'] },
    ],
    env: (port) => ({
      SINKS_MAIL_PORT: String(port('sink-mail')),
      SINKS_WEBHOOK_PORT: String(port('sink-webhook')),
      SINKS_FTPS_PORT: String(port('sink-ftps')),
    }),
    addresses: (port) => ({
      'mail sink': `smtp://127.0.0.1:${port('sink-mail')}`,
      'webhook sink': `http://127.0.0.1:${port('sink-webhook')}`,
      'FTPS sink': `ftps://127.0.0.1:${port('sink-ftps')}`,
    }),
  },
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
      // So that a record can be packed as evidence two minutes after it came, and not after the hour.
      SYSLOG_INGEST_TREE_MINUTES: '1',
    }),
    addresses: (port) => ({
      'syslog UDP': `127.0.0.1:${port('syslog')}`,
      'syslog TCP': `127.0.0.1:${port('syslog')}`,
      'syslog TLS': `127.0.0.1:${port('syslog-tls')}`,
    }),
  },
  { name: 'normalizer', ...nothing },
  { name: 'enrichment', ...nothing },
  {
    ...nothing,
    name: 'correlation-engine',
    // A laptop that starts ten services at once may take a partition a minute after another.
    env: () => ({ CORRELATION_ENGINE_LATENESS_SECONDS: '300' }),
  },
  { name: 'incident-manager', ...nothing },
  {
    ...nothing,
    name: 'notifier',
    env: (port) => ({
      NOTIFIER_SMTP_HOST: '127.0.0.1',
      NOTIFIER_SMTP_PORT: String(port('sink-mail')),
      NOTIFIER_SMTP_TLS: 'none',
      NOTIFIER_SMTP_FROM: 'tocsin@centre.example',
      NOTIFIER_WEBHOOK_SECRET: 'embedded-stack-only',
    }),
  },
  { name: 'reporter', ...nothing },
  {
    ...nothing,
    name: 'national-feed-exporter',
    env: (port, { sinksFolder }) => ({
      NATIONAL_FEED_EXPORTER_FTPS_HOST: '127.0.0.1',
      NATIONAL_FEED_EXPORTER_FTPS_PORT: String(port('sink-ftps')),
      NATIONAL_FEED_EXPORTER_FTPS_USER: 'anonymous',
      NATIONAL_FEED_EXPORTER_FTPS_PASSWORD_FILE: join(sinksFolder, 'ftps', 'password'),
      NATIONAL_FEED_EXPORTER_FTPS_CA_FILE: join(sinksFolder, 'ftps', 'ca.pem'),
      NATIONAL_FEED_EXPORTER_ORGANIZATION: 'TOCSIN-DEMO',
      NATIONAL_FEED_EXPORTER_PREFIX: 'DEMO',
    }),
  },
  { name: 'indexer', ...nothing },
  {
    name: 'console',
    ports: [{ name: 'console', defaultPort: 18080, protocols: ['tcp'] }],
    env: (port) => ({ CONSOLE_PORT: String(port('console')) }),
    addresses: (port) => ({ console: `http://127.0.0.1:${port('console')}` }),
  },
]
