const BYTES = '$base64'

/** Takes a record; gives it as JSON, with octets as `{"$base64": "…"}`. `readRecord` reads it back. */
export function recordText(record: object, indent = 0): string {
  return JSON.stringify(record, octetsAsText, indent)
}

/** Takes JSON as `recordText` writes it; gives the record. Throws `SyntaxError`. */
export function readRecord(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    const octets = isOctets(value) ? value[BYTES] : null
    return octets === null ? value : Buffer.from(octets, 'base64')
  })
}

// JSON.stringify has called Buffer.toJSON by the time it gives the value: the holder still has the octets.
function octetsAsText(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const held = this[name]
  return Buffer.isBuffer(held) ? { [BYTES]: held.toString('base64') } : value
}

function isOctets(value: unknown): value is { [BYTES]: string } {
  if (typeof value !== 'object' || value === null) return false
  const entries = Object.entries(value)
  return entries.length === 1 && entries[0]?.[0] === BYTES && typeof entries[0][1] === 'string'
}
