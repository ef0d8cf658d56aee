import { streamTransport } from './stream-listener.ts'
import { syslogReader } from './syslog-reader.ts'

/** Syslog over plain TCP (RFC 6587), both framings on one port. */
export const tcp = streamTransport({
  name: 'tcp',
  secure: false,
  port: (config) => config.tcpPort,
  protocol: syslogReader,
})
