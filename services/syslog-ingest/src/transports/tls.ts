import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { StreamConnections } from './stream-connections.ts'
import type { Transport } from './transport.ts'

const HANDSHAKE_TIMEOUT_MS = 10_000

/**
 * Syslog over TLS (RFC 5425), TLS 1.2 and 1.3. Client certificates are asked for where issuers are set; one that does
 * not verify is turned away, and a sender without one is judged by its address.
 */
export const tls: Transport = {
  name: 'tls',
  port: (config) => config.tlsPort,
  async open(port, context) {
    const material = context.tls
    if (material === null) throw new RangeError('The TLS listener was opened without a certificate.')
    const server = createServer({
      cert: material.cert,
      key: material.key,
      ...(material.ca === null ? {} : { ca: material.ca, requestCert: true, rejectUnauthorized: false }),
      minVersion: 'TLSv1.2',
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    })
    server.listen({ port, host: context.host, backlog: 1_024 })
    await once(server, 'listening')
    const bound = (server.address() as AddressInfo).port
    const name = `tls:${bound}`
    const connections = new StreamConnections(name, 'tls', context)
    let handshakes = 0
    server.on('connection', (socket) => {
      // Before the handshake, which is what costs: half-open ones count against the bound too.
      const refusal =
        handshakes + connections.size >= context.config.maxConnections
          ? 'too_many'
          : connections.refusal(socket.remoteAddress ?? '')
      if (refusal !== null) {
        context.closed(name, refusal)
        socket.destroy()
        return
      }
      handshakes += 1
    })
    // Every connection comes to one of these two, also when it is reset or stalls.
    server.on('secureConnection', (socket) => {
      handshakes -= 1
      const subject = subjectOf(socket)
      if (subject === undefined) {
        context.closed(name, 'bad_certificate')
        socket.destroy()
        return
      }
      connections.add(socket, subject)
    })
    server.on('tlsClientError', () => {
      handshakes -= 1
      context.closed(name, 'handshake_failed')
    })
    server.on('error', (error) =>
      context.log.error({ listener: name, err: error, code: 'listener_error' }, 'The TLS listener failed.'),
    )
    return {
      name,
      address: context.host,
      port: bound,
      connections: () => connections.size,
      kernelDrops: () => null,
      async close() {
        server.close()
        await connections.close()
      },
    }
  },
}

/** Subject of a verified client certificate, null where none was given, undefined where it did not verify. */
function subjectOf(socket: TLSSocket): string | null | undefined {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return null
  return socket.authorized ? certificate.subject : undefined
}
