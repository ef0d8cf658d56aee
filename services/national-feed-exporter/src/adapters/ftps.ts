import { isIP } from 'node:net'
import { Readable } from 'node:stream'
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate } from 'node:tls'
import { type Clock, messageOf } from '@tocsin/runtime'
import { Client, enterPassiveModeIPv4, enterPassiveModeIPv6, type FTPContext, FTPError } from 'basic-ftp'
import type { SendResult, Transport, UploadFile, UploadJob } from '../transport.ts'
import { backOffMs } from '../upload.ts'

/** Where and how to upload. */
export interface FtpsSettings {
  host: string
  port: number
  user: string
  password: string
  /** PEM of the authorities that may have signed the server's certificate; the system's own when absent. */
  ca?: string
  /** SHA-256 fingerprint of the server's certificate, hexadecimal, asked for besides the chain. */
  fingerprint?: string
  implicit: boolean
  /** Directory that the account was given, relative to its home; empty for the home itself. */
  directory: string
  maxTlsVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** Longest silence of a socket and longest job, milliseconds. */
  idleTimeoutMs?: number
  jobTimeoutMs?: number
}

/** A connection is renewed after this time or number of files, before a session ticket can expire (formats.md 8). */
const RENEW_AFTER_MS = 30 * 60_000
const RENEW_AFTER_FILES = 500
/** The server knows the command but not for this account, or not at all. */
const REFUSED = new Set([500, 502, 504, 550, 553])

/**
 * Uploads over FTPS, one job at a time. TLS 1.2 or higher, chain and host name always verified; a server without TLS gets neither user nor
 * password. Each file: temporary name, rename, size check; where the account may not rename, straight to
 * its name; where it may not ask sizes, `verified` is false. After any error the connection is closed (a server may have
 * dropped the session silently), and after a failed connect the endpoint is left alone for a while.
 */
export class FtpsTransport implements Transport {
  readonly address: string
  readonly #settings: FtpsSettings
  readonly #clock: Clock
  #queue: Promise<unknown> = Promise.resolve()
  #client: Client | null = null
  #connectedAt = 0
  #files = 0
  #mayRename = true
  #failures = 0
  #awayUntil = 0

  constructor(settings: FtpsSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
    const path = settings.directory === '' ? '' : `/${settings.directory}`
    this.address = `${settings.implicit ? 'ftps-implicit' : 'ftps'}://${settings.host}:${settings.port}${path}`
  }

  send(job: UploadJob): Promise<SendResult> {
    const sent = this.#queue.then(() => this.#sendNow(job))
    this.#queue = sent
    return sent
  }

  /** Ends the connection; a job under way fails and is tried again elsewhere. */
  close(): void {
    this.#client?.close()
    this.#client = null
  }

