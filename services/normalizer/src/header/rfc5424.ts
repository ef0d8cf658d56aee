import type { Header, Pair } from '../parser.ts'
import { readTimeAt, type TimeContext } from '../time/read-time.ts'

// Any version: what follows it is read as far as it goes.
const versionShape = /[1-9]\d{0,2} {1,2}(?=\d{4}-\d\d-|- |\d{10})/y
const tokenShape = /([!-~]{1,255}) ?/y
const nameShape = /^[^={"<]{1,128}$/
const idShape = /\[([^\s=\]"]{1,64})/y
const parameterShape = /\s{1,4}([^\s=\]"]{1,64})="((?:[^"\\]|\\.){0,4096})"/y

/**
 * RFC 5424 6: VERSION TIME HOST APP PROCID MSGID SD. Gives the index of the message, or undefined when no version stands there.
 * Senders that stop after the host (epoch time, JSON at once) are read as far as they go; NILVALUEs are left out.
 */
export function readRfc5424(text: string, from: number, header: Header, context: TimeContext): number | undefined {
  versionShape.lastIndex = from
  if (header.priority === undefined || !versionShape.test(text)) return undefined
  let at = versionShape.lastIndex
  const time = readTimeAt(text, at, context)
  if (time !== undefined) {
    header.time = time.time
    at = text.indexOf(' ', time.end) + 1
    if (at === 0) return undefined
  } else if (text.startsWith('- ', at)) at += 2
  else return undefined
  const host = token(text, at)
  if (host === undefined) return undefined
  if (host.value !== '-') header.host = host.value
  header.read = time === undefined ? 'rfc5424+nil-time' : 'rfc5424'
  const names = readNames(text, host.end)
  if (names === undefined) {
    header.read += '+short'
    return host.end
  }
  if (names.application !== '-') header.application = names.application
  if (/^\d{1,10}$/.test(names.processId)) header.processId = Number(names.processId)
  if (names.messageId !== '-') header.messageId = names.messageId
  return readStructuredData(text, names.end, header)
}

function readNames(
  text: string,
  from: number,
): { application: string; processId: string; messageId: string; end: number } | undefined {
  const application = token(text, from)
  const processId = application && token(text, application.end)
  const messageId = processId && token(text, processId.end)
  if (application === undefined || processId === undefined || messageId === undefined) return undefined
  if (![application, processId, messageId].every((one) => nameShape.test(one.value))) return undefined
  const next = text[messageId.end]
  if (next === '-' || next === '[')
    return {
      application: application.value,
      processId: processId.value,
      messageId: messageId.value,
      end: messageId.end,
    }
  // Check Point leaves the message id out: APP PROCID SD.
  const short = text[processId.end]
  if ((short === '[' || short === '-') && application.value.length < 49) {
    return { application: application.value, processId: processId.value, messageId: '-', end: processId.end }
  }
  return undefined
}

function readStructuredData(text: string, from: number, header: Header): number {
  if (text[from] === '-') return text[from + 1] === ' ' ? from + 2 : from + 1
  let at = from
  const pairs: Pair[] = []
  while (text[at] === '[') {
    const end = readElement(text, at, pairs)
    // Not of the standard's shape (colons, semicolons): a vendor's frame, which stays in the message.
    if (end === undefined) break
    at = end
  }
  if (pairs.length > 0) header.structuredData = pairs
  return text[at] === ' ' ? at + 1 : at
}

function readElement(text: string, from: number, pairs: Pair[]): number | undefined {
  idShape.lastIndex = from
  if (!idShape.test(text)) return undefined
  let at = idShape.lastIndex
  for (let count = 0; count < 512; count++) {
    parameterShape.lastIndex = at
    const match = parameterShape.exec(text)
    if (match?.[1] === undefined) break
    pairs.push([match[1], (match[2] ?? '').replaceAll(/\\(["\\\]])/g, '$1')])
    at = parameterShape.lastIndex
  }
  while (text[at] === ' ') at++
  return text[at] === ']' ? at + 1 : undefined
}

function token(text: string, from: number): { value: string; end: number } | undefined {
  tokenShape.lastIndex = from
  const match = tokenShape.exec(text)
  return match?.[1] === undefined ? undefined : { value: match[1], end: tokenShape.lastIndex }
}
