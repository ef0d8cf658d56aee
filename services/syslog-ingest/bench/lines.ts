/** A line as a login server sends it, 110 octets or so, ended by LF. */
export function lineOf(n: number): string {
  return `<38>Mar  1 00:00:${String(n % 60).padStart(2, '0')} web-${n % 50} sshd[${1_000 + (n % 30_000)}]: Failed password for root from 192.0.2.${n % 256} port ${1_024 + (n % 60_000)} ssh2\n`
}
