import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { TocsinError } from '@tocsin/runtime'
import type { CentreLink, OutgoingLine } from '../../collect/centre-link.ts'
import type { CollectConfig } from '../../collect/config.ts'
import { RelpWindow, relpFrame } from '../../collect/relp-window.ts'
import { type RelpFrame, RelpFramer } from '../../relp-framing.ts'
import { away, connectCentre } from './centre-socket.ts'

const OFFERS = Buffer.from('relp_version=0\nrelp_software=tocsin-collect\ncommands=syslog')
const ANSWER_MAX_BYTES = 4_096
const OPEN_TIMEOUT_MS = 15_000
const EMPTY: Buffer = Buffer.alloc(0)

/**
 * RELP to the centre: every line is answered, and a line without an answer is sent again in the next session. An answer other
 * than 200 ends the session: what comes after a refused line must not arrive before it.
 */
export async function openRelp(
  address: string,
  afterSeq: number,
  centre: CollectConfig['centre'],
): Promise<CentreLink> {
  const socket = await connectCentre(address, centre)
  const link = new RelpLink(socket, address, afterSeq, centre.window)
  await link.open()
  return link
}

class RelpLink implements CentreLink {
  readonly #socket: Socket
  readonly #address: string
  readonly #windowLines: number
  readonly #window: RelpWindow
  readonly #framer = new RelpFramer((frame) => this.#take(frame), ANSWER_MAX_BYTES)
  #openTxnr = 0
  #opened = false
  #closeTxnr = 0
  #goodbye = false
  #failure: Error | null = null
  #waiters: (() => void)[] = []

  constructor(socket: Socket, address: string, afterSeq: number, windowLines: number) {
    this.#windowLines = windowLines
    this.#socket = socket
    this.#address = address
    this.#window = new RelpWindow(afterSeq)
    socket.on('data', (chunk: Buffer) => {
      if (!this.#framer.push(chunk)) this.#fail(new Error('what it answers is no RELP'))
      this.#wake()
    })
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the connection was closed')))
  }

  async open(): Promise<void> {
    this.#openTxnr = this.#window.nextTxnr()
    this.#socket.write(relpFrame(this.#openTxnr, 'open', OFFERS))
    const late = setTimeout(() => this.#fail(new Error('no answer to open in 15 s')), OPEN_TIMEOUT_MS)
    while (!this.#opened && this.#failure === null) await this.progress()
    clearTimeout(late)
    if (this.#failure !== null) throw this.#failure
  }

  async send(lines: readonly OutgoingLine[]): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    const frames = lines.map(({ seq, octets }) => relpFrame(this.#window.sent(seq), 'syslog', octets))
    if (this.#socket.write(Buffer.concat(frames))) return
    const over = new AbortController()
    const { signal } = over
    await Promise.race([once(this.#socket, 'drain', { signal }), once(this.#socket, 'close', { signal })]).catch(
      () => {},
    )
    over.abort()
  }

  arrivedSeq(): number {
    return this.#window.arrivedSeq
  }

  room(): number {
    return this.#failure === null ? this.#windowLines - this.#window.size : 0
  }

  failure(): Error | null {
    return this.#failure
  }

  progress(): Promise<void> {
    if (this.#failure !== null) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  async close(limitMs: number): Promise<void> {
    if (this.#failure === null) {
      this.#closeTxnr = this.#window.nextTxnr()
      this.#socket.write(relpFrame(this.#closeTxnr, 'close', EMPTY))
      const late = new AbortController()
      const gone = pause(limitMs, undefined, { signal: late.signal }).catch(() => {})
      while (!this.#goodbye && this.#failure === null) {
        const over = await Promise.race([this.progress().then(() => false), gone.then(() => true)])
        if (over) break
      }
      late.abort()
    }
    this.#socket.destroy()
  }

  #take({ txnr, command, data }: RelpFrame): void {
    if (command === 'serverclose') {
      this.#fail(new Error('the centre closes the session'))
      return
    }
    if (command !== 'rsp') return
    const answer = data.toString('latin1', 0, 200).split('\n')[0] as string
    if (!answer.startsWith('200')) {
      const text = `The centre at ${this.#address} refuses (${answer.replace(/[^\x20-\x7e]/g, '?')}): is this collector registered there, with its certificate and the format tocsin-collect?`
      this.#fail(new TocsinError('centre_refused', text))
    } else if (txnr === this.#openTxnr) this.#opened = true
    else if (txnr === this.#closeTxnr) this.#goodbye = true
    else this.#window.answered(txnr)
  }

  #fail(error: Error): void {
    if (this.#failure === null) {
      this.#failure = error instanceof TocsinError ? error : away(this.#address, error)
      this.#socket.destroy()
    }
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }
}
