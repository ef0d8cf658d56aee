/** One thing that a pattern names. */
export interface PatternValue {
  kind: string
  value: string
}

const paths: Readonly<Record<string, string>> = {
  'ipv4-addr:value': 'ip',
  'ipv6-addr:value': 'ip',
  'network-traffic:src_ref.value': 'ip',
  'network-traffic:dst_ref.value': 'ip',
  'domain-name:value': 'domain',
  'url:value': 'url',
  'file:hashes.MD5': 'hash',
  'file:hashes.SHA1': 'hash',
  'file:hashes.SHA256': 'hash',
  'file:hashes.SHA512': 'hash',
}
const maxPatternChars = 65_536

/**
 * Reads a STIX pattern that is a choice among values: `[ipv4-addr:value = '…' OR …]`, `IN (…)`, `ISSUBSET '…'`, several observations joined by
 * OR. Gives the values, or null for a pattern that asks for several things at once, a sequence, or a kind that no event carries: taking
 * half of it would report what its author did not mean.
 */
export function valuesOfPattern(pattern: string): PatternValue[] | null {
  if (pattern.length > maxPatternChars) return null
  const values: PatternValue[] = []
  let rest = pattern.trim()
  // One comparison at a time, anchored, so that the cost is linear in the length of the pattern.
  while (rest !== '') {
    const opening = /^[\s[(]*/.exec(rest)?.[0] ?? ''
    rest = rest.slice(opening.length)
    const found =
      /^([a-z0-9-]+:[\w.'"-]+)\s*(=|IN|ISSUBSET)\s*(\((?:[^')]|'(?:[^'\\]|\\.)*')*\)|'(?:[^'\\]|\\.)*')/.exec(rest)
    const kind = found === null ? undefined : paths[pathOf(found[1] ?? '')]
    if (found === null || kind === undefined) return null
    for (const text of textsOf(found[3] ?? ''))
      values.push({ kind: kind === 'ip' && text.includes('/') ? 'cidr' : kind, value: text })
    rest = rest.slice(found[0].length)
    const joint = /^[\s\])]*(?:OR\b|$)/.exec(rest)
    if (joint === null) return null
    rest = rest.slice(joint[0].length).trim()
  }
  return values.length === 0 ? null : values
}

/** `file:hashes.'SHA-256'` and `file:hashes."SHA-256"` are one path. */
const pathOf = (text: string): string => {
  const [object = '', path = ''] = text.split(':', 2)
  return object === 'file' ? `${object}:${path.replaceAll(/['"-]/g, '')}` : text
}

function textsOf(text: string): string[] {
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'/g)].map((match) => (match[1] ?? '').replaceAll(/\\(.)/g, '$1'))
}
