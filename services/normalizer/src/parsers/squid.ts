import { setGroups } from '../mapping/patterns.ts'
import type { Parser } from '../parser.ts'
import { readTimeAt } from '../time/read-time.ts'

const shape =
  /(?:^|\s)(\d{9,10}\.\d{3}) {1,8}(-?\d{1,10}) ([0-9A-Fa-f.:]{2,45}|[\w.-]{1,253}) ([A-Z_]{3,40})\/(\d{3}) (\d{1,15}) ([A-Z_]{3,24}) (\S{1,16384}) (\S{1,256}) ([A-Z_]{3,40})\/(\S{1,253})(?: (\S{1,128}))?/

/** Squid's native access log: time, elapsed, client, result/status, bytes, method, URL, user, hierarchy/peer, type. */
export const squid: Parser = {
  name: 'squid',
  log: { product: 'squid', category: 'proxy' },
  frames: ['text', 'key-value'],
  recognises: ({ text }) => /\d{9,10}\.\d{3} {1,8}-?\d{1,10} \S{2,253} [A-Z_]{3,40}\/\d{3} /.test(text.slice(0, 400)),
  read(line, event) {
    const match = shape.exec(line.text.slice(0, 32_768))
    if (match === null) return false
    event.time = readTimeAt(match[1] ?? '', 0, { receivedAt: line.receivedAt, timeZone: line.timeZone })?.time
    setGroups(
      '_ _ source.ip tocsin.proxy.result http.response.status_code http.response.bytes http.request.method url.original user.name _ destination.ip http.response.mime_type',
      match,
      event,
    )
    const denied = (match[4] ?? '').includes('DENIED')
    event.classify(
      ['web', 'network'],
      ['access', denied ? 'denied' : 'allowed'],
      denied ? 'denied' : 'allowed',
      Number(match[5]) >= 400 ? 'failure' : 'success',
    )
    if (match[7] === 'CONNECT') event.set('url.domain', /^([^:/]{1,253})/.exec(match[8] ?? '')?.[1])
    return true
  },
}
