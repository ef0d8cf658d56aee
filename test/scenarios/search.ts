import type { FullStack } from '../support/full-stack.ts'

interface Answer {
  hits?: { total: { value: number }; hits: { _id: string; _index: string; _source: Record<string, unknown> }[] }
}

/** Asks Elasticsearch over plain HTTP, fresh; gives the count and up to 100 documents. */
export async function search(
  stack: Pick<FullStack, 'elasticsearch'>,
  pattern: string,
  query: object,
): Promise<{ total: number; hits: { id: string; index: string; source: Record<string, unknown> }[] }> {
  const base = `${stack.elasticsearch}/${pattern}`
  const options = 'ignore_unavailable=true&allow_no_indices=true'
  await fetch(`${base}/_refresh?${options}`, { method: 'POST', signal: AbortSignal.timeout(15_000) })
  const response = await fetch(`${base}/_search?${options}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, size: 100, track_total_hits: true }),
    signal: AbortSignal.timeout(15_000),
  })
  const { hits } = (await response.json()) as Answer
  const found = hits?.hits ?? []
  return {
    total: hits?.total.value ?? 0,
    hits: found.map(({ _id, _index, _source }) => ({ id: _id, index: _index, source: _source })),
  }
}
