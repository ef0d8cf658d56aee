import type { lookup as lookUp } from 'node:dns'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { HttpPost } from '../channel.ts'
import { type AddressPolicy, guardedLookup, LOOPBACK, notAllowed, publicOr } from './public-address.ts'

/**
 * POSTs to public addresses and those of `allow`: redirects are handed back as they are, time and answer are bounded. The address
 * is checked when it is known and once more on the connected socket. An error's `cause` has the code of the network.
 */
export function httpPost(allow: readonly string[], lookup?: typeof lookUp): HttpPost {
  const policy = publicOr(allow)
  return async (address, { headers, body, timeoutMs, maxReplyBytes }, signal) => {
    const url = new URL(address)
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    try {
      const response = await answerTo(url, headers, body, within, policy, lookup)
      return { status: response.statusCode ?? 0, reply: await boundedText(response, maxReplyBytes) }
    } catch (error) {
      throw new Error(`no answer from ${url.host}: ${(error as Error).message}`, { cause: error })
    }
  }
}

/** For the embedded profile, whose receivers are on this host. */
export const post: HttpPost = httpPost(LOOPBACK)

function answerTo(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
  policy: AddressPolicy,
  lookup: typeof lookUp | undefined,
): Promise<IncomingMessage> {
  // What is an address already is looked up by nobody; the URL has made one form of all ways to write it.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !policy(host)) return Promise.reject(notAllowed(host, undefined))
  const start = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sent = start(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        lookup: guardedLookup(policy, lookup),
        signal,
        // A connection of its own: none that was checked under another name is used again.
        agent: false,
      },
      resolve,
    )
    sent.on('socket', (socket) =>
      socket.on('connect', () => {
        const reached = socket.remoteAddress
        if (reached === undefined || !policy(reached)) sent.destroy(notAllowed(host, reached))
      }),
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

async function boundedText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response as AsyncIterable<Uint8Array>) {
    parts.push(part.subarray(0, maxBytes - bytes))
    bytes += part.length
    // Leaving the loop ends the connection and the rest of the answer.
    if (bytes >= maxBytes) break
  }
  return Buffer.concat(parts).toString('utf8')
}
