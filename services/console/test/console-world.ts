// A console in a process of its own on a real broker and registry, with topics of its own, and a browserless client.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { applyTopics, withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand, type Publisher } from '@tocsin/stage/kafka'
import { startVictim, type Victim } from '@tocsin/test/support/kill'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { commands } from '../src/commands.ts'

const root = join(import.meta.dirname, '../../..')

export const PASSWORD = 'a long enough pass phrase'

export interface ConsoleWorld {
  stack: Stack
  env: Record<string, string>
  folder: string
  kafka: Awaited<ReturnType<typeof openKafkaForCommand>>
  publisher: Publisher
  /** Starts a console and gives its address when it listens. */
  startConsole(env?: Record<string, string>): Promise<{ address: string; victim: Victim }>
  startIncidentManager(): Victim
  /** Adds an account by the command line; it has changed its first password by the time it is given back. */
  account(address: string, name: string, role: string, ...constituents: string[]): Promise<Client>
  firstPassword(): string
  close(): Promise<void>
}

export async function consoleWorld(): Promise<ConsoleWorld> {
  const stack = await startStack({ kafka: true, registry: true, elasticsearch: true })
  const prefix = `console-${process.pid}.`
  const folder = mkdtempSync(join(tmpdir(), 'console-'))
  const env = {
    ...stack.env,
    TOCSIN_TOPIC_PREFIX: prefix,
    TOCSIN_DATA: join(folder, 'data'),
    TOCSIN_CLOCK_FILE: join(folder, 'clock'),
    TOCSIN_ADMIN_PORT: '0',
    CONSOLE_PORT: '0',
    CONSOLE_PACKS: join(root, 'regulations'),
    INCIDENT_MANAGER_PACKS: join(root, 'regulations'),
  }
  await applyTopics(stack.kafka, join(root, 'deploy/topics/topics.yaml'), prefix)
  const kafka = await openKafkaForCommand(env)
  const publisher = await kafka.publisher()
  const victims: Victim[] = []
  const start = (script: string, more: Record<string, string> = {}): Victim => {
    const victim = startVictim(join(root, script), { env: { ...env, ...more } })
    victims.push(victim)
    return victim
  }
  return {
    stack,
    env,
    folder,
    kafka,
    publisher,
    async startConsole(more = {}) {
      const victim = start('services/console/src/main.ts', more)
      const line = await victim.lineLike(/"msg":"listening"/, 60_000)
      const { address } = JSON.parse(line) as { address: string }
      return { address, victim }
    },
    startIncidentManager: () => start('services/incident-manager/src/main.ts', { TOCSIN_LOG_LEVEL: 'warn' }),
    async account(address, name, role, ...constituents) {
      const bound = constituents.flatMap((id) => ['--constituent', id])
      const first = `first ${PASSWORD}`
      await run(env, 'accounts add', [name, '--role', role, ...bound], first)
      const client = new Client(address)
      await client.signIn(name, first)
      const changed = await client.post('/api/session/password', { password: first, newPassword: PASSWORD })
      assert.equal(changed.status, 200, await changed.text())
      client.keepCookie(changed)
      return client
    },
    firstPassword: () => readFileSync(join(env.TOCSIN_DATA, 'first-password'), 'utf8').trim(),
    async close() {
      for (const victim of victims)
        if (victim.child.exitCode === null && victim.child.signalCode === null) await victim.kill()
      await kafka.close()
      await withAdmin(stack.kafka, async (admin) => {
        const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
        if (topics.length > 0) await admin.deleteTopics({ topics })
      })
      await stack.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Runs a command of the console with text on its standard input; gives exit code and what it wrote. */
export async function run(env: Record<string, string>, name: string, args: string[], input = '') {
  const command = commands.find((one) => one.name === name)
  assert.ok(command, name)
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const io = {
    stdin: Readable.from([input]),
    stdout,
    stderr,
    env,
    signal: new AbortController().signal,
  }
  const code = await command.run(args, io)
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

/** What a page would send: cookie, origin, header. */
export class Client {
  readonly address: string
  cookie = ''

  constructor(address: string) {
    this.address = address
  }

  async signIn(name: string, password: string): Promise<Response> {
    const response = await this.post('/api/session', { name, password })
    if (response.ok) this.keepCookie(response)
    return response
  }

  keepCookie(response: Response): void {
    const cookie = response.headers.get('set-cookie') ?? ''
    assert.match(cookie, /HttpOnly/)
    assert.match(cookie, /SameSite=Strict/)
    this.cookie = cookie.split(';', 1)[0] ?? ''
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.address + path, { headers: { cookie: this.cookie, ...headers } })
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.send('POST', path, body, headers)
  }

  send(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const own = { cookie: this.cookie, origin: this.address, 'x-tocsin-console': '1' }
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
    return fetch(this.address + path, {
      method,
      headers: { ...own, ...type, ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    })
  }

  /** Reads the stream until `isEnough` of its text, or until it ends. */
  async stream(
    path: string,
    isEnough: (text: string) => boolean,
    headers: Record<string, string> = {},
  ): Promise<string> {
    const stop = new AbortController()
    const response = await fetch(this.address + path, {
      headers: { cookie: this.cookie, ...headers },
      signal: stop.signal,
    })
    if (response.body === null || response.status !== 200) return await response.text()
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      if (isEnough(text)) break
    }
    stop.abort()
    return text
  }
}

/** Waits until `look` gives something; the deadline is real time, what is waited for is another process. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 60_000,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadlineMs) throw new Error(`${what} did not happen within ${withinMs} ms`)
    await pause(50)
  }
}
