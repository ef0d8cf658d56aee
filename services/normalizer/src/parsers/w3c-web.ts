import type { EventDraft } from '../draft.ts'
import type { Parser } from '../parser.ts'
import { readIp } from '../values.ts'

const start = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /
const method = /^(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|TRACE|PROPFIND|DEBUG|SEARCH|CONNECT)$/

/**
 * W3C extended log of IIS, read without its `#Fields` line: columns are found around the method (server address before it; stem, query, port, user and client
 * after it), and the status by its shape.
 */
export const w3cWeb: Parser = {
  name: 'w3c_web',
  log: { product: 'iis', category: 'webserver' },
  frames: ['text', 'key-value'],
  recognises: ({ text }) =>
    start.test(text) &&
    text
      .slice(0, 400)
      .split(' ', 8)
      .some((word) => method.test(word)),
  read(line, event) {
    const words = line.text.slice(0, 32_768).split(' ', 64)
    const at = words.findIndex((word) => method.test(word))
    const stem = words[at + 1]
    if (at < 2 || stem === undefined || !/^(?:\/|\*|[a-z]{2,8}:)/i.test(stem)) return false
    const client = words.findIndex((word, index) => index > at + 3 && readIp(word) !== undefined)
    if (client < 0 || client > at + 6) return false
    for (const word of words.slice(2, at)) if (readIp(word) !== undefined) event.endpoint('destination', word)
    event.set('http.request.method', words[at])
    event.set('url.original', stem)
    event.set('url.query', words[at + 2])
    event.port('destination.port', words[at + 3])
    setUser(words[client - 1], event)
    event.endpoint('source', words[client])
    readRest(words.slice(client + 1), event)
    return true
  },
}

function setUser(word: string | undefined, event: EventDraft): void {
  if (word === undefined || word === '-' || /^\d+$/.test(word)) return
  const slash = word.lastIndexOf('\\')
  if (slash > 0) event.set('user.domain', word.slice(0, slash))
  event.set('user.name', word.slice(slash + 1))
}

/** `[version] agent [cookie] [referrer] [host] status substatus win32 …`; spaces inside columns are written `+`. */
function readRest(words: string[], event: EventDraft): void {
  const status = words.findIndex(
    (word, index) =>
      /^[1-5]\d\d$/.test(word) && /^\d{1,6}$/.test(words[index + 1] ?? '') && /^\d{1,10}$/.test(words[index + 2] ?? ''),
  )
  if (status >= 0) event.integer('http.response.status_code', words[status])
  const texts = words.slice(0, status < 0 ? words.length : status).filter((word) => !/^HTTP\/\d/.test(word))
  const agent = texts[0]
  if (agent !== undefined && agent !== '-') event.set('user_agent.original', agent.replaceAll('+', ' '))
  event.set(
    'http.request.referrer',
    texts.find((word) => /^https?:\/\//.test(word)),
  )
  const host = texts.findLast(
    (word, index) => index > 0 && /^[A-Za-z0-9][\w.-]{1,253}(?::\d{1,5})?$/.test(word) && word.includes('.'),
  )
  event.set('url.domain', host?.replace(/:\d{1,5}$/, ''))
  const code = event.fields['http.response.status_code']
  event.classify(
    ['web'],
    ['access'],
    'http_request',
    typeof code !== 'number' ? undefined : code >= 400 ? 'failure' : 'success',
  )
}
