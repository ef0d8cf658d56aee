import { randomInt } from 'node:crypto'

/** Lines of the sources in deploy/registry/bodies.yaml, and the addresses that they send from. */
export const FROM = {
  kzSsh: '127.2.0.1',
  kzFirewall: '127.2.0.2',
  twIds: '127.3.0.1',
  twFirewall: '127.3.0.2',
  vnWeb: '127.1.0.1',
  vnDefence: '127.1.0.9',
  stranger: '127.9.9.8',
} as const

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Nov  2 09:14:03`, `hours` east of UTC (RFC 3164 4.1.2). */
export function bsdTime(atMs: number, hours: number): string {
  const time = new Date(atMs + hours * 3_600_000).toISOString()
  const day = String(Number(time.slice(8, 10))).padStart(2, ' ')
  return `${MONTHS[Number(time.slice(5, 7)) - 1]} ${day} ${time.slice(11, 19)}`
}

/** A refused login in Kazakhstan: an ordinary line, found again by its user. */
export function failedLogin(atMs: number, user: string, address = '10.0.0.5'): string {
  return `<86>${bsdTime(atMs, 5)} gw1 sshd[4711]: Failed password for invalid user ${user} from ${address} port 51000 ssh2`
}

/** Root logs in from outside: one line that is a Kazakh incident by itself. */
export function rootLogin(atMs: number, attacker: string): string {
  return `<86>${bsdTime(atMs, 5)} gw1 sshd[4711]: Accepted password for root from ${attacker} port 51999 ssh2`
}

/** Twenty-five ports tried at the Taiwanese gateway: a correlated detection, from which a ticket is cut. */
export function portScan(atMs: number, attacker: string): string[] {
  return Array.from({ length: 25 }, (_, n) => {
    const packet = `IN=eth0 OUT= MAC=02:00:00:00:00:01 SRC=${attacker} DST=192.0.2.70 LEN=44 TTL=48 ID=${n} PROTO=TCP SPT=44123 DPT=${20 + n * 7} WINDOW=1024 SYN URGP=0`
    return `<4>${bsdTime(atMs + n * 100, 8)} fw01 kernel: [FW-DROP] ${packet}`
  })
}

/** An SQL injection at the Vietnamese portal. */
export function webAttack(atMs: number, attacker: string): string {
  const time = new Date(atMs + 7 * 3_600_000).toISOString()
  const access = `${time.slice(8, 10)}/${MONTHS[Number(time.slice(5, 7)) - 1]}/${time.slice(0, 4)}:${time.slice(11, 19)} +0700`
  return `<134>${bsdTime(atMs, 7)} web1 nginx: ${attacker} - - [${access}] "GET /ho-so/tra-cuu?ma=1'%20or%20'1'='1 HTTP/1.1" 200 48213 "-" "Mozilla/5.0"`
}

/** A public address of the range for benchmarks (RFC 2544), where nobody lives, that no other attack of the run has used. */
export function newAttacker(): string {
  return `198.${18 + randomInt(2)}.${randomInt(256)}.${randomInt(1, 255)}`
}
