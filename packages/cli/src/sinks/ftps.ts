import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type Certificate, makeCertificates } from './certificates.ts'
import { findDebianProgram, type Unpacked } from './debian-program.ts'
import { startFtpSrv } from './ftps-stand-in.ts'
import { freePort, untilListening } from './listening.ts'

/** What the server allows: a usual account, TLS from the first octet, an account that may only write, or no TLS at all. */
export type FtpsMode = 'explicit' | 'implicit' | 'write-only' | 'plain'

/** How to start a server. */
export interface FtpsOptions {
  /** Folder for configuration, certificates, log and the account's home; made when absent, kept after a stop. */
  dir: string
  /** A free port when absent. */
  port?: number
  mode?: FtpsMode
  /** Days that the server's certificate holds from now; negative: it has expired. */
  certificateDays?: number
  /** More settings of vsftpd, by name. */
  settings?: Readonly<Record<string, string>>
}

/** A running FTPS server on loopback with its own certificate authority. */
export interface FtpsServer {
  host: string
  port: number
  user: string
  password: string
  /** PEM of the authority that signed its certificate. */
  caFile: string
  /** Home of the account on the disk: `incident/`, `attachment/` and the lists. */
  root: string
  /** vsftpd, or ftp-srv where no vsftpd can be had. */
  kind: 'vsftpd' | 'ftp-srv'
  /** What the server wrote into its log so far. */
  log(): string
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const PASSWORD = 'tocsin-demo'

/**
 * Starts a real FTPS server: Debian's vsftpd, unpacked into the cache and run without privileges; where it cannot be had,
 * the npm package ftp-srv, said on standard error. TLS sessions of data connections must be reused, as many receivers ask.
 */
export async function startFtps(options: FtpsOptions): Promise<FtpsServer> {
  const { dir, port, mode = 'explicit', certificateDays = 30, settings = {} } = options
  const root = join(dir, 'root')
  for (const folder of ['incident', 'attachment']) mkdirSync(join(root, folder), { recursive: true })
  const certificate = makeCertificates(dir, certificateDays)
  const listenPort = port ?? (await freePort())
  const binary = findVsftpd()
  if (binary === null) return startFtpSrv(dir, root, listenPort, mode, certificate, { password: PASSWORD })
  return startVsftpd(
    binary,
    dir,
    root,
    listenPort,
    { ...vsftpdSettings(dir, root, listenPort, mode, certificate), ...settings },
    certificate,
  )
}

const findVsftpd = (): Unpacked | null =>
  findDebianProgram('usr/sbin/vsftpd', ['vsftpd', 'libwrap0', 'libpam0g', 'libcap2'], ['-v'])

/** vsftpd's settings. Without root there is no PAM: the account is `anonymous` with a list of passwords that are let in. */
function vsftpdSettings(
  dir: string,
  root: string,
  port: number,
  mode: FtpsMode,
  { serverFile }: Certificate,
): Record<string, string> {
  const tls = mode !== 'plain'
  return {
    listen: 'YES',
    listen_address: HOST,
    listen_port: String(port),
    background: 'NO',
    run_as_launching_user: 'YES',
    seccomp_sandbox: 'NO',
    local_enable: 'NO',
    anonymous_enable: 'YES',
    ftp_username: userInfo().username,
    anon_root: root,
    secure_email_list_enable: 'YES',
    email_password_file: join(dir, 'passwords'),
    write_enable: 'YES',
    anon_upload_enable: 'YES',
    anon_other_write_enable: 'YES',
    anon_world_readable_only: 'NO',
    anon_umask: '022',
    pasv_address: HOST,
    vsftpd_log_file: join(dir, 'vsftpd.log'),
    xferlog_enable: 'YES',
    log_ftp_protocol: 'YES',
    ssl_enable: tls ? 'YES' : 'NO',
    ...(tls
      ? {
          allow_anon_ssl: 'YES',
          force_anon_logins_ssl: 'YES',
          force_anon_data_ssl: 'YES',
          require_ssl_reuse: 'YES',
          ssl_tlsv1: 'NO',
          ssl_sslv2: 'NO',
          ssl_sslv3: 'NO',
          implicit_ssl: mode === 'implicit' ? 'YES' : 'NO',
          rsa_cert_file: serverFile,
          rsa_private_key_file: serverFile,
        }
      : {}),
    ...(mode === 'write-only' ? { cmds_denied: 'RNFR,RNTO,SIZE,MDTM,LIST,NLST,STAT,DELE,RETR' } : {}),
  }
}

async function startVsftpd(
  binary: Unpacked,
  dir: string,
  root: string,
  port: number,
  settings: Readonly<Record<string, string>>,
  certificate: Certificate,
): Promise<FtpsServer> {
  const configFile = join(dir, 'vsftpd.conf')
  const logFile = join(dir, 'vsftpd.log')
  writeFileSync(join(dir, 'passwords'), `${PASSWORD}\n`, { mode: 0o600 })
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(configFile, lines.join(''))
  appendFileSync(logFile, '')
  const child = spawn(binary.path, [configFile], {
    // A group of its own: the sessions are children of the listener and must end with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(binary.libraries === null ? {} : { LD_LIBRARY_PATH: binary.libraries }) },
  })
  let said = ''
  child.stdout.on('data', (data: Buffer) => {
    said += data
  })
  child.stderr.on('data', (data: Buffer) => {
    said += data
  })
  const ended = once(child, 'exit')
  await untilListening(
    port,
    () => child.exitCode === null,
    () => `vsftpd did not start: ${said.trim()}`,
  )
  return {
    host: HOST,
    port,
    user: 'anonymous',
    password: PASSWORD,
    caFile: certificate.caFile,
    root,
    kind: 'vsftpd',
    log: () => readFileSync(logFile, 'utf8'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
      process.kill(-child.pid, 'SIGTERM')
      await ended
    },
  }
}
