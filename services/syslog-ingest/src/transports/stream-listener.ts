import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { IngestConfig } from '../config.ts'
import { StreamConnections } from './stream-connections.ts'
import type { StreamProtocol } from './stream-reader.ts'
import type { Listener, Transport, TransportContext } from './transport.ts'

const HANDSHAKE_TIMEOUT_MS = 10_000
const BACKLOG = 1_024

/** What makes one stream transport differ from another. */
export interface StreamTransport {
  /** Name of the listener: `tcp`, `relp-tls`. */
  name: string
  /** Name in the raw block, where it is not that of the listener. */
  transport?: string
  secure: boolean
  port(config: IngestConfig): number | 'off'
  protocol: StreamProtocol
}

/** Takes what is special; gives a way in over TCP or TLS 1.2 and 1.3. */
export function streamTransport(spec: StreamTransport): Transport {
  return {
    name: spec.name,
    secure: spec.secure,
    port: spec.port,
    async open(port, context) {
      const server = spec.secure ? tlsServer(context) : createServer()
      server.listen({ port, host: context.host, backlog: BACKLOG })
      await once(server, 'listening')
      const bound = (server.address() as AddressInfo).port
      const name = `${spec.name}:${bound}`
      const connections = new StreamConnections(name, spec.transport ?? spec.name, spec.protocol, context)
      if (spec.secure) takeSecure(server, name, connections, context)
      else takePlain(server, name, connections, context)
      server.on('error', (error) =>
        context.log.error(
          { listener: name, err: error, code: 'listener_error' },
          `The ${spec.name} listener reported an error.`,
        ),
      )
      return listenerOf(server, name, bound, connections, context)
    },
  }
}

function listenerOf(
  server: Server,
  name: string,
  port: number,
  connections: StreamConnections,
  context: TransportContext,
): Listener {
  return {
    name,
    address: context.host,
    port,
    connections: () => connections.size,
    kernelDrops: () => null,
    async close() {
      server.close()
      await connections.close()
    },
  }
}

function tlsServer({ tls }: TransportContext): Server {
  if (tls === null) throw new RangeError('A TLS listener was opened without a certificate.')
  return createTlsServer({
    cert: tls.cert,
    key: tls.key,
    // A certificate that does not verify is looked at below, so that it can be counted.
    ...(tls.ca === null ? {} : { ca: tls.ca, requestCert: true, rejectUnauthorized: false }),
    minVersion: 'TLSv1.2',
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  })
}

const peerOf = (socket: Socket) => ({ address: socket.remoteAddress ?? '', port: socket.remotePort ?? null })

function takePlain(server: Server, name: string, connections: StreamConnections, context: TransportContext): void {
  server.on('connection', (socket: Socket) => {
    const refusal = connections.refusal(socket.remoteAddress ?? '')
    if (refusal === null) {
      connections.add(socket, peerOf(socket), null)
      return
    }
    context.closed(name, refusal)
    socket.destroy()
  })
}

function takeSecure(server: Server, name: string, connections: StreamConnections, context: TransportContext): void {
  let handshakes = 0
  server.on('connection', (socket: Socket) => {
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
  server.on('secureConnection', (socket: TLSSocket) => {
    handshakes -= 1
    const subject = subjectOf(socket)
    if (subject === undefined) {
      context.closed(name, 'bad_certificate')
      socket.destroy()
      return
    }
    connections.add(socket, peerOf(socket), subject)
  })
  server.on('tlsClientError', () => {
    handshakes -= 1
    context.closed(name, 'handshake_failed')
  })
}

/** Subject of a verified client certificate, null where none was given, undefined where it did not verify. */
function subjectOf(socket: TLSSocket): string | null | undefined {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return null
  return socket.authorized ? certificate.subject : undefined
}
