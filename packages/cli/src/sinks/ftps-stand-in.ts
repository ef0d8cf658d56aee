import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Certificate } from './certificates.ts'
import type { FtpsMode, FtpsServer } from './ftps.ts'

/** Starts the stand-in, in this process: explicit and implicit TLS only. */
export async function startFtpSrv(
  dir: string,
  root: string,
  port: number,
  mode: FtpsMode,
  { caFile, serverFile }: Certificate,
  account: { password: string },
): Promise<FtpsServer> {
  process.stderr.write('ftps: no vsftpd on this machine and none could be unpacked; ftp-srv stands in for it.\n')
  // A name that the type checker does not follow: the package is optional and has no part in production.
  const name: string = 'ftp-srv'
  const { FtpSrv } = (await import(name)) as { FtpSrv: new (options: object) => StandIn }
  const host = '127.0.0.1'
  const server = new FtpSrv({
    url: `${mode === 'implicit' ? 'ftps' : 'ftp'}://${host}:${port}`,
    pasv_url: host,
    tls: mode === 'plain' ? false : { key: readFileSync(join(dir, 'server.key')), cert: readFileSync(serverFile) },
    ...(mode === 'write-only'
      ? { blacklist: ['RNFR', 'RNTO', 'SIZE', 'MDTM', 'LIST', 'NLST', 'STAT', 'DELE', 'RETR'] }
      : {}),
  })
  server.on('login', ({ username, password }, resolve, reject) => {
    if (username === 'anonymous' && password === account.password) resolve({ root })
    else reject(new Error('Login incorrect.'))
  })
  await server.listen()
  return {
    host,
    port,
    user: 'anonymous',
    password: account.password,
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
