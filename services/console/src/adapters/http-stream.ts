import { TocsinError } from '@tocsin/runtime'
import type { FastifyReply } from 'fastify'
import { maySee } from '../authorize.ts'
import { summaryOf } from '../case-view.ts'
import type { LiveChange } from '../live-log.ts'
import type { ConsoleParts } from './console-parts.ts'
import { accountOf, type Call } from './http-guard.ts'

const BEAT_MS = 5_000
const MAX_STREAMS = 500
const MAX_STREAMS_PER_ACCOUNT = 20
/** A page that does not read is cut off; it comes back with the last id it saw. */
const MAX_UNSENT_BYTES = 4_000_000

const open = new Map<string, number>()

/**
 * Live changes as server-sent events. A page that says which id it saw last gets what it missed, any other the whole list
 * (`snapshot`). Only cases of bodies that the account may see are sent: the filter is here, not in the page (VN-2.1).
 */
export function openStream(call: Call, parts: ConsoleParts, reply: FastifyReply): FastifyReply {
  const { account, session, request } = call
  if (account === null || session === null) throw new TocsinError('not_signed_in', 'Sign in first.')
  const named = (request.query as Readonly<Record<string, string | undefined>>)['constituent']
  const isVisible = (constituent: string): boolean =>
    maySee(account, constituent) && (named === undefined || named === constituent)
  const release = takePlace(account.name)

  void reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  const send = (event: string, id: string | null, data: unknown): void => {
    raw.write(`${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    if (raw.writableLength > MAX_UNSENT_BYTES) raw.destroy()
  }
  const give = (change: LiveChange): void => {
    const { caseId, constituent, summary, seq } = change
    if (isVisible(constituent)) send('case', parts.live.idOf(seq), { caseId, summary })
  }
  const beat = (): void => {
    const alive = accountOf(parts.sessions.alive(session.id, parts.clock.now()), parts)
    if (alive === null) raw.end()
    else send('beat', null, { now: parts.clock.now() })
  }

  const missed = parts.live.since(headerOf(request.headers['last-event-id']))
  if (missed !== null) for (const change of missed) give(change)
  else send('snapshot', parts.live.lastId, { cases: parts.cases.list(isVisible).map(summaryOf) })
  const unsubscribe = parts.live.subscribe(give)
  beat()
  const timer = setInterval(beat, BEAT_MS)
  const stop = (): void => void raw.end()
  parts.signal.addEventListener('abort', stop)
  raw.once('close', () => {
    clearInterval(timer)
    unsubscribe()
    release()
    parts.signal.removeEventListener('abort', stop)
  })
  return reply
}

function headerOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header.slice(0, 100) : undefined
}

/** Counts the stream in; gives the function that counts it out. Throws `too_many_streams`. */
function takePlace(account: string): () => void {
  const all = [...open.values()].reduce((sum, count) => sum + count, 0)
  const own = open.get(account) ?? 0
  if (all >= MAX_STREAMS || own >= MAX_STREAMS_PER_ACCOUNT)
    throw new TocsinError('too_many_streams', 'Too many pages are open; close some.')
  open.set(account, own + 1)
  return () => {
    const left = (open.get(account) ?? 1) - 1
    if (left === 0) open.delete(account)
    else open.set(account, left)
  }
}
