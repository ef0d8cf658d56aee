/** A line as a login server sends it, 110 octets or so, ended by LF. */
export function lineOf(n: number): string {
  return `<38>Mar  1 00:00:${String(n % 60).padStart(2, '0')} web-${n % 50} sshd[${1_000 + (n % 30_000)}]: Failed password for root from 192.0.2.${n % 256} port ${1_024 + (n % 60_000)} ssh2\n`
}

/** Lines of four devices in turns: a login server, a firewall, a sensor with an RFC 5424 header, a web server; about 170 octets. */
export function mixedLineOf(n: number): string {
  switch (n % 4) {
    case 0:
      return lineOf(n)
    case 1:
      return `<134>Mar  1 00:00:11 fw-${n % 20} kernel: DROP IN=eth0 OUT= SRC=198.51.100.${n % 250} DST=192.0.2.${n % 200} LEN=60 TOS=0x00 TTL=${40 + (n % 20)} ID=${n % 65_536} DF PROTO=TCP SPT=${1_024 + (n % 60_000)} DPT=${n % 1_024} WINDOW=64240 SYN\n`
    case 2:
      return `<165>1 2026-03-01T00:00:11.123456+05:00 ids-${n % 9} sensor ${n % 30_000} - [origin ip="192.0.2.7"][meta sequenceId="${n}"] scan from 203.0.113.${n % 250} to port ${n % 1_024}, classified as reconnaissance, priority 2\n`
    default:
      return `<190>Mar  1 00:00:11 www-${n % 30} nginx: 203.0.113.${n % 250} - - [01/Mar/2026:00:00:11 +0000] "GET /page/${n % 900}?id=${n} HTTP/1.1" 200 ${n % 9_000} "-" "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101"\n`
  }
}
