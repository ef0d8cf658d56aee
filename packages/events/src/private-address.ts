/** Whether an address is one that networks use inside: RFC 1918, RFC 6598, loopback, link-local, RFC 4193. */
export function isPrivateAddress(ip: string): boolean {
  if (ip.includes(':')) return /^(?:f[cd]|fe[89ab]|::1$)/i.test(ip)
  const [first = '', second = ''] = ip.split('.', 2)
  const a = Number(first)
  const b = Number(second)
  return (
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b <= 127)
  )
}
