import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const READER = `
import json, sys, xml.etree.ElementTree as ET
out = {}
for path in sys.argv[1:]:
    raw = open(path, 'rb').read()
    raw.decode('utf-8')
    root = ET.fromstring(raw)
    out[path] = {'root': root.tag, 'bom': raw[:3] == b'\\xef\\xbb\\xbf', 'declaration': raw.split(b'\\n')[0].decode(), 'elements': [[e.tag, e.text or ''] for e in root]}
json.dump(out, sys.stdout)
`

/** A file as Python's own XML parser reads it. */
export interface ReadBack {
  root: string
  bom: boolean
  declaration: string
  elements: [string, string][]
}

/** Reads files with a parser that shares nothing with the writer: Python's expat. */
export function readWithPython(...paths: readonly string[]): Map<string, ReadBack> {
  const text = execFileSync('python3', ['-c', READER, ...paths], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  return new Map(Object.entries(JSON.parse(text) as Record<string, ReadBack>))
}

/** Validates files with xmllint, where it is installed; gives null where it is not. */
export function validateWithXmllint(...paths: readonly string[]): boolean | null {
  if (!existsSync('/usr/bin/xmllint')) return null
  const schema = fileURLToPath(new URL('../../../regulations/tw-soc-1.3/incident.xsd', import.meta.url))
  try {
    execFileSync('/usr/bin/xmllint', ['--noout', '--nonet', '--schema', schema, ...paths], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}
