import { streamTransport } from './stream-listener.ts'
import { syslogReader } from './syslog-reader.ts'

/**
 * Syslog over TLS (RFC 5425), TLS 1.2 and 1.3. Client certificates are asked for where issuers are set; one that does
 * not verify is turned away, and a sender without one is judged by its address.
 */
export const tls = streamTransport({
  name: 'tls',
  secure: true,
  port: (config) => config.tlsPort,
  protocol: syslogReader,
})
