import { readFileSync } from 'node:fs'
import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { SensorState } from '@tocsin/events'
import { TocsinError } from '@tocsin/runtime'
import type { SensorDesk } from '../sensors/sensor-desk.ts'

const maxBodyBytes = 256 * 1_024
const requestTimeoutMs = 30_000
const maxConnections = 2_000

/** Where sensors ask. Without certificate and key it listens on this machine only. */
export interface SensorServerSettings {
  host: string
  port: number
  certFile?: string | undefined
  keyFile?: string | undefined
}

/** Serves the desk; `keep` is awaited before a sensor's report is answered. Gives the port and how to stop. */
export async function serveSensors(
  settings: SensorServerSettings,
  desk: SensorDesk,
  keep: (state: SensorState) => Promise<void>,
  now: () => number,
): Promise<{ port: number; close(): Promise<void> }> {
  const { host, certFile, keyFile } = settings
  const isLocal = host === 'localhost' || host === '::1' || host.startsWith('127.')
  const isTls = certFile !== undefined && keyFile !== undefined
  if (!isTls && !isLocal)
    throw new TocsinError('usage', `Sensors must not be served on ${host} without TLS: give --cert and --key.`)
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response, desk, keep, now).catch(() => {
      response.statusCode = 503
      response.end()
    })
  }
  const server: Server = isTls
    ? createTls({ cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' }, handle)
    : createPlain(handle)
  server.requestTimeout = requestTimeoutMs
  server.maxConnections = maxConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(settings.port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  desk: SensorDesk,
  keep: (state: SensorState) => Promise<void>,
  now: () => number,
): Promise<void> {
  const token = /^Bearer (\S{16,200})$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const body = desk.admits(request.url ?? '', token) ? await bodyOf(request) : ''
  if (body === null) {
    response.statusCode = 413
    response.end()
    return
  }
  const given = { method: request.method ?? '', path: request.url ?? '', token, body, nowMs: now() }
  const { status, body: said, state } = desk.answer(given)
  if (state !== undefined) await keep(state)
  response.statusCode = status
  response.setHeader('content-type', 'application/json')
  response.setHeader('cache-control', 'no-store')
  response.end(said === null ? undefined : JSON.stringify(said))
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let octets = 0
  for await (const chunk of request) {
    octets += (chunk as Buffer).length
    if (octets > maxBodyBytes) return null
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}
