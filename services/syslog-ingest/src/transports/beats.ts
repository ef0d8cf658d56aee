import { beatsReader } from './beats-reader.ts'
import { streamTransport } from './stream-listener.ts'

/** Beats over plain TCP. */
export const beats = streamTransport({
  name: 'beats',
  secure: false,
  port: (config) => config.beatsPort,
  protocol: beatsReader,
})

/** Beats inside TLS. */
export const beatsTls = streamTransport({
  name: 'beats-tls',
  transport: 'beats',
  secure: true,
  port: (config) => config.beatsTlsPort,
  protocol: beatsReader,
})
