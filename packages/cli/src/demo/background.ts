import { line, type StoryLine, senders, wall, ZONES } from './line.ts'

/** A small generator of numbers from a seed (Lehmer), so that a story can be told again. */
export function numbersFrom(seed: number): (below: number) => number {
  let state = (seed % 2_147_483_646) + 1
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

type Pick = (below: number) => number
type Maker = (atMs: number, pick: Pick) => StoryLine

const pages = ['/', '/dich-vu', '/tin-tuc?trang=2', '/ho-so/tra-cuu', '/static/app.css', '/static/logo.svg', '/lien-he']
const people = ['aliya', 'dauren', 'marat', 'saule']
const names = ['www.agency.example', 'mail.agency.example', 'time.example', 'updates.vendor.example']

const makers: readonly Maker[] = [
  (atMs, pick) => {
    const page = pages[pick(pages.length)] ?? '/'
    const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
    const request = `192.0.2.${100 + pick(100)} - - [${wall(atMs, ZONES.vn).access}] "GET ${page} HTTP/1.1" ${pick(9) === 0 ? 304 : 200} ${400 + pick(9_000)} "-" "${agent}"`
    return line(senders.vnWeb, `<134>${wall(atMs, ZONES.vn).syslog} web1 nginx: ${request}`)
  },
  (atMs, pick) => {
    const { date, time } = wall(atMs, ZONES.vn)
    const fields = `date=${date} time=${time} devname="fw1" devid="FG100E0000000000" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=192.0.2.${100 + pick(100)} srcport=${30_000 + pick(30_000)} srcintf="wan1" dstip=192.0.2.10 dstport=443 dstintf="dmz" policyid=7 sessionid=${pick(900_000)} proto=6 action="close" duration=${pick(60)} sentbyte=${pick(9_000)} rcvdbyte=${pick(90_000)} service="HTTPS"`
    return line(senders.vnFirewall, `<189>${fields}`)
  },
  (atMs, pick) => {
    const person = people[pick(people.length)] ?? 'aliya'
    const key = `SHA256:${'Kx9'.repeat(6)}${pick(1_000)}`
    return line(
      senders.kzSsh,
      `<86>${wall(atMs, ZONES.kz).syslog} gw1 sshd[${1_000 + pick(9_000)}]: Accepted publickey for ${person} from 10.20.0.${2 + pick(200)} port ${40_000 + pick(20_000)} ssh2: ED25519 ${key}`,
    )
  },
  (atMs, pick) => {
    const connection = 100_000 + pick(900_000)
    const text = `%ASA-6-302013: Built outbound TCP connection ${connection} for outside:192.0.2.${200 + pick(40)}/443 (192.0.2.${200 + pick(40)}/443) to inside:10.0.0.${2 + pick(200)}/${40_000 + pick(20_000)} (192.0.2.41/${40_000 + pick(20_000)})`
    return line(senders.kzFirewall, `<166>${wall(atMs, ZONES.kz).syslog} asa1 : ${text}`)
  },
  (atMs, pick) => {
    const event = {
      '@timestamp': new Date(atMs).toISOString(),
      log_name: 'Security',
      host: { name: 'dc1' },
      winlog: {
        channel: 'Security',
        provider_name: 'Microsoft-Windows-Security-Auditing',
        event_id: 4624,
        computer_name: 'dc1.ministry.example',
        record_id: pick(900_000),
        event_data: {
          TargetUserName: people[pick(people.length)],
          TargetDomainName: 'MINISTRY',
          LogonType: '3',
          IpAddress: `10.0.0.${2 + pick(200)}`,
          IpPort: String(49_152 + pick(9_000)),
          WorkstationName: 'ws',
        },
      },
      event: { code: '4624', provider: 'Microsoft-Windows-Security-Auditing', outcome: 'success' },
    }
    return line(senders.kzWindows, `<134>1 ${new Date(atMs).toISOString()} dc1 winlog - - - ${JSON.stringify(event)}`)
  },
  (atMs, pick) => {
    const event = {
      timestamp: new Date(atMs).toISOString().replace('Z', '+0000'),
      flow_id: 10_000 + pick(900_000),
      in_iface: 'eth1',
      event_type: 'dns',
      src_ip: `10.0.0.${20 + pick(100)}`,
      src_port: 30_000 + pick(30_000),
      dest_ip: '10.0.0.2',
      dest_port: 53,
      proto: 'UDP',
      dns: { type: 'query', id: pick(60_000), rrname: names[pick(names.length)], rrtype: 'A' },
    }
    return line(senders.twIds, `<134>${wall(atMs, ZONES.tw).syslog} ids3 suricata[811]: ${JSON.stringify(event)}`)
  },
  (atMs, pick) => {
    const packet = `IN=eth0 OUT=eth1 MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=10.0.0.${20 + pick(100)} DST=192.0.2.${200 + pick(40)} LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=${pick(60_000)} DF PROTO=TCP SPT=${30_000 + pick(30_000)} DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0`
    return line(senders.twFirewall, `<4>${wall(atMs, ZONES.tw).syslog} fw01 kernel: [FW-ACCEPT] ${packet}`)
  },
  (atMs, pick) => {
    const name = names[pick(names.length)] ?? 'www.agency.example'
    const client = `client @0x7f0000000000 10.0.0.${20 + pick(100)}#${30_000 + pick(30_000)} (${name}): query: ${name} IN A +E(0)K (10.0.0.2)`
    return line(senders.twDns, `<30>${wall(atMs, ZONES.tw).syslog} ns01 named[622]: ${client}`)
  },
]

/** Ordinary traffic: `rounds` lines of each source, spread over the minutes before `endMs`. Nothing of it is an attack. */
export function background(endMs: number, rounds: number, seed: number): StoryLine[] {
  const pick = numbersFrom(seed)
  const lines: StoryLine[] = []
  for (let round = 0; round < rounds; round++) {
    for (const maker of makers) lines.push(maker(endMs - (rounds - round) * 200, pick))
  }
  return lines
}
