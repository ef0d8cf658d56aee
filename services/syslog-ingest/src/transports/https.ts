import { HttpConnections } from './http-connections.ts'
import { streamTransport } from './stream-listener.ts'

/** Lines by HTTPS, for senders that speak nothing else. */
export const https = streamTransport({
  name: 'https',
  secure: true,
  port: (config) => config.httpsPort,
  connections: (listener, context) => new HttpConnections(listener, context),
})
