import { type BaseSettings, TocsinError } from '@tocsin/runtime'
import { z } from 'zod'
import { parseRange } from './address.ts'

const port = (byDefault: number | 'off') =>
  z.union([z.literal('off'), z.coerce.number().int().min(0).max(65_535)]).default(byDefault)

/** Settings of syslog-ingest; each is SYSLOG_INGEST_<NAME>. */
export const settings = z.object({
  host: z.string().optional().describe('address to listen on; 127.0.0.1 in the embedded profile, else all'),
  udpPort: port(15_514).describe('UDP port; 0 for any, off for none'),
  tcpPort: port(15_514).describe('TCP port; 0 for any, off for none'),
  tlsPort: port(16_514).describe('TLS port; 0 for any, off for none'),
  relpPort: port('off').describe('RELP port; 0 for any, off for none'),
  relpTlsPort: port('off').describe('port of RELP inside TLS; 0 for any, off for none'),
  beatsPort: port('off').describe('port for Beats (lumberjack 2); 0 for any, off for none'),
  beatsTlsPort: port('off').describe('port of Beats inside TLS; 0 for any, off for none'),
  httpsPort: port('off').describe('port for lines by HTTPS; 0 for any, off for none'),
  httpsTokens: z
    .string()
    .optional()
    .describe('file of tokens: <source id> <SHA-256 of the token, hex> a line; read again when it changes'),
  httpsMaxBodyMib: z.coerce.number().int().min(1).max(256).default(16).describe('largest body, unpacked, MiB'),
  tlsCertFile: z.string().optional().describe('PEM file: certificate with its chain'),
  tlsKeyFile: z.string().optional().describe('PEM file: private key'),
  tlsCaFile: z.string().optional().describe('PEM file: issuers of client certificates; unset: none is asked for'),
  tlsCrlFile: z.string().optional().describe('PEM file: revocation lists of all issuers; read again when it changes'),
  proxyProtocolFrom: z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
    .refine((list) => list.every((text) => parseRange(text) !== null), 'addresses or CIDRs, comma separated')
    .describe('proxies whose connections begin with a PROXY header (v1 or v2); empty: none is believed'),
  signingKeyFile: z
    .string()
    .optional()
    .describe('PEM file: Ed25519 private key that signs checkpoints; unset: one is made in TOCSIN_DATA'),
  treeMinutes: z.coerce
    .number()
    .int()
    .min(1)
    .max(60)
    .default(60)
    .describe('minutes that one Merkle tree over raw blocks spans'),
  maxFrameBytes: z.coerce.number().int().min(480).max(524_288).default(65_536).describe('longest frame, octets'),
  maxUnacknowledgedMib: z.coerce.number().int().min(1).max(200).default(64).describe('waiting for Kafka, MiB'),
  maxConnections: z.coerce.number().int().min(1).max(100_000).default(4_096).describe('per listener, in all'),
  maxConnectionsPerAddress: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(256)
    .describe('per listener, from one address'),
  maxConnectionsPerSource: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(512)
    .describe('per listener, of one registered source'),
  idleTimeoutSeconds: z.coerce
    .number()
    .int()
    .min(1)
    .max(604_800)
    .default(3_600)
    .describe('silence after which a connection is closed'),
  frameTimeoutSeconds: z.coerce.number().int().min(1).max(3_600).default(30).describe('time that one frame may take'),
  udpSpoolMib: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_048_576)
    .default(256)
    .describe('disk for datagrams that wait for Kafka, MiB; 0 for none'),
  udpReceiveBufferBytes: z.coerce
    .number()
    .int()
    .min(4_096)
    .max(1_073_741_824)
    .default(4_194_304)
    .describe('SO_RCVBUF asked for'),
})

export type IngestConfig = Readonly<BaseSettings & z.infer<typeof settings>>

const LOOPBACK = /^(127\.|::1$|localhost$)/

/** Takes the settings; gives the address to listen on. Throws `bad_settings` where the embedded profile would leave loopback. */
export function listenHost(config: IngestConfig): string {
  const host = config.host ?? (config.profile === 'embedded' ? '127.0.0.1' : '0.0.0.0')
  if (config.profile === 'embedded' && !LOOPBACK.test(host)) {
    throw new TocsinError(
      'bad_settings',
      `SYSLOG_INGEST_HOST: the embedded profile listens on loopback only, not on ${host}.`,
    )
  }
  return host
}
