/** One numbered record that is to be sent. */
export interface NumberedRecord {
  /** Number within its source, consecutive. */
  seq: number
  sourceId: string
  /** Time that the line names, UTC ms. */
  atMs: number
}

/** Takes a numbered record; gives its line. Every line holds `genSource=<source> genSeq=<number>`, by which it is found again. */
export type Format = (record: NumberedRecord) => string

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const iso = (atMs: number): string => new Date(atMs).toISOString()

/** `Nov  2 04:05:06`, UTC (RFC 3164 4.1.2). */
function bsdTime(atMs: number): string {
  const time = iso(atMs)
  const day = String(Number(time.slice(8, 10))).padStart(2, ' ')
  return `${MONTHS[Number(time.slice(5, 7)) - 1]} ${day} ${time.slice(11, 19)}`
}

/** `22/Nov/2026:04:05:06 +0000`, as web servers write it. */
function accessLogTime(atMs: number): string {
  const time = iso(atMs)
  return `${time.slice(8, 10)}/${MONTHS[Number(time.slice(5, 7)) - 1]}/${time.slice(0, 4)}:${time.slice(11, 19)} +0000`
}

const mark = ({ sourceId, seq }: NumberedRecord): string => `genSource=${sourceId} genSeq=${seq}`

/** A documentation address (RFC 5737) and a port that follow from the number. */
const client = ({ seq }: NumberedRecord) => ({ address: `192.0.2.${seq % 256}`, port: 1_024 + (seq % 60_000) })

/** Formats by name. */
export const formats: Readonly<Record<string, Format>> = {
  rfc3164: (record) => `<13>${bsdTime(record.atMs)} ${record.sourceId} gen: numbered record ${mark(record)}`,
  rfc5424: (record) =>
    `<13>1 ${iso(record.atMs)} ${record.sourceId} gen - ${record.seq} [gen@32473 genSource="${record.sourceId}" genSeq="${record.seq}"] numbered record ${mark(record)}`,
  sshd: (record) => {
    const { address, port } = client(record)
    return `<38>${bsdTime(record.atMs)} ${record.sourceId} sshd[${1_000 + (record.seq % 30_000)}]: Failed password for invalid user user${record.seq % 100} from ${address} port ${port} ssh2 ${mark(record)}`
  },
  sudo: (record) =>
    `<85>${bsdTime(record.atMs)} ${record.sourceId} sudo:  operator : TTY=pts/0 ; PWD=/home/operator ; USER=root ; COMMAND=/bin/true ${mark(record)}`,
  nginx: (record) => {
    const { address } = client(record)
    return `<190>${bsdTime(record.atMs)} ${record.sourceId} nginx: ${address} - - [${accessLogTime(record.atMs)}] "GET /page?${mark(record).replace(' ', '&')} HTTP/1.1" 200 512 "-" "gen/1.0"`
  },
  iptables: (record) => {
    const { address, port } = client(record)
    return `<4>${bsdTime(record.atMs)} ${record.sourceId} kernel: DROP IN=eth0 OUT= SRC=${address} DST=198.51.100.7 LEN=60 TTL=64 PROTO=TCP SPT=${port} DPT=22 SYN ${mark(record)}`
  },
  cef: (record) => {
    const { address, port } = client(record)
    return `<134>${bsdTime(record.atMs)} ${record.sourceId} CEF:0|Tocsin|gen|1.0|100|numbered record|3|rt=${record.atMs} src=${address} spt=${port} dst=198.51.100.7 dpt=443 cs1Label=genSource cs1=${record.sourceId} cn1Label=genSeq cn1=${record.seq} msg=${mark(record).replaceAll('=', '\\=')}`
  },
  json: (record) => {
    const { address, port } = client(record)
    return `<14>${JSON.stringify({ '@timestamp': iso(record.atMs), host: { name: record.sourceId }, source: { ip: address, port }, message: `numbered record ${mark(record)}`, genSource: record.sourceId, genSeq: record.seq })}`
  },
}

/** A format from a text with `{seq}`, `{source}`, `{iso}`, `{bsd}` and `{ms}` in it. */
export function templateFormat(template: string): Format {
  return ({ seq, sourceId, atMs }) =>
    template.replace(/\{(seq|source|iso|bsd|ms)\}/g, (_, name: string) => {
      switch (name) {
        case 'seq':
          return String(seq)
        case 'source':
          return sourceId
        case 'iso':
          return iso(atMs)
        case 'bsd':
          return bsdTime(atMs)
        default:
          return String(atMs)
      }
    })
}
