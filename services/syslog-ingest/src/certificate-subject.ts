/**
 * One spelling for a certificate's subject, so that the registry may hold what `openssl x509 -subject`, a browser or
 * RFC 4514 prints: attribute types in capitals, no spaces around separators, attributes sorted. Takes `CN=fw1,O=Body`,
 * `O = Body, CN = fw1` or one attribute a line (Node); escaped commas stay part of their value.
 */
export function canonicalSubject(subject: string): string {
  return subject
    .split(/\n|(?<!\\),/)
    .map((attribute) => attribute.trim())
    .filter((attribute) => attribute !== '')
    .map((attribute) => {
      const equals = attribute.indexOf('=')
      if (equals === -1) return attribute
      return `${attribute.slice(0, equals).trim().toUpperCase()}=${attribute.slice(equals + 1).trim()}`
    })
    .sort()
    .join('\n')
}
