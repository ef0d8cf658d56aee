import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

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
  if (binary === null) return startFtpSrv(dir, root, listenPort, mode, certificate)
  return startVsftpd(
    binary,
    dir,
    root,
    listenPort,
    { ...vsftpdSettings(dir, root, listenPort, mode, certificate), ...settings },
    certificate,
  )
}

/** Files of a server's certificate and of the authority that signed it. */
export interface Certificate {
  caFile: string
  /** Certificate and key of the server in one file. */
  serverFile: string
}

/** Makes an authority and a server certificate for localhost and 127.0.0.1 that holds `days` from now, once a folder. */
export function makeCertificates(dir: string, days = 30): Certificate {
  const at = (name: string) => join(dir, name)
  const certificate = { caFile: at('ca.pem'), serverFile: at('server.pem') }
  if (existsSync(certificate.serverFile)) return certificate
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '30',
    '-subj',
    '/CN=Tocsin test authority',
  )
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=localhost',
  )
  writeFileSync(at('names.cnf'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    String(days),
    '-extfile',
    'names.cnf',
    '-out',
    'server.crt',
  )
  writeFileSync(
    certificate.serverFile,
    readFileSync(at('server.crt'), 'utf8') + readFileSync(at('server.key'), 'utf8'),
    { mode: 0o600 },
  )
  return certificate
}

/** A program of a Debian package that runs here, with the libraries that came with it. */
export interface Unpacked {
  path: string
  libraries: string | null
  /** Folder into which the packages were unpacked; null: the machine's own. */
  folder: string | null
}

/**
 * Finds a program of Debian: the machine's own, or its packages unpacked into the cache without being installed; null where there is
 * neither. `path` is that of the machine (`usr/sbin/vsftpd`), `probe` the words with which it only says its version.
 */
export function findDebianProgram(
  path: string,
  packages: readonly string[],
  probe: readonly string[],
): Unpacked | null {
  for (const root of ['/', '/usr/local/'])
    if (existsSync(join(root, path))) return { path: join(root, path), libraries: null, folder: null }
  const [name = ''] = packages
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tocsin', name)
  const program = join(cache, path)
  try {
    if (!existsSync(program)) {
      mkdirSync(cache, { recursive: true })
      const run = (command: string) => execFileSync('sh', ['-c', command], { cwd: cache, stdio: 'pipe' })
      run(`apt-get download ${packages.join(' ')}`)
      run('for deb in *.deb; do dpkg-deb -x "$deb" .; done; rm -f *.deb')
    }
    const libraries = `${join(cache, 'lib/x86_64-linux-gnu')}:${join(cache, 'usr/lib/x86_64-linux-gnu')}`
    execFileSync(program, probe, { env: { ...process.env, LD_LIBRARY_PATH: libraries }, stdio: 'pipe' })
    return { path: program, libraries, folder: cache }
  } catch {
    return null
  }
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

/** The stand-in: in this process, explicit and implicit TLS only. */
async function startFtpSrv(
  dir: string,
  root: string,
  port: number,
  mode: FtpsMode,
  { caFile, serverFile }: Certificate,
): Promise<FtpsServer> {
  process.stderr.write('ftps: no vsftpd on this machine and none could be unpacked; ftp-srv stands in for it.\n')
  // A name that the type checker does not follow: the package is optional and has no part in production.
  const name: string = 'ftp-srv'
  const { FtpSrv } = (await import(name)) as { FtpSrv: new (options: object) => StandIn }
  const server = new FtpSrv({
    url: `${mode === 'implicit' ? 'ftps' : 'ftp'}://${HOST}:${port}`,
    pasv_url: HOST,
    tls: mode === 'plain' ? false : { key: readFileSync(join(dir, 'server.key')), cert: readFileSync(serverFile) },
    ...(mode === 'write-only'
      ? { blacklist: ['RNFR', 'RNTO', 'SIZE', 'MDTM', 'LIST', 'NLST', 'STAT', 'DELE', 'RETR'] }
      : {}),
  })
  server.on('login', ({ username, password }, resolve, reject) => {
    if (username === 'anonymous' && password === PASSWORD) resolve({ root })
    else reject(new Error('Login incorrect.'))
  })
  await server.listen()
  return {
    host: HOST,
    port,
    user: 'anonymous',
    password: PASSWORD,
    caFile,
    root,
    kind: 'ftp-srv',
    log: () => '',
    stop: async () => {
      await server.close()
    },
  }
}

interface StandIn {
  on(
    event: 'login',
    listener: (
      data: { username: string; password: string },
      resolve: (account: { root: string }) => void,
      reject: (error: Error) => void,
    ) => void,
  ): void
  listen(): Promise<unknown>
  close(): Promise<unknown>
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Waits until the port takes connections; throws with `why` when the process has ended or does not listen in five seconds. */
export async function untilListening(port: number, alive: () => boolean, why: () => string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (!alive()) throw new Error(why())
    const socket = connect(port, HOST)
    try {
      await once(socket, 'connect')
      return
    } catch {
      await pause(50)
    } finally {
      socket.destroy()
    }
  }
  throw new Error(why())
}
