import { createConnection } from 'node:net'

/** True when `url` answers with a status below 300 inside `timeoutMs`; never throws. */
export async function answersHttp(url: string, timeoutMs = 2000): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

// ApiVersions v0 with correlation id 1 and client id "tocsin" (Kafka protocol guide, request header v1).
const apiVersionsRequest = Buffer.from('0000001000120000000000010006746f6373696e', 'hex')

/**
 * True when a Kafka broker answers an ApiVersions request: a KRaft broker handles requests only once it is unfenced, so an
 * answer means that it is usable, where an open port alone does not. Never throws.
 */
export function answersKafka(host: string, port: number, timeoutMs = 2000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port })
    const finish = (isUp: boolean): void => {
      socket.destroy()
      resolve(isUp)
    }
    socket.setTimeout(timeoutMs, () => finish(false))
    socket.once('error', () => finish(false))
    socket.once('close', () => finish(false))
    socket.once('connect', () => socket.write(apiVersionsRequest))
    // Bytes 4–8 are the correlation id of the request, which only a Kafka broker gives back.
    socket.once('data', (data) => finish(data.length >= 10 && data.readInt32BE(4) === 1 && data.readInt16BE(8) === 0))
  })
}
