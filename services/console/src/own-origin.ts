/**
 * True when a browser's `Origin` (RFC 6454 7) is our own. Takes the header, the `Host` header, and the address that people type
 * where it is set. A request without it is none of our page's: browsers send it with every write.
 */
export function isOwnOrigin(origin: string | undefined, host: string | undefined, configured: string | null): boolean {
  if (origin === undefined || origin === 'null') return false
  try {
    const { protocol, host: named } = new URL(origin)
    if (configured !== null) return new URL(configured).origin === new URL(origin).origin
    return (protocol === 'http:' || protocol === 'https:') && host !== undefined && named === host.toLowerCase()
  } catch {
    return false
  }
}
