import type { Pattern } from '../mapping/patterns.ts'

const authentication = ['authentication']
const session = ['session']

/** What PAM modules write into the log of whatever program uses them. */
export const pamPatterns: readonly Pattern[] = [
  {
    shape: /session opened for user (\S+?)(?:\(uid=\d{1,10}\))? by (\S{1,128}?)\(uid=(\d{1,10})\)/,
    names: 'user.target.name user.name user.id',
    category: session,
    type: ['start'],
    action: 'logged-on',
    outcome: 'success',
  },
  {
    shape: /session opened for user (\S+?)(?:\(uid=\d{1,10}\))?(?: by (?:\(uid=(\d{1,10})\))?|$)/,
    names: 'user.name user.id',
    category: session,
    type: ['start'],
    action: 'logged-on',
    outcome: 'success',
  },
  {
    shape: /session closed for user (\S+)/,
    names: 'user.name',
    category: session,
    type: ['end'],
    action: 'logged-off',
    outcome: 'success',
  },
  {
    shape:
      /authentication failures?; logname=(?:\S{0,128}) uid=(\d{0,10}) euid=\d{0,10} tty=\S{0,64} ruser=\S{0,128} rhost=(\S{0,253})(?: {1,2}user=(\S{1,128}))?/,
    names: 'user.id source.ip user.name',
    category: authentication,
    type: ['start'],
    action: 'authentication_failure',
    outcome: 'failure',
  },
  {
    shape: /password changed for (\S+)/,
    names: 'user.name',
    category: ['iam'],
    type: ['user', 'change'],
    action: 'password_changed',
    outcome: 'success',
  },
  {
    shape: /check pass; user unknown/,
    category: authentication,
    type: ['start'],
    action: 'authentication_failure',
    outcome: 'failure',
  },
  {
    shape: /user \[?'?([^\s\]']{1,128})'?\]? (?:not found|unknown|does not exist)/,
    names: 'user.name',
    category: authentication,
    type: ['start'],
    action: 'authentication_failure',
    outcome: 'failure',
  },
]
