import { constants } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  TLSSocket,
  type Server as TlsServer,
} from 'node:tls'
import type { IngestConfig } from '../config.ts'
import type { Connections, Peer } from './connections.ts'
import { proxyReader } from './proxied.ts'
import { StreamConnections } from './stream-connections.ts'
import type { StreamProtocol } from './stream-reader.ts'
import type { CloseReason, Listener, TlsMaterial, Transport, TransportContext } from './transport.ts'

const HANDSHAKE_TIMEOUT_MS = 10_000
const BACKLOG = 1_024
/** Forward secrecy only (RFC 9662 and SP 800-52 without RSA key exchange); the first of RFC 9662's mandatory suites is among them. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/** What makes one stream transport differ from another. */
export interface StreamTransport {
  /** Name of the listener: `tcp`, `relp-tls`. */
  name: string
  /** Name in the raw block, where it is not that of the listener. */
  transport?: string
  secure: boolean
  port(config: IngestConfig): number | 'off'
  /** What reads its connections, where it is a stream of frames. */
  protocol?: StreamProtocol
  /** What takes its connections, where it is anything else. */
  connections?(listener: string, context: TransportContext): Connections
}

/** Takes what is special; gives a way in over TCP or TLS 1.2 and 1.3, with the PROXY protocol where it is believed. */
export function streamTransport(spec: StreamTransport): Transport {
  return {
    name: spec.name,
    secure: spec.secure,
    port: (config) => spec.port(config),
    async open(port, context) {
      const server = createServer()
      server.listen({ port, host: context.host, backlog: BACKLOG })
      await once(server, 'listening')
      const bound = (server.address() as AddressInfo).port
      const name = `${spec.name}:${bound}`
      const connections = connectionsOf(spec, name, context)
      const entrance = new Entrance(name, connections, context)
      const next = spec.secure ? secured(entrance, connections, context) : entrance.plain
      server.on('connection', (socket: Socket) => entrance.knock(socket, next))
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

function connectionsOf(spec: StreamTransport, name: string, context: TransportContext): Connections {
  if (spec.connections !== undefined) return spec.connections(name, context)
  if (spec.protocol === undefined)
    throw new RangeError(`The transport ${spec.name} has neither protocol nor connections.`)
  return new StreamConnections(name, spec.transport ?? spec.name, spec.protocol, context)
}

function listenerOf(
  server: Server,
  name: string,
  port: number,
  connections: Connections,
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

/** What a connection passes before it may send: bounds, the header of a proxy, bounds of the true sender. */
class Entrance {
  readonly name: string
  readonly #connections: Connections
  readonly #context: TransportContext
  readonly #readProxy: ReturnType<typeof proxyReader>
  /** Connections that have not shown a header or finished their handshake, and from where: they count against the bounds too. */
  readonly #waiting = new Map<Socket, string>()
  readonly #waitingFrom = new Map<string, number>()

  constructor(name: string, connections: Connections, context: TransportContext) {
    this.name = name
    this.#connections = connections
    this.#context = context
    this.#readProxy = proxyReader(context.config.proxyProtocolFrom)
  }

  readonly plain = (socket: Socket, peer: Peer): void => {
    this.arrived(socket)
    this.#connections.add(socket, peer, null)
    socket.resume()
  }

  knock(socket: Socket, next: (socket: Socket, peer: Peer) => void): void {
    const peer = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? null }
    const { maxConnections, maxConnectionsPerAddress } = this.#context.config
    if (this.#waiting.size + this.#connections.size >= maxConnections) {
      this.refuse(socket, 'too_many')
      return
    }
    const reading = this.#readProxy(peer)
    // Handshakes that stall may not take the places of others. A proxy stands for many.
    if (reading === null && (this.#waitingFrom.get(peer.address) ?? 0) >= maxConnectionsPerAddress) {
      this.refuse(socket, 'too_many_from_address')
      return
    }
    this.#wait(socket, peer.address)
    const proceed = (sender: Peer): void => {
      const refusal = this.#connections.refusal(sender.address)
      if (refusal === null) next(socket, sender)
      else this.refuse(socket, refusal)
    }
    if (reading === null) {
      proceed(peer)
      return
    }
    reading(socket, (sender) => {
      if (sender === 'bad') this.refuse(socket, 'bad_proxy_header')
      else if (sender !== 'gone') proceed(sender)
    })
  }

  /** The connection waits no longer: it may send. */
  arrived(socket: Socket): void {
    const address = this.#waiting.get(socket)
    if (address === undefined) return
    this.#waiting.delete(socket)
    const left = (this.#waitingFrom.get(address) ?? 1) - 1
    if (left === 0) this.#waitingFrom.delete(address)
    else this.#waitingFrom.set(address, left)
  }

  refuse(socket: Socket, reason: CloseReason): void {
    this.arrived(socket)
    this.#context.closed(this.name, reason)
    socket.on('error', () => {})
    socket.destroy()
  }

  #wait(socket: Socket, address: string): void {
    this.#waiting.set(socket, address)
    this.#waitingFrom.set(address, (this.#waitingFrom.get(address) ?? 0) + 1)
    socket.once('close', () => this.arrived(socket))
  }
}

/** Puts TLS on a connection that has passed the entrance; gives the step that does it. */
function secured(entrance: Entrance, connections: Connections, context: TransportContext) {
  const { tls } = context
  if (tls === null) throw new RangeError('A TLS listener was opened without a certificate.')
  const server: TlsServer = createTlsServer({
    ...secureOptions(tls.current()),
    // A certificate that does not verify is looked at below, so that it can be counted.
    ...(tls.current().ca === null ? {} : { requestCert: true, rejectUnauthorized: false }),
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  })
  tls.onChange((material) => {
    server.setSecureContext(secureOptions(material))
    const isRevoked = (socket: Socket) =>
      socket instanceof TLSSocket && material.revoked.has(socket.getPeerX509Certificate()?.serialNumber ?? '')
    connections.endWhere(isRevoked, 'certificate_revoked')
  })
  const senders = new Map<string, { peer: Peer; below: Socket }>()
  const keyOf = (socket: Socket) => `${socket.remoteAddress} ${socket.remotePort}`
  server.on('secureConnection', (socket: TLSSocket) => {
    const sender = senders.get(keyOf(socket))
    if (sender === undefined) {
      socket.destroy()
      return
    }
    entrance.arrived(sender.below)
    const subject = subjectOf(socket)
    if (typeof subject === 'object' && subject !== null) entrance.refuse(socket, subject.refused)
    else connections.add(socket, sender.peer, subject)
  })
  server.on('tlsClientError', () => {
    // Also when it is reset or stalls; its place is free when its socket is closed.
    context.closed(entrance.name, 'handshake_failed')
  })
  return (socket: Socket, peer: Peer): void => {
    const key = keyOf(socket)
    senders.set(key, { peer, below: socket })
    socket.once('close', () => senders.delete(key))
    server.emit('connection', socket)
  }
}

function secureOptions({ cert, key, ca, crl }: TlsMaterial): SecureContextOptions {
  return {
    cert,
    key,
    ...(ca === null ? {} : { ca }),
    ...(crl === null ? {} : { crl }),
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  }
}

/** Subject of a verified client certificate, null where none was given, or why it did not verify. */
function subjectOf(socket: TLSSocket): string | null | { refused: CloseReason } {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return null
  if (socket.authorized) return certificate.subject
  switch (String(socket.authorizationError)) {
    case 'CERT_REVOKED':
      return { refused: 'certificate_revoked' }
    case 'CERT_HAS_EXPIRED':
      return { refused: 'certificate_expired' }
    case 'CRL_HAS_EXPIRED':
      return { refused: 'revocation_list_expired' }
    default:
      return { refused: 'bad_certificate' }
  }
}
