import { type Indicator, idFrom } from '@tocsin/events'
import { parseBlock } from '../address.ts'

/** A line of a list that could not be read. */
export interface Fault {
  line: number
  reason: string
}

/** What is the same for a whole list. */
export interface ListSettings {
  feed: string
  tlp: string
  importedAt: number
}

const TYPES = new Set(['ip', 'cidr', 'domain', 'url', 'hash'])

/**
 * Reads a list in CSV: `type,value[,confidence[,description]]`, `#` begins a comment. Gives the indicators and the
 * faults by line; a faulty line never stops the others (VN-4.3a).
 */
export function readIndicatorCsv(text: string, settings: ListSettings): { indicators: Indicator[]; faults: Fault[] } {
  const indicators: Indicator[] = []
  const faults: Fault[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || /^type,value/i.test(line)) continue
    const [type = '', value = '', confidence = '50', ...rest] = line
      .split(',')
      .map((cell, cellIndex) => (cellIndex < 3 ? cell.trim() : cell))
    const description = rest.join(',').trim().replace(/^"|"$/g, '')
    const reason = faultOf(type.toLowerCase(), value, confidence)
    if (reason !== null) {
      faults.push({ line: index + 1, reason })
      continue
    }
    indicators.push({
      indicatorId: idFrom(settings.feed, type.toLowerCase(), value.toLowerCase()),
      type: type.toLowerCase(),
      value,
      feed: settings.feed,
      confidence: Number(confidence),
      tlp: settings.tlp,
      verification: 'unverified',
      description: description === '' ? null : description,
      validFrom: 0,
      validUntil: null,
      importedAt: settings.importedAt,
      revoked: false,
    })
  }
  return { indicators, faults }
}

function faultOf(type: string, value: string, confidence: string): string | null {
  if (!TYPES.has(type)) return `The type "${type}" is none of ip, cidr, domain, url, hash.`
  if (value === '') return 'The value is empty.'
  if ((type === 'ip' || type === 'cidr') && parseBlock(value) === null) return `"${value}" is no address.`
  if (!/^(100|\d{1,2})$/.test(confidence)) return `The confidence "${confidence}" is not between 0 and 100.`
  return null
}
