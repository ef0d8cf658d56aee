import type { EventDraft } from '../draft.ts'
import { readCsv } from '../frames/csv.ts'
import { setGroups } from '../mapping/patterns.ts'
import type { Parser } from '../parser.ts'
import { readTimeAt } from '../time/read-time.ts'

const start = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? [A-Z][A-Z0-9+-]{1,5}[ ,:]/
const level = /\b(LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DETAIL|LOCATION|HINT|STATEMENT|CONTEXT|DEBUG\d?): /
const identity =
  /\[(\d{1,10})(?:-\d{1,10})?\]:?(?:.{0,40}?\b|\s)(?:user=)?([\w.-]{1,63}|\[unknown\])(?:@|,db=)([\w.-]{1,63}|\[unknown\])/

/** PostgreSQL's server log: `log_line_prefix` in its usual forms, and CSV. */
export const postgresql: Parser = {
  name: 'postgresql',
  log: { product: 'postgresql', category: 'database' },
  frames: ['text', 'key-value'],
  recognises: ({ text }) =>
    start.test(text) &&
    (level.test(text.slice(0, 400)) ||
      /,\d{1,10},(?:"[^"]{1,60}"|[\w.:]{0,60}),[0-9a-f]{4,10}\.[0-9a-f]{1,8},/.test(text.slice(0, 400))),
  read(line, event) {
    const text = line.text.slice(0, 16_384)
    event.time = readTimeAt(text, 0, { receivedAt: line.receivedAt, timeZone: line.timeZone })?.time
    event.classify(['database'], ['info'])
    const found = level.exec(text.slice(0, 400))
    if (/^[^\s,]+ [^\s,]+ [^\s,]+,/.test(text)) readColumns(text, event)
    else {
      const head = text.slice(0, found === null ? 400 : found.index + 8)
      const match = identity.exec(head)
      if (match !== null) setGroups('process.pid user.name tocsin.database.name', match, event)
      else event.integer('process.pid', /\[(\d{1,10})(?:-\d{1,10})?\]/.exec(head)?.[1])
      setLevel(found?.[1], event)
    }
    readLogin(text, event)
    return true
  },
}

function readColumns(text: string, event: EventDraft): void {
  const columns = readCsv(text, 24)
  event.set('user.name', columns[1])
  event.set('tocsin.database.name', columns[2])
  event.integer('process.pid', columns[3])
  event.endpoint('source', columns[4])
  event.set('event.code', columns[12] === '00000' ? undefined : columns[12])
  setLevel(columns[11], event)
}

function setLevel(word: string | undefined, event: EventDraft): void {
  event.set('log.level', word)
  if (word === 'ERROR' || word === 'FATAL' || word === 'PANIC') event.set('event.type', ['error'])
}

function readLogin(text: string, event: EventDraft): void {
  const failed = /authentication failed for user "{1,2}([^"]{1,63})"/.exec(text)
  if (failed !== null) {
    event.classify(['database', 'authentication'], ['start', 'denied'], 'login', 'failure')
    event.set('user.name', failed[1])
  } else if (text.includes('connection authorized: '))
    event.classify(['database', 'authentication'], ['start'], 'login', 'success')
  const peer = /connection received: host=(\S{1,253}) port=(\d{1,5})/.exec(text)
  if (peer !== null) event.endpoint('source', peer[1], peer[2])
}
