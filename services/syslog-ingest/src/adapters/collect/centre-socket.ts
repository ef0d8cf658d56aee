import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { messageOf, TocsinError } from '@tocsin/runtime'
import type { CollectConfig } from '../../collect/config.ts'

const CONNECT_TIMEOUT_MS = 15_000
const KEEP_ALIVE_MS = 30_000

/**
 * Connects to the centre, over TLS 1.2 or 1.3 unless the file says plaintext. The centre's certificate is always checked.
 * Certificate, key and issuers are read at each connection, so that renewed files are taken without a restart. Throws
 * `centre_away` (try again) and `bad_collect_config` (files that cannot be read).
 */
export async function connectCentre(address: string, centre: CollectConfig['centre']): Promise<Socket> {
  const { host, port } = splitAddress(address)
  const socket = centre.plaintext ? connectTcp({ host, port }) : connectTls({ host, port, ...tlsOptions(host, centre) })
  const late = setTimeout(() => socket.destroy(new Error('no answer in 15 s')), CONNECT_TIMEOUT_MS)
  try {
    await once(socket, centre.plaintext ? 'connect' : 'secureConnect')
  } catch (error) {
    socket.destroy()
    throw away(address, error)
  } finally {
    clearTimeout(late)
  }
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  socket.setNoDelay(true)
  return socket
}

/** The centre cannot be reached, or the connection to it broke. */
export function away(address: string, error: unknown): TocsinError {
  return new TocsinError(
    'centre_away',
    `The centre at ${address} is away (${messageOf(error)}): lines are kept here and sent when it is back.`,
    error,
  )
}

/** Name of the centre's certificate, for the log; null without TLS. */
export function peerName(socket: Socket): string | null {
  const certificate = (socket as Partial<TLSSocket>).getPeerX509Certificate?.()
  return certificate === undefined ? null : certificate.subject.replaceAll('\n', ', ')
}

function tlsOptions(host: string, centre: CollectConfig['centre']): ConnectionOptions {
  const name = centre.serverName ?? (isIP(host) === 0 ? host : undefined)
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(name === undefined ? {} : { servername: name }),
    ...(centre.caFile === undefined ? {} : { ca: read(centre.caFile, 'caFile') }),
    ...(centre.certFile === undefined ? {} : { cert: read(centre.certFile, 'certFile') }),
    ...(centre.keyFile === undefined ? {} : { key: read(centre.keyFile, 'keyFile') }),
  }
}

function read(path: string, setting: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new TocsinError(
      'bad_collect_config',
      `centre.${setting}: ${path} cannot be read: ${messageOf(error)}.`,
      error,
    )
  }
}

function splitAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) }
}
