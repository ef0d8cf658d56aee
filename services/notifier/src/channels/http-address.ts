/** Whether a message may be posted there: https, or http where that is allowed; no account in the address. */
export function isAllowed(address: string, httpsOnly: boolean): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, username, password } = new URL(address)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && !httpsOnly)
}
