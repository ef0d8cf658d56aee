import type { EventDraft } from '../draft.ts'

const absoluteUrl =
  /^[a-z][a-z0-9+.-]{1,15}:\/\/(?:[^/?#@\s]{0,256}@)?(\[[0-9A-Fa-f:.]{2,45}\]|[^/?#:\s]{1,253})(?::(\d{1,5}))?([^?#\s]{0,16384})(?:\?([^#]{0,16384}))?/i

/** What follows from fields already there: parts of the URL, the process's name, kind and related defaults of ECS. */
export function finish(event: EventDraft): void {
  mirror(event)
  splitUrl(event)
  nameProtocol(event)
  const executable = event.fields['process.executable']
  if (typeof executable === 'string')
    event.fill(
      'process.name',
      executable.slice(Math.max(executable.lastIndexOf('/'), executable.lastIndexOf('\\')) + 1),
    )
  const path = event.fields['file.path']
  if (typeof path === 'string')
    event.fill('file.name', path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1))
  sum('network.bytes', 'source.bytes', 'destination.bytes', event)
  sum('network.packets', 'source.packets', 'destination.packets', event)
  event.fill('event.kind', 'event')
  if (event.quality.length > 0) event.set('tocsin.quality', event.quality)
}

const mirrored = ['ip', 'port', 'domain', 'bytes', 'mac'].flatMap((member) => [
  { from: `client.${member}`, to: `source.${member}` },
  { from: `server.${member}`, to: `destination.${member}` },
])

/** Senders that speak ECS name client and server; rules look for source and destination (ECS, "client": fill both). */
function mirror(event: EventDraft): void {
  for (const { from, to } of mirrored) if (event.has(from)) event.fill(to, event.fields[from])
}

/** The protocol that follows from what was found, where the line names none. */
function nameProtocol(event: EventDraft): void {
  if (event.has('network.protocol')) return
  if (event.has('dns.question.name')) event.set('network.protocol', 'dns')
  const url = event.fields['url.original']
  const scheme = typeof url === 'string' ? /^(https?|ftp|wss?):\/\//i.exec(url)?.[1] : undefined
  if (scheme !== undefined) event.fill('network.protocol', scheme.toLowerCase())
}

function splitUrl(event: EventDraft): void {
  const url = event.fields['url.original']
  if (typeof url !== 'string') return
  const match = absoluteUrl.exec(url)
  if (match !== null) {
    event.fill('url.domain', (match[1] ?? '').replaceAll(/[[\]]/g, ''))
    if (match[2] !== undefined) event.fill('url.port', Number(match[2]))
    event.fill('url.path', match[3] === '' ? '/' : match[3])
    event.fill('url.query', match[4])
    return
  }
  if (!url.startsWith('/')) return
  const query = url.indexOf('?')
  event.fill('url.path', query < 0 ? url : url.slice(0, query))
  if (query >= 0) event.fill('url.query', url.slice(query + 1))
}

function sum(target: string, left: string, right: string, event: EventDraft): void {
  const a = event.fields[left]
  const b = event.fields[right]
  if (typeof a === 'number' && typeof b === 'number') event.fill(target, a + b)
}
