import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

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
