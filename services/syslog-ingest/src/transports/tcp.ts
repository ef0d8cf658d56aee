import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { StreamConnections } from './stream-connections.ts'
import type { Transport } from './transport.ts'

/** Syslog over plain TCP (RFC 6587), both framings on one port. */
export const tcp: Transport = {
  name: 'tcp',
  port: (config) => config.tcpPort,
  async open(port, context) {
    const server = createServer()
    server.listen({ port, host: context.host, backlog: 1_024 })
    await once(server, 'listening')
    const bound = (server.address() as AddressInfo).port
    const name = `tcp:${bound}`
    const connections = new StreamConnections(name, 'tcp', context)
    server.on('connection', (socket) => {
      const refusal = connections.refusal(socket.remoteAddress ?? '')
      if (refusal === null) {
        connections.add(socket, null)
        return
      }
      context.closed(name, refusal)
      socket.destroy()
    })
    server.on('error', (error) =>
      context.log.error({ listener: name, err: error, code: 'listener_error' }, 'The TCP listener failed.'),
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
