import type { EventDraft } from '../draft.ts'
import { readCsv } from '../frames/csv.ts'
import { type Pattern, readPatterns } from '../mapping/patterns.ts'
import type { Parser } from '../parser.ts'
import { readMac, readTransport } from '../values.ts'

const alert: readonly Pattern[] = [
  {
    shape:
      /\[(\d{1,9}):(\d{1,12}):\d{1,9}\]:? "?(.{1,512}?)"? (?:\[\*\*\] )?(?:\[Classification: ([^\]]{1,128})\] )?(?:\[Priority: (\d{1,3})\]:? )?(?:<[^>]{1,64}> )?\{([\w-]{1,16})\} \[?([0-9A-Fa-f.:]{2,45}?)\]?(?::(\d{1,5}))? -> \[?([0-9A-Fa-f.:]{2,45}?)\]?(?::(\d{1,5}))?(?:\s|$)/,
    names:
      '_ rule.id rule.name rule.category event.severity network.transport source.ip source.port destination.ip destination.port',
  },
]
const csvShape = /^\s?[^,]{0,40},\d{1,9},\d{1,12},\d{1,9},/

/** Snort's fast and syslog alerts (`[gid:sid:rev] … {TCP} a:p -> b:p`) and its CSV in the default order. */
export const snort: Parser = {
  name: 'snort',
  log: { product: 'snort', category: 'ids' },
  frames: ['text', 'key-value'],
  recognises: ({ message, text }) =>
    (message.includes(' -> ') && /\[\d{1,9}:\d{1,12}:\d{1,9}\]/.test(message.slice(0, 300))) ||
    (/^\d\d\/\d\d[-/]/.test(text) && /^[^,]{0,40},\d{1,9},\d{1,12},\d{1,9},/.test(text.slice(0, 100))),
  read(line, event) {
    event.set('event.kind', 'alert')
    event.classify(['network', 'intrusion_detection'], ['info'], 'detected')
    if (readPatterns(alert, line.message.slice(0, 8192), event)) return true
    return csvShape.test(line.text.slice(0, 100)) && readAlertColumns(readCsv(line.text.slice(0, 8192), 32), event)
  },
}

/** timestamp, gid, sid, rev, message, protocol, source, port, destination, port, source MAC, destination MAC. */
function readAlertColumns(columns: string[], event: EventDraft): boolean {
  event.set('rule.id', columns[2])
  event.set('rule.name', columns[4])
  event.set('network.transport', readTransport(columns[5] ?? ''))
  event.endpoint('source', columns[6], columns[7])
  event.endpoint('destination', columns[8], columns[9])
  event.set('source.mac', readMac(columns[10] ?? ''))
  event.set('destination.mac', readMac(columns[11] ?? ''))
  return true
}
