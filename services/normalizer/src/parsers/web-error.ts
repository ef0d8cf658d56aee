import type { EventDraft } from '../draft.ts'
import { type Pattern, readPatterns, setGroups } from '../mapping/patterns.ts'
import type { Line, Parser } from '../parser.ts'
import { readTimeAt } from '../time/read-time.ts'

const nginxShape = /(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[(\w{3,8})\] (\d{1,10})#(\d{1,10}): (?:\*(\d{1,20}) )?/
const apacheShape = /^\[([^\]]{8,60})\] \[([\w-]{0,40}:)?([\w-]{2,20})\] (?:\[pid (\d{1,10})(?::tid \d{1,20})?\] )?/
const client = /\[(?:client|remote) (\[?[0-9A-Fa-f.:]{2,60}?\]?)(?::(\d{1,5}))?\]/
const request = /request: "([A-Z]{2,24}) (.{1,8192}?)(?: HTTP\/(\d(?:\.\d)?))?"/

const details: readonly Pattern[] = [
  {
    shape:
      /(?:user "?'?([^\s"':]{1,128})"?'?(?: not found|: authentication failure|: password mismatch| was not found))/i,
    names: 'user.name',
    category: ['web', 'authentication'],
    type: ['denied'],
    outcome: 'failure',
  },
  {
    shape: /user "([^"]{1,128})":? (?:password mismatch|was not found)/i,
    names: 'user.name',
    category: ['web', 'authentication'],
    type: ['denied'],
    outcome: 'failure',
  },
  {
    shape:
      /(?:File does not exist|script not found or unable to stat|client denied by server configuration|Directory index forbidden by Options directive): (\S{1,4096}?),?(?=$| referer)/i,
    names: 'file.path',
  },
]

/** Error logs of nginx and Apache httpd (2.2 and 2.4). */
export const webError: Parser = {
  name: 'web_error',
  log: { category: 'webserver' },
  frames: ['text', 'key-value'],
  recognises: ({ text }) => nginxShape.test(text.slice(0, 300)) || apacheShape.test(text.slice(0, 200)),
  read(line, event) {
    return readWebError(line, event)
  },
}

/** Reads the head of the line and the client; shared with ModSecurity, which writes into the same logs. */
export function readWebError(line: Line, event: EventDraft): boolean {
  const text = line.text.slice(0, 32_768)
  const context = { receivedAt: line.receivedAt, timeZone: line.timeZone }
  const nginx = nginxShape.exec(text)
  const apache = nginx === null ? apacheShape.exec(text) : null
  if (nginx === null && apache === null) return false
  event.classify(['web'], ['error'])
  if (nginx !== null) {
    event.time = readTimeAt(nginx[1] ?? '', 0, context)?.time
    setGroups('_ log.level process.pid process.thread.id', nginx, event)
    readNginxTail(text, event)
  } else if (apache !== null) {
    event.time = readTimeAt(apache[1] ?? '', 0, context)?.time
    setGroups('_ _ log.level process.pid', apache, event)
  }
  const found = client.exec(text)
  if (found !== null) setGroups('source.ip source.port', found, event)
  event.set('http.request.referrer', /, referr?er: "?([^"\s]{1,4096})/.exec(text)?.[1])
  readPatterns(details, text, event)
  const level = event.fields['log.level']
  if (typeof level === 'string' && /^(?:info|notice|debug)$/.test(level)) event.set('event.type', ['info'])
  return true
}

/** `client: a, server: s, request: "…", upstream: "…", host: "h"`. */
function readNginxTail(text: string, event: EventDraft): void {
  event.endpoint('source', /, client: ([0-9A-Fa-f.:]{2,45})/.exec(text)?.[1])
  const match = request.exec(text)
  if (match !== null) setGroups('http.request.method url.original http.version', match, event)
  const host =
    /, host: "([\w.-]{1,253})(?::\d{1,5})?"/.exec(text)?.[1] ?? /, server: ([A-Za-z][\w.-]{0,253})/.exec(text)?.[1]
  event.set('url.domain', host)
}
