// Plays a surveillance centre for a collector under test and says of each rule of the connection whether it was kept. Needs Node 20 or later.
// node check-connection.mjs --protocol relp|syslog [--port 20514] [--messages 100] [--seconds 300] [--cert PEM --key PEM --ca PEM]
import { readFileSync } from 'node:fs'
import { createServer as createPlain } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { parseArgs } from 'node:util'

const MAX_OCTETS = 64_000
const MAX_SKEW_MS = 5 * 60_000
const header =
  /^<(\d{1,3})>1 (\S+) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) (-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: |$)/
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})$/

const { values } = parseArgs({
  options: {
    protocol: { type: 'string', default: 'relp' },
    port: { type: 'string', default: '20514' },
    messages: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '300' },
    cert: { type: 'string' },
    key: { type: 'string' },
    ca: { type: 'string' },
  },
})
const wanted = Number(values.messages)
const isTls = values.cert !== undefined && values.key !== undefined

/** Faults by rule, and how often a rule was looked at. */
const rules = {
  'C-1': 'TLS 1.2 or later with a client certificate',
  'C-2': 'framing, at most 64,000 octets',
  'C-3': 'header of RFC 5424',
  'C-4': 'timestamp with zone, within 5 minutes',
  'C-5': 'hostname of the device',
  'C-6': 'UTF-8',
  'C-7': 'sent again after a broken connection',
}
const judged = new Map(Object.keys(rules).map((rule) => [rule, { looks: 0, faults: [] }]))

function judge(rule, isKept, fault) {
  const row = judged.get(rule)
  row.looks++
  if (!isKept && row.faults.length < 5) row.faults.push(fault)
}

let taken = 0
let hasBroken = false
/** Messages that were read and not answered when the connection was broken. */
const owed = new Set()

function takeMessage(octets) {
  taken++
  judge('C-2', octets.length <= MAX_OCTETS, `a message of ${octets.length} octets`)
  const text = octets.toString('utf8')
  judge('C-6', Buffer.from(text, 'utf8').equals(octets), `not UTF-8: ${text.slice(0, 80)}`)
  const [, priority, time, host] = header.exec(text) ?? []
  judge('C-3', priority !== undefined && Number(priority) <= 191, `no header of RFC 5424: ${text.slice(0, 80)}`)
  if (time !== undefined) {
    const skewMs = Math.abs(Date.parse(time) - Date.now())
    judge('C-4', timestamp.test(time) && skewMs <= MAX_SKEW_MS, `the timestamp ${time}`)
    judge('C-5', host !== '-', 'the hostname is "-"')
  }
  owed.delete(text)
  if (owed.size === 0 && hasBroken) judge('C-7', true, '')
}

/** Octet counting: `LENGTH SP MESSAGE`. */
function readSyslog(socket, buffered) {
  const head = /^(\d{1,6}) /.exec(buffered.subarray(0, 8).toString('latin1'))
  if (head === null) {
    if (buffered.length >= 8) {
      judge('C-2', false, `no octet count before: ${buffered.subarray(0, 40).toString()}`)
      socket.destroy()
    }
    return null
  }
  const end = head[0].length + Number(head[1])
  if (buffered.length < end) return null
  takeMessage(buffered.subarray(head[0].length, end))
  return buffered.subarray(end)
}

/** RELP: `TXNR SP COMMAND SP LENGTH [SP DATA] LF`. */
function readRelp(socket, buffered, session) {
  const head = /^(\d{1,9}) (open|syslog|close) (\d{1,9})[ \n]/.exec(buffered.subarray(0, 40).toString('latin1'))
  if (head === null) {
    if (buffered.length >= 40) {
      judge('C-2', false, `no frame of RELP: ${buffered.subarray(0, 40).toString()}`)
      socket.destroy()
    }
    return null
  }
  const [whole, number, command, length] = head
  const start = whole.length - (Number(length) === 0 ? 1 : 0)
  const end = start + Number(length)
  if (buffered.length <= end) return null
  judge('C-2', buffered[end] === 10, `frame ${number} does not end with a line feed`)
  if (session.last !== null) judge('C-7', Number(number) === session.last + 1, `frame ${number} after ${session.last}`)
  session.last = Number(number)
  const data = buffered.subarray(start, end)
  if (command === 'open') answer(socket, number, '200 OK\nrelp_version=0\nrelp_software=tocsin-check\ncommands=syslog')
  else if (command === 'close') {
    answer(socket, number, '')
    socket.end()
  } else {
    takeMessage(data)
    // Half way, one message stays without an answer and the connection breaks: it must come again.
    if (!hasBroken && taken >= wanted / 2) {
      hasBroken = true
      owed.add(data.toString('utf8'))
      socket.destroy()
      return null
    }
    answer(socket, number, '200 OK')
  }
  return buffered.subarray(end + 1)
}

const answer = (socket, number, text) => socket.write(`${number} rsp ${Buffer.byteLength(text)}${text === '' ? '' : ' '}${text}\n`)

function serve(socket) {
  if (isTls) {
    const isKnown = socket.authorized === true
    judge('C-1', isKnown, `the client certificate: ${socket.authorizationError ?? 'none was given'}`)
  }
  const session = { last: null }
  const read = values.protocol === 'relp' ? readRelp : readSyslog
  let buffered = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk])
    while (buffered.length > 0 && !socket.destroyed) {
      const rest = read(socket, buffered, session)
      if (rest === null) break
      buffered = rest
    }
    if (taken >= wanted && owed.size === 0) finish()
  })
}

function finish() {
  if (taken < wanted) console.log(`only ${taken} of ${wanted} messages came`)
  if (owed.size > 0) judge('C-7', false, 'a message without an answer did not come again')
  let isKept = taken >= wanted
  for (const [rule, { looks, faults }] of judged) {
    const verdict = looks === 0 ? 'not judged' : faults.length === 0 ? 'kept' : 'BROKEN'
    if (faults.length > 0) isKept = false
    console.log(`${rule}\t${verdict}\t${rules[rule]}${faults.length === 0 ? '' : `: ${String(faults[0])}`}`)
  }
  console.log(isKept ? `all rules are kept over ${taken} messages` : 'not conformant')
  process.exit(isKept ? 0 : 1)
}

const tls = isTls && {
  cert: readFileSync(values.cert),
  key: readFileSync(values.key),
  ...(values.ca === undefined ? {} : { ca: readFileSync(values.ca) }),
  requestCert: true,
  rejectUnauthorized: false,
  minVersion: 'TLSv1.2',
}
const server = isTls ? createTls(tls, serve) : createPlain(serve)
server.listen(Number(values.port), isTls ? undefined : '127.0.0.1', () => console.log(`listening on port ${server.address().port}`))
setTimeout(finish, Number(values.seconds) * 1_000)