  async #sendNow(job: UploadJob): Promise<SendResult> {
    const startedAt = this.#clock.now()
    if (startedAt < this.#awayUntil) return { kind: 'not-tried', retryAt: this.#awayUntil, at: startedAt }
    const empty = job.files.find((file) => file.content.length === 0)
    if (empty !== undefined) {
      return this.#failed('empty_file', `${empty.path} is empty and is never uploaded.`, startedAt)
    }
    // One deadline for the whole job: a server that answers a byte a minute must not hold the queue.
    const deadline = setTimeout(() => this.close(), this.#settings.jobTimeoutMs ?? 60_000)
    let connected = false
    try {
      const client = await this.#connected()
      connected = true
      let verified = true
      let reply = ''
      for (const file of job.files) {
        const result = await this.#put(client, file)
        verified &&= result.verified
        reply = result.reply
      }
      this.#files += job.files.length
      return { kind: 'delivered', verified, reply, startedAt, at: this.#clock.now() }
    } catch (error) {
      this.close()
      if (connected && error instanceof FTPError && error.code !== 421) {
        return this.#failed('upload_refused', error.message, startedAt)
      }
      this.#failures++
      this.#awayUntil = this.#clock.now() + backOffMs(this.#failures)
      return this.#failed('endpoint_away', messageOf(error), startedAt)
    } finally {
      clearTimeout(deadline)
    }
  }

  #failed(code: string, reply: string, startedAt: number): SendResult {
    return { kind: 'failed', code, reply: reply.slice(0, 512), startedAt, at: this.#clock.now() }
  }

  async #connected(): Promise<Client> {
    const aged = this.#clock.now() - this.#connectedAt > RENEW_AFTER_MS || this.#files >= RENEW_AFTER_FILES
    if (this.#client !== null && (this.#client.closed || aged)) this.close()
    if (this.#client !== null) return this.#client
    const { host, port, user, password, implicit, idleTimeoutMs } = this.#settings
    const client = new Client(idleTimeoutMs ?? 15_000)
    client.prepareTransfer = passiveAtControlHost()
    this.#client = client
    await client.access({
      host,
      port,
      user,
      password,
      secure: implicit ? 'implicit' : true,
      secureOptions: tlsOptions(this.#settings),
    })
    this.#connectedAt = this.#clock.now()
    this.#files = 0
    this.#failures = 0
    return client
  }

  async #put(client: Client, file: UploadFile): Promise<{ verified: boolean; reply: string }> {
    const path = this.#settings.directory === '' ? file.path : `${this.#settings.directory}/${file.path}`
    const bytes = file.content.length
    // An answer may have been lost after success: what stands there whole is not sent again.
    if (file.replaces !== true && (await sizeOf(client, path)) === bytes)
      return { verified: true, reply: `213 ${bytes} (was there already)` }
    let reply: string | null = null
    if (this.#mayRename) {
      const part = `${path}.part`
      reply = await store(client, file.content, part)
      try {
        await client.rename(part, path)
      } catch (error) {
        if (!isRefusal(error)) throw error
        this.#mayRename = false
        await client.remove(part, true).catch(() => undefined)
        reply = null
      }
    }
    reply ??= await store(client, file.content, path)
    const size = await sizeOf(client, path)
    if (size !== null && size !== bytes)
      throw new FTPError({ code: 451, message: `${path} has ${size} of ${bytes} bytes` })
    return { verified: size !== null, reply }
  }
}

/**
 * Opens data connections to the host of the control connection, whatever address a server behind NAT names in its answer to
 * PASV: nothing ever goes to a third host. EPSV names no address and is asked first; a server that refuses it is not asked again.
 */
function passiveAtControlHost(): Client['prepareTransfer'] {
  let mayExtend = true
  return async (ftp: FTPContext) => {
    if (mayExtend || ftp.socket.remoteFamily === 'IPv6') {
      try {
        return await enterPassiveModeIPv6(ftp)
      } catch (error) {
        if (!(error instanceof FTPError) || error.code < 500) throw error
        mayExtend = false
      }
    }
    const request = ftp.request.bind(ftp)
    const answered = new Proxy(ftp, {
      get(target, name) {
        if (name !== 'request') return Reflect.get(target, name, target) as unknown
        return async (command: string) => {
          const response = await request(command)
          const host = (ftp.socket.remoteAddress ?? '').replace(/^::ffff:/i, '').replaceAll('.', ',')
          return { ...response, message: response.message.replace(/\d+,\d+,\d+,\d+(?=,\d+,\d+)/, host) }
        }
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    })
    return enterPassiveModeIPv4(answered)
  }
}

async function store(client: Client, content: Buffer, path: string): Promise<string> {
  const response = await client.uploadFrom(Readable.from([content]), path)
  return response.message
}

/** Size of a file, or null: it is not there, or the account may not ask. */
async function sizeOf(client: Client, path: string): Promise<number | null> {
  try {
    return await client.size(path)
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
}

const isRefusal = (error: unknown): boolean => error instanceof FTPError && REFUSED.has(error.code)

/** TLS of both connections: 1.2 or higher, chain, host name, and the pinned fingerprint where one is set. */
export function tlsOptions({ host, ca, fingerprint, maxTlsVersion }: FtpsSettings): ConnectionOptions {
  return {
    // The data connections take these options too: without the host they would be verified against "localhost".
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    minVersion: 'TLSv1.2',
    ...(maxTlsVersion === undefined ? {} : { maxVersion: maxTlsVersion }),
    checkServerIdentity: (name: string, certificate: PeerCertificate) => {
      const wrong = checkServerIdentity(name, certificate)
      if (wrong !== undefined || fingerprint === undefined) return wrong
      const plain = (text: string) => text.replaceAll(':', '').toLowerCase()
      if (plain(certificate.fingerprint256) === plain(fingerprint)) return undefined
      return new Error('The certificate of the FTPS server has another fingerprint than the pinned one.')
    },
  }
}
