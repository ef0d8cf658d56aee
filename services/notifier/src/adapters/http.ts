import type { HttpPost } from '../channel.ts'

/** POSTs by fetch: redirects are handed back as they are, time and answer are bounded. */
export const post: HttpPost = async (url, { headers, body, timeoutMs, maxReplyBytes }, signal) => {
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body,
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  })
  return { status: response.status, reply: await boundedText(response, maxReplyBytes) }
}

async function boundedText(response: Response, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  if (response.body === null) return ''
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    parts.push(part.subarray(0, maxBytes - bytes))
    bytes += part.length
    // Leaving the loop cancels the rest of the answer.
    if (bytes >= maxBytes) break
  }
  return Buffer.concat(parts).toString('utf8')
}
