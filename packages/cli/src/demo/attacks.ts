import { line, type StoryLine, senders, wall, ZONES } from './line.ts'

/** Addresses of the story; all are for documentation (RFC 5737). */
export const GUESSER = '203.0.113.77'
export const WEB_ATTACKER = '198.51.100.66'
export const LISTED = '198.51.100.200'
export const SCANNER = '203.0.113.150'

/** KZ: passwords for root are guessed, and one is right. */
export function passwordGuessing(startMs: number): StoryLine[] {
  const lines: StoryLine[] = []
  for (let n = 0; n < 12; n++) {
    const time = wall(startMs + n * 1_000, ZONES.kz).syslog
    lines.push(
      line(
        senders.kzSsh,
        `<86>${time} gw1 sshd[4711]: Failed password for root from ${GUESSER} port ${51_000 + n} ssh2`,
      ),
    )
  }
  const time = wall(startMs + 14_000, ZONES.kz).syslog
  lines.push(
    line(senders.kzSsh, `<86>${time} gw1 sshd[4711]: Accepted password for root from ${GUESSER} port 51999 ssh2`),
  )
  return lines
}

/** VN: an SQL injection that the firewall saw and the web server answered. */
export function webAttack(startMs: number): StoryLine[] {
  const { syslog, access, date, time } = wall(startMs, ZONES.vn)
  const url = "/ho-so/tra-cuu?ma=1'%20or%20'1'='1"
  const alert = `[${date} ${time}] [security2:error] [pid 811] [client ${WEB_ATTACKER}:40112] ModSecurity: Warning. detected SQLi using libinjection. [file "/etc/modsecurity/crs/REQUEST-942.conf"] [line "65"] [id "942100"] [msg "SQL Injection Attack Detected via libinjection"] [severity "CRITICAL"] [tag "attack-sqli"] [hostname "dichvucong.example"] [uri "/ho-so/tra-cuu"] [unique_id "Zx0000000000000000000001"]`
  const request = `${WEB_ATTACKER} - - [${access}] "GET ${url} HTTP/1.1" 200 48213 "-" "Mozilla/5.0 (Windows NT 10.0)"`
  return [
    line(senders.vnWaf, `<131>${syslog} waf1 modsecurity: ${alert}`),
    line(senders.vnWeb, `<134>${syslog} web1 nginx: ${request}`),
  ]
}

/** TW: a workstation calls a listed address again and again. */
export function beacon(startMs: number): StoryLine[] {
  const lines: StoryLine[] = []
  for (let n = 0; n < 10; n++) {
    const time = wall(startMs + n * 1_500, ZONES.tw).syslog
    const packet = `IN=eth1 OUT=eth0 SRC=10.0.0.5 DST=${LISTED} LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=${7_000 + n} DF PROTO=TCP SPT=${50_100 + n} DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0`
    lines.push(line(senders.twFirewall, `<4>${time} fw01 kernel: [FW-ACCEPT] ${packet}`))
  }
  return lines
}

/** TW: many ports of the public server are tried; firewall and sensor both see it. */
export function scan(startMs: number): StoryLine[] {
  const lines: StoryLine[] = []
  for (let n = 0; n < 30; n++) {
    const time = wall(startMs + n * 300, ZONES.tw).syslog
    const packet = `IN=eth0 OUT= MAC=02:00:00:00:00:01:02:00:00:00:00:03:08:00 SRC=${SCANNER} DST=192.0.2.70 LEN=44 TOS=0x00 PREC=0x00 TTL=48 ID=${n} PROTO=TCP SPT=44123 DPT=${20 + n * 7} WINDOW=1024 RES=0x00 SYN URGP=0`
    lines.push(line(senders.twFirewall, `<4>${time} fw01 kernel: [FW-DROP] ${packet}`))
  }
  const alert = {
    timestamp: new Date(startMs + 4_000).toISOString().replace('Z', '+0000'),
    flow_id: 77_001,
    in_iface: 'eth1',
    event_type: 'alert',
    src_ip: SCANNER,
    src_port: 44123,
    dest_ip: '192.0.2.70',
    dest_port: 22,
    proto: 'TCP',
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: 2009582,
      rev: 4,
      signature: 'ET SCAN NMAP -sS window 1024',
      category: 'Attempted Information Leak',
      severity: 2,
    },
  }
  lines.push(
    line(senders.twIds, `<134>${wall(startMs + 4_000, ZONES.tw).syslog} ids3 suricata[811]: ${JSON.stringify(alert)}`),
  )
  return lines
}

/** What must not get in: a body outside the law's scope, and a sender that nobody registered. */
export function refused(startMs: number): StoryLine[] {
  const time = wall(startMs, ZONES.vn).syslog
  return [
    ...Array.from({ length: 5 }, (_, n) =>
      line(
        senders.vnDefence,
        `<86>${time} secret sshd[1]: Failed password for root from ${GUESSER} port ${n + 1} ssh2`,
        'refused',
      ),
    ),
    ...Array.from({ length: 4 }, (_, n) => line(senders.stranger, `<13>${time} nobody app: message ${n}`, 'refused')),
  ]
}

/** Frames that cannot be read, and frames that nobody knows: the first become dead letters, the others stay events. */
export function oddLines(startMs: number): StoryLine[] {
  const time = wall(startMs, ZONES.kz).syslog
  return [
    line(senders.kzSsh, '   ', 'rejected'),
    line(senders.twDns, ' \t ', 'rejected'),
    line(senders.kzSsh, '%%%\u0000 something that no parser knows \u0001\u0002'),
    line(senders.kzSsh, `<86>${time} gw1 weird: ${'x'.repeat(20_000)}`),
  ]
}
