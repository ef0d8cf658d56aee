import { limits } from '../limits.ts'
import type { Header, Pair, VendorFrame } from '../parser.ts'
import { readCef } from './cef.ts'
import { readJson } from './json.ts'
import { readKeyValues } from './key-value.ts'
import { readLeef } from './leef.ts'
import { readRendered } from './rendered.ts'
import { readXml } from './xml.ts'

const namedFrame = /\b(CEF|LEEF): ?\d/

/** Finds the vendor's frame in a message by its structure alone and reads its values; `text` is what has none. */
export function detectFrame(message: string, header: Header): VendorFrame {
  const frame = readFrame(message)
  const parameters = header.structuredData
  if (parameters === undefined) return frame
  const pairs = [...parameters, ...frame.pairs].slice(0, limits.maxPairs)
  return { ...frame, kind: frame.kind === 'text' ? 'key-value' : frame.kind, pairs }
}

function readFrame(message: string): VendorFrame {
  const named = namedFrame.exec(message.slice(0, 400))
  if (named !== null) {
    const found = named[1] === 'CEF' ? readCef(message, named.index) : readLeef(message, named.index)
    if (found !== undefined) return found
  }
  const brace = jsonStart(message)
  if (brace >= 0) {
    const pairs = readJson(message.slice(brace))
    if (pairs !== undefined) return { kind: 'json', pairs: withRendered(pairs), lead: message.slice(0, brace) }
  }
  const angle = xmlStart(message)
  if (angle >= 0) {
    const pairs = readXml(message.slice(angle))
    if (pairs.length > 1) return { kind: 'xml', pairs: withRendered(pairs), lead: message.slice(0, angle) }
  }
  const pairs: Pair[] = readKeyValues(message)
  return { kind: pairs.length >= 3 ? 'key-value' : 'text', pairs, lead: '' }
}

const renderedKey = /(?:^|\.)Data$/

/** Adds what stands as lines of `key:value` in one value, as databases write their audit into a Windows event. */
function withRendered(pairs: Pair[]): Pair[] {
  const found = pairs.find(([key, value]) => value.length > 40 && value.includes('\n') && renderedKey.test(key))
  return found === undefined ? pairs : [...pairs, ...readRendered(found[1])].slice(0, limits.maxPairs)
}

function jsonStart(message: string): number {
  const last = message.length - 1
  const first = message.charCodeAt(0)
  if (first === 123) return 0
  if (first === 91 && /^\[\s{0,20}\{/.test(message.slice(0, 24))) return 0
  // A tag or a marker such as `@cee:` may stand before it, but then the object must close the line.
  const end = message.charCodeAt(last)
  if (end !== 125 && message.trimEnd().slice(-1) !== '}') return -1
  const brace = message.slice(0, 300).search(/\{\s{0,20}"/)
  return brace
}

function xmlStart(message: string): number {
  if (/^<[A-Za-z?]/.test(message)) return 0
  return message.slice(0, 200).search(/<(?:Event|event|log|syslog|audit|\?xml)[\s>]/)
}
