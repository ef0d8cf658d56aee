import { type Pattern, readPatterns } from '../mapping/patterns.ts'
import type { Parser } from '../parser.ts'
import { pamPatterns } from './pam.ts'

const authentication = ['authentication']
const start = ['start']
const info = ['info']
const peer = String.raw`(\S+)(?: port (\d{1,5}))?`
const login = { category: authentication, type: start, action: 'ssh_login' } as const

/** OpenSSH and Dropbear. `ssh_login` is the action of every attempt; the outcome tells them apart. */
const patterns: readonly Pattern[] = [
  {
    ...login,
    shape: new RegExp(String.raw`^Accepted (\S+) for (\S+) from ${peer}`),
    names: 'tocsin.ssh.method user.name source.ip source.port',
    outcome: 'success',
  },
  {
    ...login,
    shape: new RegExp(
      String.raw`^(?:error: )?(?:Failed|Postponed) (\S+) for (?:invalid user |illegal user )?<?(.{0,128}?)>? from ${peer}(?: ssh\d?)?(?:$|: | \[|\s)`,
    ),
    names: 'tocsin.ssh.method user.name source.ip source.port',
    outcome: 'failure',
  },
  {
    ...login,
    shape: new RegExp(String.raw`^(?:Invalid|Illegal) user (.{0,128}?) ?from ${peer}$`),
    names: 'user.name source.ip source.port',
    outcome: 'failure',
  },
  {
    ...login,
    shape: new RegExp(String.raw`^(?:input_userauth_request: )?invalid user (\S{0,128})`),
    names: 'user.name',
    outcome: 'failure',
  },
  { ...login, shape: /^User (\S+) from (\S+) not allowed because/, names: 'user.name source.ip', outcome: 'failure' },
  {
    ...login,
    shape: /^ROOT LOGIN REFUSED FROM (\S+)/i,
    names: 'source.ip',
    outcome: 'failure',
    extra: { 'user.name': 'root' },
  },
  {
    ...login,
    shape: new RegExp(
      String.raw`maximum authentication attempts exceeded for (?:invalid user )?(.{0,128}?) from ${peer}`,
    ),
    names: 'user.name source.ip source.port',
    outcome: 'failure',
  },
  {
    ...login,
    shape: /^(?:error: )?PAM: .{0,80}? for (?:illegal user |invalid user )?(\S+) from (\S+)/,
    names: 'user.name source.ip',
    outcome: 'failure',
  },
  {
    ...login,
    shape:
      /^(?:Bad password attempt|Password auth succeeded|Pubkey auth succeeded|Login attempt) for (?:nonexistent user)?(?: ?'([^']{0,128})')?.{0,80} from (\S+)/,
    names: 'user.name source.ip',
  },
  {
    category: authentication,
    type: info,
    action: 'ssh_preauth_closed',
    shape: new RegExp(
      String.raw`^(?:Connection (?:closed|reset)|Disconnected|Disconnecting) (?:by|from|) ?(?:authenticating|invalid) user (\S{0,128}) ${peer}`,
    ),
    names: 'user.name source.ip source.port',
    outcome: 'failure',
  },
  {
    category: ['network'],
    type: ['connection', 'end'],
    action: 'ssh_disconnect',
    shape: new RegExp(String.raw`^Disconnected from user (\S+) ${peer}`),
    names: 'user.name source.ip source.port',
  },
  {
    category: ['network'],
    type: ['connection', 'end'],
    action: 'ssh_disconnect',
    shape:
      /^(?:error: )?(?:Received disconnect|Disconnected) from ([0-9A-Fa-f.:]{2,45}?)(?: port (\d{1,5}))?(?::|$|\s)/,
    names: 'source.ip source.port',
  },
  {
    category: ['network'],
    type: ['connection', 'end'],
    action: 'ssh_connection_closed',
    shape: new RegExp(
      String.raw`^(?:Connection (?:closed|reset)|Connection \S+|Close session|Timeout).{0,60}? (?:by|from) ${peer}`,
    ),
    names: 'source.ip source.port',
  },
  {
    category: ['network'],
    type: ['connection', 'info'],
    action: 'ssh_probe',
    shape: new RegExp(
      String.raw`(?:Did not receive identification string|Bad protocol version identification '.{0,512}'|Bad remote protocol version identification: '.{0,512}') from ${peer}`,
    ),
    names: 'source.ip source.port',
  },
  {
    category: ['network'],
    type: ['connection', 'denied'],
    action: 'ssh_refused',
    shape: new RegExp(String.raw`(?:Unable to negotiate with|refused connect from|Connection from) ${peer}`),
    names: 'source.ip source.port',
  },
  {
    category: ['network'],
    type: ['info'],
    action: 'ssh_reverse_mapping',
    shape: /(?:reverse mapping checking|Address) .{0,200}?\[?((?:\d{1,3}\.){3}\d{1,3})\]?/,
    names: 'source.ip',
  },
  ...pamPatterns,
]

export const sshd: Parser = {
  name: 'sshd',
  log: { product: 'linux', service: 'sshd', category: 'authentication' },
  recognises: ({ header }) => header.application !== undefined && /^(?:sshd|dropbear)/.test(header.application),
  read(line, event) {
    event.set('process.name', line.header.application?.replace(/\(.{0,30}$/, ''))
    event.fill('event.category', ['authentication'])
    event.fill('event.type', ['info'])
    // Solaris puts a message id before the text.
    const text = line.message.replace(/^\[ID \d{1,8} \S{1,30}\] /, '')
    readPatterns(patterns, text.slice(0, 8192), event)
    return true
  },
}
