import type { VendorFrame } from '../parser.ts'

/** Keys under which shippers and container runtimes keep the line that they wrap. */
const wrapperKeys = [
  'message',
  'log',
  'raw',
  '_raw',
  'result._raw',
  'rawmsg',
  'MESSAGE',
  'msg',
  'raw_message',
  'event.original',
  'original',
]
const lineInside =
  /^\s{0,4}(?:\{|<\d{1,3}>|<[A-Za-z]|CEF:|LEEF:|\d{4}-\d\d-\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:|\[[A-Z]{3,8}\]|\d{1,3}(?:\.\d{1,3}){3} )/

/** The line inside a wrapper (`{"log": "…", "stream": "stdout"}`), or undefined when the frame is an event of its own. */
export function embeddedLine(frame: VendorFrame): string | undefined {
  if (frame.kind !== 'json') return undefined
  for (const key of wrapperKeys) {
    const pair = frame.pairs.find(([name]) => name === key)
    if (pair !== undefined && pair[1].length > 20 && lineInside.test(pair[1])) return pair[1]
  }
  return undefined
}
