import { relpReader } from './relp-reader.ts'
import { streamTransport } from './stream-listener.ts'

/** RELP over plain TCP: answered when Kafka has the line. */
export const relp = streamTransport({
  name: 'relp',
  secure: false,
  port: (config) => config.relpPort,
  protocol: relpReader,
})

/** RELP inside TLS from the first octet, as librelp and rsyslog speak it. */
export const relpTls = streamTransport({
  name: 'relp-tls',
  transport: 'relp',
  secure: true,
  port: (config) => config.relpTlsPort,
  protocol: relpReader,
})
