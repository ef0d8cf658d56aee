import { type Pattern, readPatterns } from '../mapping/patterns.ts'
import type { Parser } from '../parser.ts'
import { pamPatterns } from './pam.ts'

const programs =
  /^(?:su|login|passwd|chpasswd|chage|chfn|chsh|useradd|userdel|usermod|groupadd|groupdel|groupmod|gpasswd|adduser|deluser|systemd-logind|CRON|crond?|anacron|polkitd?|pkexec|gdm\S{0,30}|lightdm|sddm|runuser|rlogin|remote|rshd|telnetd|in\.telnetd|rexecd|unix_chkpwd|auth|newusers|at|atd|systemd|systemd-user|xrdp-sesman|vsftpd|webmin|perl|saslauthd|nslcd|screen|pam|usermgr)(?:\(pam_unix\))?$/
const iam = ['iam']

const patterns: readonly Pattern[] = [
  {
    shape: /^new user: name=([^\s,]+), UID=(\d{1,10})/,
    names: 'user.name user.id',
    category: iam,
    type: ['user', 'creation'],
    action: 'added-user-account',
    outcome: 'success',
  },
  {
    shape: /^failed adding user '([^']{1,128})'/,
    names: 'user.name',
    category: iam,
    type: ['user', 'creation'],
    action: 'added-user-account',
    outcome: 'failure',
  },
  {
    shape: /^delete user '([^']{1,128})'/,
    names: 'user.name',
    category: iam,
    type: ['user', 'deletion'],
    action: 'deleted-user-account',
    outcome: 'success',
  },
  {
    shape: /^(?:new group: name=([^\s,]+)|group added to \S+ name=([^\s,]+))/,
    names: 'group.name group.name',
    category: iam,
    type: ['group', 'creation'],
    action: 'added-group-account',
    outcome: 'success',
  },
  {
    shape: /^removed? (?:shadow )?group ['`]?([^\s'`]{1,128})['`]?/,
    names: 'group.name',
    category: iam,
    type: ['group', 'deletion'],
    action: 'deleted-group-account',
    outcome: 'success',
  },
  {
    shape: /^add ['`]([^'`]{1,128})['`] to (?:shadow )?group ['`]([^'`]{1,128})['`]/,
    names: 'user.name group.name',
    category: iam,
    type: ['group', 'change'],
    action: 'added-user-to-group',
    outcome: 'success',
  },
  {
    shape: /^chang(?:e|ed) user ['`]([^'`]{1,128})['`]/,
    names: 'user.name',
    category: iam,
    type: ['user', 'change'],
    action: 'changed-user-account',
    outcome: 'success',
  },
  {
    shape: /^Successful su for (\S+) by (\S+)/,
    names: 'user.effective.name user.name',
    category: ['authentication'],
    type: ['start'],
    action: 'su',
    outcome: 'success',
  },
  {
    shape: /^FAILED su for (\S+) by (\S+)/i,
    names: 'user.effective.name user.name',
    category: ['authentication'],
    type: ['start'],
    action: 'su',
    outcome: 'failure',
  },
  {
    shape: /^(?:BAD SU|'?su )(\S+) to (\S+)/,
    names: 'user.name user.effective.name',
    category: ['authentication'],
    type: ['start'],
    action: 'su',
    outcome: 'failure',
  },
  {
    shape: /^FAILED LOGIN .{0,40}?(?:FROM (\S+) )?FOR ['`]?([^'`,]{1,128})['`,]/i,
    names: 'source.ip user.name',
    category: ['authentication'],
    type: ['start'],
    action: 'login',
    outcome: 'failure',
  },
  {
    shape: /^ROOT LOGIN {1,2}ON (\S+)/,
    names: 'process.tty.name',
    category: ['authentication'],
    type: ['start'],
    action: 'login',
    outcome: 'success',
    extra: { 'user.name': 'root' },
  },
  {
    shape: /^New session (\S+) of user ([^\s.]+)/,
    names: 'tocsin.session.id user.name',
    category: ['session'],
    type: ['start'],
    action: 'session_opened',
    outcome: 'success',
  },
  {
    shape: /^Removed session (\S+?)\.?$/,
    names: 'tocsin.session.id',
    category: ['session'],
    type: ['end'],
    action: 'session_closed',
  },
  {
    shape: /^\((\S{1,128})\) CMD \((.{0,4096})\)$/,
    names: 'user.name process.command_line',
    category: ['process'],
    type: ['start'],
    action: 'cron_job',
  },
  ...pamPatterns,
]

/** su, login, account tools, cron and session managers: whatever speaks through auth.log and is not sshd or sudo. */
export const linuxAuth: Parser = {
  name: 'linux_auth',
  log: { product: 'linux', service: 'auth', category: 'authentication' },
  recognises: ({ header, message }) =>
    header.application !== undefined &&
    (programs.test(header.application) || message.startsWith('pam_') || message.startsWith('PAM ')),
  read(line, event) {
    event.set('process.name', line.header.application?.replace(/\(.{0,30}$/, ''))
    return readPatterns(patterns, line.message.slice(0, 8192), event)
  },
}
