import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type Certificate, makeCertificates } from 'tocsin/sinks/certificates'
import { findDebianProgram, type Unpacked } from 'tocsin/sinks/debian-program'
import { freePort, untilListening } from 'tocsin/sinks/listening'

/** The further real servers of H-FTPS, beside vsftpd. */
export type DaemonKind = 'proftpd' | 'pure-ftpd'

/** A running FTPS server on loopback, with one account. */
export interface FtpDaemon {
  host: string
  port: number
  user: string
  password: string
  caFile: string
  root: string
  kind: DaemonKind
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const USER = 'sender'
const PASSWORD = 'tocsin-test'
const NOBODY = 65_534

const PACKAGES: Readonly<Record<DaemonKind, readonly string[]>> = {
  proftpd: [
    'proftpd-core',
    'proftpd-mod-crypto',
    'libhiredis0.14',
    'libmemcached11',
    'libmemcachedutil2',
    'libhashkit2',
    'libpcre2-posix3',
  ],
  'pure-ftpd': ['pure-ftpd', 'pure-ftpd-common', 'libsodium23'],
}

/**
 * Starts ProFTPD or Pure-FTPd from Debian's packages, unpacked into the cache and not installed; gives null where it cannot be
 * had or cannot run (Pure-FTPd needs root). `implicit`: TLS from the first octet, which only ProFTPD of the two can do.
 */
export async function startDaemon(
  kind: DaemonKind,
  { dir, implicit = false, tls = 'TLSv1.2 TLSv1.3' }: { dir: string; implicit?: boolean; tls?: string },
): Promise<FtpDaemon | null> {
  const isRoot = userInfo().uid === 0
  const program = findDebianProgram(`usr/sbin/${kind}`, PACKAGES[kind], kind === 'proftpd' ? ['-v'] : ['--help'])
  if (program === null || (kind === 'pure-ftpd' && (!isRoot || implicit))) return null
  const root = join(dir, 'root')
  const account = ownAccount(isRoot)
  for (const folder of ['', 'incident', 'attachment']) {
    mkdirSync(join(root, folder), { recursive: true })
    if (isRoot) chownSync(join(root, folder), account.uid, account.gid)
  }
  // The account must reach its home through folders that belong to others.
  chmodSync(dir, 0o755)
  const certificate = makeCertificates(dir)
  const port = await freePort()
  const env = { ...process.env, ...(program.libraries === null ? {} : { LD_LIBRARY_PATH: program.libraries }) }
  const start = { dir, root, port, account, certificate, program, env }
  const args = kind === 'proftpd' ? proftpd({ ...start, implicit, tls }) : pureFtpd(start)
  const child = spawn(program.path, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      said += data
    })
  }
  const ended = once(child, 'exit')
  await untilListening(
    port,
    () => child.exitCode === null,
    () => `${kind} did not start: ${said.trim()}`,
  )
  return {
    host: HOST,
    port,
    user: USER,
    password: PASSWORD,
    caFile: certificate.caFile,
    root,
    kind,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
      process.kill(-child.pid, 'SIGTERM')
      await ended
    },
  }
}

interface Account {
  uid: number
  gid: number
  user: string
  group: string
}

/** The one who runs the test; as root, Debian's nobody: these servers let no root in. */
function ownAccount(isRoot: boolean): Account {
  if (isRoot) return { uid: NOBODY, gid: NOBODY, user: 'nobody', group: 'nogroup' }
  const { uid, gid, username } = userInfo()
  return { uid, gid, user: username, group: execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim() }
}

interface Start {
  dir: string
  root: string
  port: number
  account: Account
  certificate: Certificate
  program: Unpacked
  env: NodeJS.ProcessEnv
}

function proftpd({
  dir,
  root,
  port,
  account,
  certificate,
  program,
  implicit,
  tls,
}: Start & { implicit: boolean; tls: string }): string[] {
  const file = (name: string) => join(dir, name)
  writeFileSync(file('passwd'), `${USER}:${hashOf(PASSWORD)}:${account.uid}:${account.gid}::${root}:/bin/sh\n`, {
    mode: 0o600,
  })
  appendFileSync(file('tls.log'), '')
  const modules = program.folder === null ? '/usr/lib/proftpd' : join(program.folder, 'usr/lib/proftpd')
  const lines = [
    'ServerName test',
    'ServerType standalone',
    'DefaultServer on',
    `Port ${port}`,
    `DefaultAddress ${HOST}`,
    'UseIPv6 off',
    'UseReverseDNS off',
    'WtmpLog off',
    `PidFile ${file('proftpd.pid')}`,
    `ScoreboardFile ${file('scoreboard')}`,
    `SystemLog ${file('system.log')}`,
    'TransferLog NONE',
    `ModulePath ${modules}`,
    'LoadModule mod_tls.c',
    'AuthPAM off',
    'AuthOrder mod_auth_file.c',
    `AuthUserFile ${file('passwd')}`,
    'RequireValidShell off',
    'AllowOverwrite on',
    `User ${account.user}`,
    `Group ${account.group}`,
    'TLSEngine on',
    'TLSRequired on',
    `TLSProtocol ${tls}`,
    `TLSRSACertificateFile ${certificate.serverFile}`,
    `TLSRSACertificateKeyFile ${certificate.serverFile}`,
    'TLSVerifyClient off',
    `TLSLog ${file('tls.log')}`,
    ...(implicit ? ['TLSOptions UseImplicitSSL'] : []),
  ]
  writeFileSync(file('proftpd.conf'), `${lines.join('\n')}\n`)
  return ['-n', '-c', file('proftpd.conf')]
}

const hashOf = (password: string): string =>
  execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password, encoding: 'utf8' }).trim()

function pureFtpd({ dir, root, port, account, certificate, program, env }: Start): string[] {
  const pure = (name: string) => (program.folder === null ? `/usr/bin/${name}` : join(program.folder, 'usr/bin', name))
  const file = (name: string) => join(dir, name)
  // Its own hash costs seconds of a processor at every login; this one does not.
  const line = [USER, hashOf(PASSWORD), account.uid, account.gid, '', `${root}/./`, ...Array<string>(12).fill('')]
  writeFileSync(file('pure.passwd'), `${line.join(':')}\n`, { mode: 0o600 })
  execFileSync(pure('pure-pw'), ['mkdb', file('pure.pdb'), '-f', file('pure.passwd')], { env, stdio: 'pipe' })
  // Encrypted data required (-Y 3), no anonymous (-E), no look-ups (-H).
  return [
    '-S',
    `${HOST},${port}`,
    '-l',
    `puredb:${file('pure.pdb')}`,
    '-Y',
    '3',
    '-2',
    certificate.serverFile,
    '-E',
    '-u',
    '1',
    '-g',
    file('pure.pid'),
    '-H',
  ]
}
