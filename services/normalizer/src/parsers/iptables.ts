import type { Parser } from '../parser.ts'
import { readMac } from '../values.ts'

/** Linux netfilter (`LOG` target, UFW, firewalld, routers built on it): `IN= OUT= MAC= SRC= DST= … PROTO= SPT= DPT=`. */
export const iptables: Parser = {
  name: 'iptables',
  log: { product: 'linux', service: 'iptables', category: 'firewall' },
  frames: ['text', 'key-value'],
  recognises: ({ message }) =>
    (message.includes('SRC=') && message.includes('DST=')) || / PROTO=\w{2,8} SPT=\d/.test(message.slice(0, 2000)),
  read(line, event) {
    event.endpoint('source', line.value('SRC'), line.value('SPT'))
    event.endpoint('destination', line.value('DST'), line.value('DPT'))
    event.set('network.transport', line.value('PROTO')?.toLowerCase())
    event.set('observer.ingress.interface.name', line.value('IN'))
    event.set('observer.egress.interface.name', line.value('OUT'))
    readMacs(line.value('MAC'), (name, mac) => event.set(name, readMac(mac)))
    const prefix = readPrefix(line.message)
    const action = actionOf(prefix)
    event.classify(['network'], action === undefined ? ['connection'] : ['connection', action], action)
    event.set('rule.name', prefix)
    return true
  },
}

/** The field holds destination MAC, source MAC and the Ethernet type in one: 6 + 6 + 2 octets. */
function readMacs(text: string | undefined, set: (name: string, mac: string) => void): void {
  if (text === undefined || text.length < 35) return
  set('destination.mac', text.slice(0, 17))
  set('source.mac', text.slice(18, 35))
}

/** What the rule's `--log-prefix` put before `IN=`, kernel time aside. */
function readPrefix(message: string): string | undefined {
  const end = message.indexOf('IN=')
  if (end <= 0) return undefined
  const text = message
    .slice(0, Math.min(end, 200))
    .replace(/^\s*\[\s*\d{1,12}\.\d{1,9}\]\s*/, '')
    .replace(/(?:DESCR="[^"]{0,100}"|:)\s*$/, '')
    .trim()
  return text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
}

function actionOf(prefix: string | undefined): 'denied' | 'allowed' | undefined {
  if (prefix === undefined) return undefined
  if (/drop|den[yi]|block|reject|bad|invalid|-[DR](?:-|$|\])/i.test(prefix)) return 'denied'
  if (/accept|allow|permit|-A(?:-|$|\])/i.test(prefix)) return 'allowed'
  return undefined
}
