import { type BaseSettings, TocsinError } from '@tocsin/runtime'
import { z } from 'zod'
import type { FtpsSettings } from './adapters/ftps.ts'
import type { ReceivingSettings } from './adapters/receiving.ts'
import type { TaxiiSettings } from './adapters/taxii-door.ts'
import { type Readings, readingSettings } from './feeds/tw-nccst-1.3/readings.ts'
import { EVENT_ID_PREFIX } from './feeds/tw-nccst-1.3/ticket-number.ts'
import { PROFILE_STATES } from './upload.ts'

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true')

/** Settings of the exporter; each is `NATIONAL_FEED_EXPORTER_<NAME>`. */
export const settings = z.object({
  ftpsHost: z.string().min(1).optional().describe('host of the FTPS endpoint; without one tickets are cut and wait'),
  ftpsPort: z.coerce.number().int().min(1).max(65_535).default(21).describe('port; 990 is usual for implicit TLS'),
  ftpsUser: z.string().min(1).optional().describe('account'),
  ftpsPassword: z.string().min(1).optional().describe('password; better as _FILE'),
  ftpsCaFile: z.string().optional().describe('PEM of the authorities that may sign the server certificate'),
  ftpsFingerprint: z
    .string()
    .regex(/^([0-9A-Fa-f]{2}:?){32}$/)
    .optional()
    .describe('SHA-256 fingerprint of the server certificate, asked for besides the chain'),
  ftpsImplicit: flag.describe('true for implicit TLS'),
  ftpsDirectory: z
    .string()
    .regex(/^[A-Za-z0-9_./-]*$/)
    .refine(
      (path) => !path.startsWith('/') && !path.split('/').includes('..'),
      'a path relative to the home of the account',
    )
    .default('')
    .describe('directory that the account was given'),
  ftpsMaxTlsVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.3').describe('highest TLS version'),
  organization: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/)
    .default('TOCSIN')
    .describe('code of the uploading unit: field 1 and the names of the lists'),
  prefix: z.string().regex(EVENT_ID_PREFIX).default('TOCSIN').describe('prefix of Event_ID'),
  profileState: z.enum(PROFILE_STATES).default('test').describe('test, production, suspended or terminated'),
  accountFile: z
    .string()
    .optional()
    .describe('account record (feed account); its state stands in place of PROFILE_STATE'),
  careEveryMs: z.coerce
    .number()
    .int()
    .min(50)
    .max(3_600_000)
    .default(60_000)
    .describe('time between two looks at account and calendar'),
  timeDigits: z.coerce.number().int().min(1).max(5).default(1).describe('decimals of a second (AMB-TW9)'),
  receivingRoot: z.string().optional().describe('root of the FTPS server whose files are received; absent: none are'),
  receivingState: z
    .string()
    .optional()
    .describe('own folder of the receiving half, on the same file system as the root'),
  receivingSenders: z.string().optional().describe('file of the senders and the states of their accounts (YAML)'),
  receivingEveryMs: z.coerce.number().int().min(50).max(60_000).default(1_000).describe('time between two looks'),
  deployment: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{1,40}$/)
    .default('tocsin')
    .describe('name of this deployment: origin of its cases, creator of what it shares'),
  peersFile: z.string().optional().describe('deployments that we exchange cases with (YAML); absent: none'),
  peersEveryMs: z.coerce
    .number()
    .int()
    .min(50)
    .max(60_000)
    .default(5_000)
    .describe('time between two looks at each of them'),
  contractsFile: z
    .string()
    .optional()
    .describe('contracts of the agencies (YAML); absent: those that ship with the service'),
  taxiiPort: z.coerce.number().int().min(0).max(65_535).optional().describe('port of the TAXII endpoint; absent: none'),
  taxiiHost: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('address that it listens on; other than loopback needs TLS'),
  taxiiCertFile: z.string().optional().describe('certificate of the endpoint (PEM)'),
  taxiiKeyFile: z.string().optional().describe('its private key (PEM)'),
  taxiiKeysFile: z.string().optional().describe('agencies and the SHA-256 of their keys (YAML)'),
  ...readingSettings,
  regulationsDir: z.string().default('regulations').describe('folder of the regulation packs'),
})

export type Settings = Readonly<BaseSettings & z.infer<typeof settings>>

/** The account of the endpoint, or null where none is set. Throws `bad_settings` when it is set by half. */
export function endpointOf(config: Settings): { host: string; user: string; password: string } | null {
  const { ftpsHost: host, ftpsUser: user, ftpsPassword: password } = config
  if (host === undefined) return null
  if (user !== undefined && password !== undefined) return { host, user, password }
  throw new TocsinError(
    'bad_settings',
    'NATIONAL_FEED_EXPORTER_FTPS_HOST is set, so _FTPS_USER and _FTPS_PASSWORD (or _FTPS_PASSWORD_FILE) are needed too.',
  )
}

/** How to reach the endpoint; `read` gives the text of a file. */
export function ftpsSettingsOf(
  config: Settings,
  endpoint: { host: string; user: string; password: string },
  read: (path: string) => string,
): FtpsSettings {
  return {
    ...endpoint,
    port: config.ftpsPort,
    ...(config.ftpsCaFile === undefined ? {} : { ca: read(config.ftpsCaFile) }),
    ...(config.ftpsFingerprint === undefined ? {} : { fingerprint: config.ftpsFingerprint }),
    implicit: config.ftpsImplicit,
    directory: config.ftpsDirectory,
    maxTlsVersion: config.ftpsMaxTlsVersion,
  }
}

/** Where files of senders are received, or null where none are. Throws `bad_settings` when it is set by half. */
export function receivingOf(config: Settings): ReceivingSettings | null {
  const { receivingRoot: root, receivingSenders: sendersFile, receivingEveryMs: everyMs } = config
  if (root === undefined) return null
  if (sendersFile !== undefined)
    return { root, sendersFile, everyMs, stateDir: config.receivingState ?? config.dataDir }
  throw new TocsinError(
    'bad_settings',
    'NATIONAL_FEED_EXPORTER_RECEIVING_ROOT is set, so _RECEIVING_SENDERS, the file of the senders, is needed too.',
  )
}

/** Where agencies read by TAXII, or null where they do not. Throws `bad_settings` when it is set by half. */
export function taxiiOf(config: Settings): TaxiiSettings | null {
  const { taxiiPort: port, taxiiHost: host, taxiiKeysFile: keysFile, deployment } = config
  if (port === undefined) return null
  if (keysFile === undefined)
    throw new TocsinError(
      'bad_settings',
      'NATIONAL_FEED_EXPORTER_TAXII_PORT is set, so _TAXII_KEYS_FILE, the file of the agencies and their keys, is needed too.',
    )
  return { host, port, keysFile, certFile: config.taxiiCertFile, keyFile: config.taxiiKeyFile, deployment }
}

/** How the settings read what the SOP leaves open. */
export function readingsOf(config: Settings): Readings {
  const { rootElement, lengthUnit, endTime, optionalEmpty, geoForm, listBom, extraFields } = config
  return { rootElement, lengthUnit, endTime, optionalEmpty, geoForm, listBom, extraFields }
}
